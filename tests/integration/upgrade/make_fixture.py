"""Makes `d629fb1.tar.xz`: data folders of an older version of adreel, whose worker was killed at a chosen place.

Runs on the code and the tests of that version, not on today's:

    git worktree add /tmp/old d629fb1
    PYTHONPATH=/tmp/old/src:/tmp/old/tests .venv/bin/python -P tests/integration/upgrade/make_fixture.py [CASE...]

Each folder of the archive is one case: `adreel.db`, `engine.db`, `storage/`, the stand-in's `provider/journal.jsonl`, and
`facts.json` with the stand-in's addresses and the sessions. Caches and temporary files are left out: a worker makes them again.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ARCHIVE = Path(__file__).with_name("d629fb1.tar.xz")
OLD_TESTS = Path(importlib.import_module("crash").__file__ or "").parents[1]
HOSTED, WORDS, LOCAL = "seedance-1-pro-fast", "words", "local"
WAITS = "bytedance/seedance-1-pro-fast", "black-forest-labs/flux-pro"
SECONDS = 180.0
SOON = 0.5
ON_ITS_WAY = 3.0
"""Seconds after the kill in which the provider accepts what was sent, and a late customer orders."""


@dataclass(frozen=True)
class Case:
    """`kinds` are the customers of the crash suite; the worker dies at `point`.

    `done`: customers whose films are finished before; `waiting`: customers whose orders are placed, and not done, at the kill;
    `late`: customers whose jobs are in the queue, as no worker has come since.
    """

    name: str
    point: str
    kinds: tuple[str, ...]
    done: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    slow: bool = False


CASES = (
    Case("composing", "film: composing", (LOCAL,), done=(HOSTED,), waiting=(HOSTED, WORDS)),
    Case("film-stored", "film: film stored", (LOCAL,)),
    Case("clip-drawn", "clip: clip stored", (LOCAL,), late=(HOSTED,)),
    Case("order-sent", "clip: POST sent", (HOSTED,), slow=True),
    Case("order-accepted", "clip: POST answered", (HOSTED,)),
    Case("clip-recorded", "clip: asset recorded", (HOSTED,)),
    Case("image-fetched", "image: output fetched", (WORDS,)),
    Case("answer-ordered", "answer: id stored", (WORDS,)),
)


def old(module: str) -> Any:
    return importlib.import_module(module)


async def make_case(case: Case, folder: Path) -> None:
    provider = folder / "provider"
    # Another seed each: the ids of all cases differ, so that one stand-in can go on with all.
    seed = str(CASES.index(case) + 1)
    stand_in = old("support_replicate").StandIn("--seed", seed, "--state", str(provider))
    try:
        stand_in.rules(processing=0.3)
        sessions = await _run_case(case, folder, stand_in)
        facts = {"api": stand_in.api, "outputs": stand_in.outputs, "stopped_at": time.time(), "sessions": sessions}
    finally:
        stand_in.stop()
    _end_waits(provider / "journal.jsonl")
    (folder / "facts.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")


async def _run_case(case: Case, folder: Path, stand_in: Any) -> list[dict[str, Any]]:
    environment = {
        "ADREEL_DATA_DIR": str(folder),
        "ADREEL_JOBS": "2",
        "ADREEL_REPLICATE_API_TOKEN": "token",
        "ADREEL_REPLICATE_BASE_URL": stand_in.api,
        "ADREEL_DOWNLOAD_HOSTS": stand_in.output_host,
    }
    given = {name.removeprefix("ADREEL_").lower(): value for name, value in environment.items()}
    settings = old("adreel.settings").read_settings(**given)
    async with old("adreel.bootstrap.core").open_core(settings) as core:
        client = old("adreel.orchestrator.durable_client").DurableClient(
            old("adreel.bootstrap.database").engine_database_url(settings)
        )
        await client.open()
        try:
            return await _Machine(core, client, environment).go(case, stand_in)
        finally:
            await client.close()


class _Machine:
    """One data folder, with the requests of customers and one worker at a time."""

    def __init__(self, core: Any, client: Any, environment: dict[str, str]) -> None:
        self.core = core
        self.environment = environment
        self.served: list[Any] = []
        self.tasks: list[asyncio.Task[None]] = []
        self.orchestrator = old("adreel.orchestrator.video_orchestrator").VideoGenerationOrchestrator(
            core.sessions,
            core.ledger,
            core.progress,
            client,
            core.catalogue.videos,
            core.providers,
            old("crash.worker").SIZES,
            image_models=core.catalogue.images,
        )

    async def go(self, case: Case, stand_in: Any) -> list[dict[str, Any]]:
        user = await old("support_db").add_user(self.core.database)
        await self._finish(case.done, user)
        worker = self._hire(case.point)
        if case.waiting:
            await self._wait_for_orders(worker, case.waiting, user, stand_in)
        if case.slow:
            stand_in.fault("latency", times=2, seconds=1.2, model=WAITS[0])
        self._start(case.kinds, user)
        await _until(worker, lambda: _returned(worker.poll() is not None), f"the worker to die at {case.point}")
        assert worker.returncode == -9, worker.returncode
        self._start(case.late, user)
        await asyncio.sleep(ON_ITS_WAY)
        await self._stop()
        return [await self._facts(customer) for customer in self.served]

    async def _finish(self, kinds: tuple[str, ...], user: str) -> None:
        if kinds:
            worker = self._hire(None)
            await asyncio.gather(*(self._serve(kind, user) for kind in kinds))
            worker.kill()
            worker.wait()

    async def _wait_for_orders(
        self, worker: subprocess.Popen[bytes], kinds: tuple[str, ...], user: str, stand_in: Any
    ) -> None:
        for model in WAITS:
            stand_in.fault("stuck", times=3, model=model)
        self._start(kinds, user)
        await _until(worker, self._is_waiting, "orders to be placed")

    def _start(self, kinds: tuple[str, ...], user: str) -> None:
        self.tasks += [self._serve(kind, user) for kind in kinds]

    async def _stop(self) -> None:
        """Stops the customers. Raises AssertionError when a request failed."""
        for task in self.tasks:
            task.cancel()
        ended = await asyncio.gather(*self.tasks, return_exceptions=True)
        failures = [each for each in ended if not isinstance(each, asyncio.CancelledError)]
        assert not failures, failures

    def _serve(self, kind: str, user: str) -> asyncio.Task[None]:
        model = HOSTED if kind == WORDS else kind
        customer = old("crash.customers").Customer(self.core, self.orchestrator, user, model, SECONDS)
        customer.words = kind == WORDS
        # Another seed each: what was bought for one is not to be found by the next.
        customer.seed = 1000 * (len(self.served) + 1)
        self.served.append(customer)
        return asyncio.create_task(customer.go())

    def _hire(self, point: str | None) -> subprocess.Popen[bytes]:
        ready = self.core.settings.data_dir / f"ready-{len(self.served)}"
        more = {"CRASH_READY": str(ready), **({"CRASH_AT": point} if point else {})}
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "crash.worker"], env={**os.environ, **self.environment, **more}
        )

    async def _is_waiting(self) -> bool:
        """Whether three clips and two images are ordered, and their steps recorded."""
        calls = [call for call in await self.core.ledger.open_calls() if call.provider_id and "text" not in call.key]
        await asyncio.sleep(SOON)
        return len(calls) == 5

    async def _facts(self, customer: Any) -> dict[str, Any]:
        record = await self.core.sessions.record(customer.session_id)
        return {
            "id": customer.session_id,
            "model": customer.model,
            "words": customer.words,
            "stage": str(record.stage),
            "action": str(record.job.action) if record.job else None,
        }


async def _returned(value: bool) -> bool:
    return value


async def _until(worker: subprocess.Popen[bytes], condition: Callable[[], Any], what: str) -> None:
    deadline = time.monotonic() + SECONDS
    while not await condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        await asyncio.sleep(0.02)


def _end_waits(journal: Path) -> None:
    """Lets the jobs that were to wait end a moment after the kill."""
    lines = [json.loads(line) for line in journal.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        prediction = line.get("prediction", {})
        if prediction.get("ends_at", 0) > prediction.get("created_at", 0) + 1e6:
            prediction["ends_at"] = time.time() + SOON
    journal.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")


def clean(folder: Path) -> None:
    """Leaves what the test needs."""
    for name in ("cache", "work", "executor.lock", "secret"):
        path = folder / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    for ready in folder.glob("ready-*"):
        ready.unlink()
    for database in sorted(folder.glob("*.db")):
        connection = sqlite3.connect(database)
        # A single file, and no free pages.
        connection.execute("PRAGMA journal_mode=delete")
        connection.execute("VACUUM")
        connection.close()


async def main(names: Sequence[str]) -> None:
    """Makes the cases of these names, and keeps the others as they are; without a name makes all."""
    os.environ["PYTHONPATH"] = os.pathsep.join((str(OLD_TESTS.parent / "src"), str(OLD_TESTS)))
    with tempfile.TemporaryDirectory() as place:
        if names:
            with tarfile.open(ARCHIVE) as archive:
                archive.extractall(place, filter="data")
        for case in CASES:
            folder = Path(place) / case.name
            if not names or case.name in names:
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                await make_case(case, folder)
                clean(folder)
        with tarfile.open(ARCHIVE, "w:xz", preset=9) as archive:
            for case in CASES:
                archive.add(Path(place) / case.name, case.name)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
