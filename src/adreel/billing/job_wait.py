"""Waits for the end of a remote job: polls the provider regularly, and at once when a wakeup arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from adreel.billing.crash_points import Checkpoint, CrashPoint
from adreel.billing.purchase_json import ended
from adreel.billing.timeouts import Timeouts
from adreel.domain.errors import ThrottledError, UnavailableError
from adreel.domain.providers import RemoteJob, Vendor
from adreel.domain.sessions.session import Json
from adreel.services.events.wakeups import Wakeups

Order = TypeVar("Order")

_GROWTH = 1.125


class JobWait(Generic[Order]):
    """`what` names one purchased item, such as "clip". `monotonic` gives seconds that never go back."""

    def __init__(
        self,
        what: str,
        timeouts: Timeouts,
        sleep: Callable[[float], Awaitable[object]],
        monotonic: Callable[[], float],
        checkpoint: Checkpoint,
        wakeups: Wakeups,
    ) -> None:
        self._what = what
        self._timeouts = timeouts
        self._sleep = sleep
        self._monotonic = monotonic
        self._checkpoint = checkpoint
        self._wakeups = wakeups
        self._just_ordered: set[str] = set()

    def note_order(self, provider_id: str) -> None:
        """Lets the first poll of this job wait a little: it has just been ordered."""
        self._just_ordered.add(provider_id)

    def forget(self, provider_id: str) -> None:
        self._just_ordered.discard(provider_id)

    async def ended(
        self,
        vendor: Vendor[Order],
        provider_id: str,
        observe: Callable[[RemoteJob], None],
        unanswered: Callable[[], None] = lambda: None,
    ) -> Json:
        """The ended job as JSON (`read_ended`), with the seconds since the order as `waited`. `observe` gets each polled state;
        `unanswered` is called after a poll that the provider did not answer.

        A job that exceeds its time limit is stopped. Raises GenerationError and its kinds when the provider rejects a poll.
        """
        with self._wakeups.listening(provider_id) as wakeup:
            return await self._ended(vendor, provider_id, wakeup, observe, unanswered)

    async def _ended(
        self,
        vendor: Vendor[Order],
        provider_id: str,
        wakeup: asyncio.Event,
        observe: Callable[[RemoteJob], None],
        unanswered: Callable[[], None],
    ) -> Json:
        began, delay = self._monotonic(), self._timeouts.poll_first
        if provider_id in self._just_ordered:
            # Just ordered: it cannot be done yet, and other orders of this session are being sent.
            self._just_ordered.discard(provider_id)
            await self._rest(delay, wakeup)
            delay *= _GROWTH
        while True:
            remote = await self._poll(vendor, provider_id)
            if remote is None:
                unanswered()
            else:
                observe(remote)
            local = self._monotonic() - began
            at_provider = remote.seconds if remote is not None else None
            if remote is not None and remote.status.is_final:
                return {**ended(remote), "waited": local if at_provider is None else at_provider}
            # The provider's clock includes the time before this process.
            waited = max(local, at_provider or 0.0)
            if waited > self._timeouts.job:
                return await self._stopped(vendor, provider_id, waited)
            self._checkpoint(CrashPoint.WAITING, self._what)
            await self._rest(delay, wakeup)
            delay = min(delay * _GROWTH, self._timeouts.poll_most)

    async def _stopped(self, vendor: Vendor[Order], provider_id: str, waited: float) -> Json:
        stopped = ended(await vendor.cancel(provider_id))
        words = f"the {self._what} was not made within {self._timeouts.job / 60:.0f} minutes"
        return {**stopped, "error": words, "waited": waited}

    async def _rest(self, seconds: float, wakeup: asyncio.Event) -> None:
        """Waits until the time is over or a wakeup arrives."""
        tasks: set[asyncio.Future[Any]] = {
            asyncio.ensure_future(self._sleep(seconds)),
            asyncio.ensure_future(wakeup.wait()),
        }
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        wakeup.clear()

    async def _poll(self, vendor: Vendor[Order], provider_id: str) -> RemoteJob | None:
        try:
            return await vendor.poll(provider_id)
        except ThrottledError as error:
            await self._sleep(error.retry_after)
        except UnavailableError:
            # The job continues at the provider; its time limit still applies.
            pass
        return None
