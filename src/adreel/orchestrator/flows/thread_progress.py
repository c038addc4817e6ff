"""Forwards the progress of work in threads to the event loop a few times a second, and stops such work."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Protocol

from adreel.domain.errors import AdreelError
from adreel.domain.work.cancellation import CancellationToken

SECONDS_APART = 0.5
LEAST_STEP = 0.01

_log = logging.getLogger(__name__)


class WorkReporter(Protocol):
    """Publishes the progress of a piece of work."""

    async def report(self, fraction: float, message: str) -> None:
        """`fraction` is 0–1 of the work. May raise AdreelError."""
        ...


class ThreadReporter:
    """A ProgressReporter that holds the last report."""

    def __init__(self) -> None:
        self.fraction = 0.0
        self.message = ""

    def report(self, fraction: float, message: str) -> None:
        self.fraction, self.message = fraction, message


@dataclass(frozen=True, slots=True)
class ThreadedWork:
    """What the threads of a piece of work report to, and what stops them."""

    reporter: ThreadReporter
    cancellation: CancellationToken


@asynccontextmanager
async def with_thread_progress(work: WorkReporter, seconds: float = SECONDS_APART) -> AsyncGenerator[ThreadedWork]:
    """Yields the reporter and the cancellation for the threads of the block; forwards reports to `work` at most every
    `seconds`, in steps of at least 1 %.

    An error or a cancellation of the block cancels threads that are still running. An AdreelError of `work` stops nothing.
    """
    threads = ThreadedWork(ThreadReporter(), CancellationToken())
    task = asyncio.create_task(_relay(threads.reporter, work, seconds))
    try:
        yield threads
    except BaseException:
        threads.cancellation.cancel()
        raise
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _relay(reporter: ThreadReporter, work: WorkReporter, seconds: float) -> None:
    sent = 0.0
    while True:
        await asyncio.sleep(seconds)
        fraction, message = reporter.fraction, reporter.message
        if fraction - sent >= LEAST_STEP:
            try:
                await work.report(fraction, message)
            except AdreelError as error:
                _log.warning("progress was not published: %s", error)
            sent = fraction
