"""Searches the provider's list for orders whose answers were lost: found, certainly never accepted, or undecidable."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import TypeVar

from adreel.billing.timeouts import Timeouts
from adreel.domain.costs.ledger import PaidCall
from adreel.domain.costs.money import format_amount
from adreel.domain.errors import GenerationError, ThrottledError, UnavailableError, UnknownOrderError
from adreel.domain.providers import RemoteJob, Search, Vendor
from adreel.services.ledger.service import LedgerService

Order = TypeVar("Order")

_BEFORE = timedelta(minutes=5)
"""The list is read from this long before an order: known orders of that time show whether the list is complete."""


class Fate(Enum):
    """`OPEN`: it may still appear. `ABSENT`: it was never accepted. `HIDDEN`: it may be one of the jobs whose inputs the provider
    has removed, and cannot be recognised."""

    FOUND = auto()
    OPEN = auto()
    ABSENT = auto()
    HIDDEN = auto()


@dataclass(frozen=True, slots=True)
class OrderLookup:
    """The result of one search of the provider's list. `reason` says why an order is OPEN or HIDDEN."""

    fate: Fate
    job: RemoteJob | None = None
    reason: str = ""


class LostOrders:
    """Searches orders by their markers.

    An order is ABSENT only when the whole list since it was about to be sent was read, `Timeouts.lost` seconds later or more.
    The list is read from the provider's own time, recorded before the order was sent; without that, from its beginning. The
    seconds are measured by the provider's clock, or by a monotonic one since the first search. This machine's clock is never
    used.
    """

    def __init__(
        self,
        ledger: LedgerService,
        timeouts: Timeouts,
        sleep: Callable[[float], Awaitable[object]],
        monotonic: Callable[[], float],
    ) -> None:
        self._ledger = ledger
        self._timeouts = timeouts
        self._sleep = sleep
        self._monotonic = monotonic
        self._began: dict[str, float] = {}

    async def search(self, call: PaidCall, vendor: Vendor[Order], what: str) -> RemoteJob | None:
        """Finds the job of an order for `what`, as "clip". Returns None once it is certain that it was never accepted.

        Raises UnknownOrderError when that cannot be determined in time.
        """
        began = self._monotonic()
        while True:
            found = await self._tolerant_search(call, vendor)
            waited = self._monotonic() - began
            if found.fate is Fate.FOUND or (found.fate is Fate.ABSENT and waited >= self._timeouts.settle):
                self.forget(call)
                return found.job
            if found.fate is Fate.HIDDEN or waited > 2 * self._timeouts.lost:
                raise _unknown(call, what, found.reason)
            await self._sleep(min(self._timeouts.search, self._timeouts.settle))

    async def search_once(self, call: PaidCall, vendor: Vendor[Order]) -> OrderLookup:
        """Searches the list once. Raises GenerationError and its kinds when the provider does not answer."""
        began = self._began.setdefault(call.key, self._monotonic())
        found = await vendor.search(call.seed, _since(call))
        if found.job is not None:
            self.forget(call)
            return OrderLookup(Fate.FOUND, found.job)
        if not self._is_late(call, found, began):
            return OrderLookup(Fate.OPEN, reason=f"{call.provider} does not list it yet")
        return await self._late_result(call, found)

    def forget(self, call: PaidCall) -> None:
        """Ends the search of an order whose fate is known."""
        self._began.pop(call.key, None)

    async def _tolerant_search(self, call: PaidCall, vendor: Vendor[Order]) -> OrderLookup:
        """As `search_once`, but a provider that does not answer leaves the order OPEN."""
        try:
            return await self.search_once(call, vendor)
        except ThrottledError as error:
            await self._sleep(error.retry_after)
            return OrderLookup(Fate.OPEN, reason=str(error))
        except UnavailableError as error:
            return OrderLookup(Fate.OPEN, reason=str(error))
        except GenerationError as error:
            # Trying again does not help a rejected account.
            return OrderLookup(Fate.HIDDEN, reason=str(error))

    def _is_late(self, call: PaidCall, found: Search, began: float) -> bool:
        """Whether an accepted order must be in the list by now. A list is as new as the start of its reading."""
        elapsed = self._monotonic() - began
        if call.provider_posted_at is not None and found.at is not None:
            elapsed = max(elapsed, (found.at - call.provider_posted_at).total_seconds())
        return elapsed > self._timeouts.lost

    async def _late_result(self, call: PaidCall, found: Search) -> OrderLookup:
        if await self._lags(call, found):
            return OrderLookup(Fate.OPEN, reason=f"{call.provider} does not list all orders that it accepted")
        known = await self._ledger.calls_of(call.provider, sorted(found.unreadable))
        if found.unreadable - {other.provider_id for other in known}:
            return OrderLookup(
                Fate.HIDDEN,
                reason=f"{call.provider} has removed the inputs of jobs that may include this order",
            )
        return OrderLookup(Fate.ABSENT)

    async def _lags(self, call: PaidCall, found: Search) -> bool:
        """Whether the list lacks an order that is known to be accepted long enough ago."""
        since = _since(call)
        if since is None or found.at is None:
            return False
        until = found.at - timedelta(seconds=self._timeouts.settle)
        accepted = await self._ledger.accepted(call.provider, since, until)
        return not accepted <= found.listed


def _since(call: PaidCall) -> datetime | None:
    return None if call.provider_posted_at is None else call.provider_posted_at - _BEFORE


def _unknown(call: PaidCall, what: str, reason: str) -> UnknownOrderError:
    return UnknownOrderError(
        f"an order for this {what} may have been placed at {call.provider} and cannot be found ({reason}). It is not placed "
        f"again, and its ${format_amount(call.estimate)} stay reserved until its outcome is known; check the account at "
        f"{call.provider}, or try again later"
    )
