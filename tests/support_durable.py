"""Worker processes that tests may kill, and a look at what they did."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from adreel.orchestrator.steps import JobEngine, JobState

PATIENCE = 60.0
_PROGRAM = Path(__file__).with_name("support_durable_worker.py")


async def until(condition: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        await asyncio.sleep(0.02)


async def until_over(engine: JobEngine, workflow_id: str, seconds: float = PATIENCE) -> JobState:
    return await until_state(engine, workflow_id, lambda state: state.is_over, seconds)


async def until_state(
    engine: JobEngine, workflow_id: str, wanted: Callable[[JobState], bool], seconds: float = PATIENCE
) -> JobState:
    deadline = time.monotonic() + seconds
    while True:
        state = await engine.status(workflow_id)
        if state is not None and wanted(state):
            return state
        assert time.monotonic() < deadline, f"{workflow_id} stays {state}"
        await asyncio.sleep(0.02)


@dataclass
class Crew:
    """Workers on one database, which write into one folder."""

    url: str
    folder: Path
    ttl: float
    processes: list[subprocess.Popen[bytes]]

    def hire(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, _PROGRAM, self.url, self.folder, str(self.ttl)]
        process = subprocess.Popen(command, stderr=subprocess.PIPE)
        self.processes.append(process)
        return process

    async def hired(self) -> subprocess.Popen[bytes]:
        """A worker that takes work."""
        process = self.hire()
        await self.ready(process)
        return process

    async def ready(self, process: subprocess.Popen[bytes]) -> None:
        await until(
            lambda: (self.folder / f"ready-{process.pid}").exists() or process.poll() is not None,
            "a worker to be ready",
        )
        assert process.poll() is None, process.stderr.read().decode() if process.stderr else ""

    def reached(self, name: str) -> bool:
        return (self.folder / f"reached-{name}").exists()

    def go(self) -> None:
        (self.folder / "go").touch()

    def journal(self) -> list[str]:
        """What steps wrote, in order, without who wrote it."""
        return [line.split()[0] for line in self._lines()]

    def written_by(self, process: subprocess.Popen[bytes]) -> list[str]:
        return [line.split()[0] for line in self._lines() if line.split()[1] == str(process.pid)]

    def _lines(self) -> list[str]:
        journal = self.folder / "journal"
        return journal.read_text(encoding="utf-8").splitlines() if journal.exists() else []


@contextmanager
def crew(url: str, folder: Path, ttl: float = 2.0) -> Generator[Crew]:
    """The workers are killed at the end of the block."""
    workers = Crew(url, folder, ttl, [])
    try:
        yield workers
    finally:
        for process in workers.processes:
            process.kill()
            process.communicate(timeout=30)


def died(process: subprocess.Popen[bytes]) -> Callable[[], bool]:
    return lambda: process.poll() is not None
