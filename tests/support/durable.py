"""Worker processes that tests may kill, and a look at what they did."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from adreel.orchestrator.engine.steps import JobEngine, JobState
from support import forked

PATIENCE = 60.0
_PROGRAM = Path(__file__).with_name("durable_worker.py")


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
    processes: list[forked.Program]

    def hire(self) -> forked.Program:
        command = [sys.executable, "-P", _PROGRAM, self.url, self.folder, str(self.ttl)]
        with self._errors.open("ab") as errors:
            process = forked.start(command, cwd=self.folder, env=os.environ, stdout=errors, stderr=errors)
        self.processes.append(process)
        return process

    @property
    def _errors(self) -> Path:
        return self.folder / "errors"

    async def hired(self) -> forked.Program:
        """A worker that takes work."""
        process = self.hire()
        await self.ready(process)
        return process

    async def ready(self, process: forked.Program) -> None:
        await until(
            lambda: (self.folder / f"ready-{process.pid}").exists() or process.poll() is not None,
            "a worker to be ready",
        )
        assert process.poll() is None, self._errors.read_text(encoding="utf-8")

    def reached(self, name: str) -> bool:
        return (self.folder / f"reached-{name}").exists()

    def go(self) -> None:
        (self.folder / "go").touch()

    def journal(self) -> list[str]:
        """What steps wrote, in order, without who wrote it."""
        return [line.split()[0] for line in self._lines()]

    def written_by(self, process: forked.Program) -> list[str]:
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
            process.wait(30)


def died(process: forked.Program) -> Callable[[], bool]:
    return lambda: process.poll() is not None
