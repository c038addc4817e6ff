from __future__ import annotations

import asyncio

import pytest

from adreel.domain.errors import CancelledError, StorageError
from adreel.domain.events import Watch
from adreel.orchestrator.relay import relayed


async def test_reports_are_sent_on_when_they_have_moved_by_a_percent() -> None:
    sent: list[float] = []

    async def send(fraction: float, _message: str) -> None:
        sent.append(fraction)

    async with relayed(send, seconds=0) as watch:
        for fraction in (0.1, 0.105, 0.2):
            watch.report(fraction, "drawing")
            for _ in range(5):
                await asyncio.sleep(0)
    assert sent == [0.1, 0.2]


async def test_that_nobody_could_be_told_does_not_stop_the_work() -> None:
    tries = 0

    async def send(_fraction: float, _message: str) -> None:
        nonlocal tries
        tries += 1
        raise StorageError("the database is away")

    async with relayed(send, seconds=0) as watch:
        for fraction in (0.1, 0.2):
            watch.report(fraction, "drawing")
            for _ in range(5):
                await asyncio.sleep(0)
        watch.check()
    assert tries == 2


async def test_threads_are_stopped_when_the_work_is_cancelled() -> None:
    watches: list[Watch] = []

    async def send(_fraction: float, _message: str) -> None:
        pass

    async def work() -> None:
        async with relayed(send) as watch:
            watches.append(watch)
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    watches[0].check()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(CancelledError):
        watches[0].check()
