"""Progress of work in threads, brought to the event loop a few times a second, and their stop switch."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from adreel.domain.errors import AdreelError, CancelledError

Send = Callable[[float, str], Awaitable[None]]
"""Told of a fraction 0–1 and what is being done."""

SECONDS_APART = 0.5
LEAST_STEP = 0.01

_log = logging.getLogger(__name__)


class LiveWatch:
    """A Watch that remembers the last report and can be stopped from any thread."""

    def __init__(self) -> None:
        self.fraction = 0.0
        self.message = ""
        self._stopped = threading.Event()

    def report(self, fraction: float, message: str) -> None:
        self.fraction, self.message = fraction, message

    def check(self) -> None:
        if self._stopped.is_set():
            raise CancelledError("stopped")

    def stop(self) -> None:
        """Makes every later `check` raise."""
        self._stopped.set()


@asynccontextmanager
async def relayed(send: Send, seconds: float = SECONDS_APART) -> AsyncGenerator[LiveWatch]:
    """A watch for the work of the block; what it reports is sent on, not more often than every `seconds` or for less than 1 %.

    When the block is left by an error or a cancellation, threads that still hold the watch are stopped. That somebody could
    not be told never stops the work.
    """
    watch = LiveWatch()
    task = asyncio.create_task(_relay(watch, send, seconds))
    try:
        yield watch
    except BaseException:
        watch.stop()
        raise
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _relay(watch: LiveWatch, send: Send, seconds: float) -> None:
    sent = 0.0
    while True:
        await asyncio.sleep(seconds)
        fraction, message = watch.fraction, watch.message
        if fraction - sent >= LEAST_STEP:
            try:
                await send(fraction, message)
            except AdreelError as error:
                _log.warning("progress was not told: %s", error)
            sent = fraction
