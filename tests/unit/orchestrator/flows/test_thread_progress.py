from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from adreel.domain.errors import AdreelError, CancelledError, StorageError
from adreel.domain.work.cancellation import CancellationToken
from adreel.orchestrator.flows.thread_progress import with_thread_progress


@dataclass
class Work:
    """A WorkReporter that fails with `error`, if there is one."""

    error: AdreelError | None = None
    sent: list[float] = field(default_factory=list[float])

    async def report(self, fraction: float, message: str) -> None:
        self.sent.append(fraction)
        if self.error is not None:
            raise self.error


async def test_reports_are_sent_on_when_they_have_moved_by_a_percent() -> None:
    work = Work()
    async with with_thread_progress(work, seconds=0) as threads:
        for fraction in (0.1, 0.105, 0.2):
            threads.reporter.report(fraction, "drawing")
            for _ in range(5):
                await asyncio.sleep(0)
    assert work.sent == [0.1, 0.2]


async def test_a_report_that_cannot_be_published_does_not_stop_the_work() -> None:
    work = Work(StorageError("the database is away"))
    async with with_thread_progress(work, seconds=0) as threads:
        for fraction in (0.1, 0.2):
            threads.reporter.report(fraction, "drawing")
            for _ in range(5):
                await asyncio.sleep(0)
        threads.cancellation.check()
    assert len(work.sent) == 2


async def test_threads_are_stopped_when_the_work_is_cancelled() -> None:
    cancellations: list[CancellationToken] = []

    async def work() -> None:
        async with with_thread_progress(Work()) as threads:
            cancellations.append(threads.cancellation)
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    cancellations[0].check()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(CancelledError):
        cancellations[0].check()
