"""Buying something once, whatever dies in between: written down, ordered, waited for, settled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Generic

from adreel.domain.errors import (
    AmbiguousSubmitError,
    CancelledError,
    ConflictError,
    ExpiredError,
    InputError,
    InternalError,
    NoCreditError,
    NotFoundError,
    RefusedError,
    ThrottledError,
    UnauthorizedError,
    UnavailableError,
)
from adreel.domain.ledger import CallState, PaidCall, Purchase
from adreel.domain.remote import JobStatus, RemoteJob
from adreel.domain.session import Json
from adreel.domain.vendor import Vendor
from adreel.orchestrator.checkpoints import Checkpoint, Point, pass_by
from adreel.orchestrator.purchase_facts import billed, ended, placed_facts, read_ended
from adreel.orchestrator.shops import CLIPS_AGENT, Order, Shop, W
from adreel.services.bell import Bell
from adreel.services.ledger_service import LedgerService
from adreel.services.records import CostEntry, Settlement
from adreel.services.session_service import SessionService

AGENT = CLIPS_AGENT
"""Whom the costs of clips are put down to."""

_CLOCK_SKEW = timedelta(seconds=60)
"""By which the provider's clock may be behind ours."""

_GROWTH = 1.125
_FINAL_REFUSALS = (UnauthorizedError, NoCreditError, RefusedError, InputError)
_RESERVED_AT_ONCE = 4
"""Reservations of a session follow each other anyway: with all of them in line, the first order would wait for the last."""

_NOTHING = Decimal(0)
_FOR_NOTHING = (CallState.LOST, CallState.RELEASED)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds. An order whose answer was lost and that the provider does not list was never accepted once `post` has passed
    since it was about to leave (longer than the adapter may wait with it and for its answer), and `settle` since somebody
    began to look for it. The pause between two looks at a job grows from `poll_first` to `poll_most`, by an eighth each time, so
    that an end is seen at most an eighth of the job's time late; a job is given `job` from its order on.
    """

    post: float = 150.0
    settle: float = 20.0
    search: float = 5.0
    poll_first: float = 0.25
    poll_most: float = 10.0
    job: float = 3600.0
    throttled: float = 300.0


class Purchases(Generic[W, Order]):
    """Orders of one kind at hosted engines through the ledger. Every method may be repeated after having been killed within."""

    def __init__(
        self,
        shop: Shop[W, Order],
        sessions: SessionService,
        ledger: LedgerService,
        clock: Callable[[], datetime],
        patience: Patience | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        checkpoint: Checkpoint = pass_by,
        bell: Bell | None = None,
    ) -> None:
        self._shop = shop
        self._sessions = sessions
        self._ledger = ledger
        self._clock = clock
        self._patience = patience or Patience()
        self._sleep = sleep
        self._checkpoint = checkpoint
        self._bell = bell or Bell()
        self._desk = asyncio.Semaphore(_RESERVED_AT_ONCE)

    async def reserve(self, job: W) -> str:
        """Writes the purchase down and reserves its price; the key under which this was done.

        A purchase of the same that is still open is gone on with; after one that came to nothing there is a new attempt.
        Raises BudgetError.
        """
        return (await self._reserved(job)).key

    async def place(self, job: W, key: str) -> str:
        """Orders at the provider unless that was done before; the provider's id of the job.

        Raises CancelledError when the clip is not wanted any more, GenerationError and its kinds when it cannot be ordered.
        """
        return (await self._placed(job, await self._call(key))).provider_id or ""

    async def wait(self, job: W, key: str) -> Json:
        """The remote job at its end, as JSON, see `read_ended`; with the seconds since it was ordered as `waited`.

        It is polled for; when the bell rings for its id, at once.
        """
        return await self.ended(job, placed_facts(await self._call(key)))

    async def order(self, job: W) -> Json:
        """`reserve` and `place`: what `ended` waits for, with the purchase's `key`, and its `estimate` as text."""
        call = await self._reserved(job)
        try:
            return placed_facts(await self._placed(job, call))
        except (ThrottledError, UnavailableError) as error:
            if (await self._call(call.key)).state.is_settled:
                # Given up after much patience: the same purchase is not begun again at once.
                raise RefusedError(str(error)) from error
            raise

    async def ended(self, job: W, placed: Json) -> Json:
        """As `wait`, for what `order` has placed."""
        with self._bell.listening(placed["provider_id"]) as ring:
            return await self._ended(job, placed["provider_id"], datetime.fromisoformat(placed["ordered"]), ring)

    async def _reserved(self, job: W) -> PaidCall:
        """The first purchase of this that did not come to nothing."""
        engine, attempt = self._shop.vendor(job.model), 1
        while True:
            key = f"{job.purchase}:{attempt}"
            call = await self._ledger.get(key) if attempt > 1 else None
            if call is None:
                estimate = engine.price(await self._shop.order(job, key))
                wanted = Purchase(key, job.session_id, job.user_id, engine.name, job.model, estimate)
                async with self._desk:
                    call = await self._ledger.reserve(wanted)
            if call.state not in _FOR_NOTHING:
                self._checkpoint(Point.INTENT_WRITTEN, self._shop.what)
                return call
            attempt += 1

    async def _placed(self, job: W, call: PaidCall) -> PaidCall:
        key = call.key
        while call.provider_id is None:
            if call.state.is_settled:
                await self._require_wanted(job)
                raise RefusedError(call.error or "the purchase was given up")
            found = await self._search(call) if call.posted_at is not None else None
            if found is not None:
                return await self._known_as(call, found.id)
            posted = await self._post(job, key)
            if posted is not None:
                return await self._known_as(*posted)
            call = await self._call(key)
        return call

    async def _known_as(self, call: PaidCall, provider_id: str) -> PaidCall:
        await self._ledger.submitted(call.key, provider_id)
        self._checkpoint(Point.ID_STORED, self._shop.what)
        return replace(call, provider_id=provider_id)

    async def _ended(self, job: W, provider_id: str, ordered: datetime, ring: asyncio.Event) -> Json:
        engine = self._shop.vendor(job.model)
        delay = self._patience.poll_first
        if (self._clock() - ordered).total_seconds() < delay:
            # Just ordered: there is nothing to see yet, and others of this session are being ordered meanwhile.
            await self._rest(delay, ring)
            delay *= _GROWTH
        while True:
            remote = await self._poll(engine, provider_id)
            waited = (self._clock() - ordered).total_seconds()
            if remote is not None and remote.status.is_final:
                return {**ended(remote), "waited": waited}
            if waited > self._patience.job:
                stopped = ended(await engine.cancel(provider_id))
                words = f"the {self._shop.what} was not made within {self._patience.job / 60:.0f} minutes"
                return {**stopped, "error": words, "waited": waited}
            self._checkpoint(Point.WAITING, self._shop.what)
            await self._rest(delay, ring)
            delay = min(delay * _GROWTH, self._patience.poll_most)

    async def _rest(self, seconds: float, ring: asyncio.Event) -> None:
        """Until the time is over or the bell rings."""
        tasks: set[asyncio.Future[Any]] = {
            asyncio.ensure_future(self._sleep(seconds)),
            asyncio.ensure_future(ring.wait()),
        }
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        ring.clear()

    async def lose(self, key: str, remote: Json, error: str) -> None:
        """Settles a purchase that came to nothing, `error` says why: for what the provider bills, see `billed`."""
        call = await self._call(key)
        state, amount = billed(call, read_ended(remote))
        await self._close(call, state, amount, error)

    async def give_up(self, _job: W, key: str) -> None:
        """`abandon` for a step that was cancelled."""
        await self.abandon(key)

    async def give_up_open(self, job: W, *_: object) -> None:
        """`abandon` for a step that was cancelled with or after `order`."""
        await self.abandon(await self._open_key(job))

    async def is_open(self, job: W) -> bool:
        """Whether a purchase of this is under way or waits to be collected."""
        call = await self._ledger.get(await self._open_key(job))
        return call is not None and not call.state.is_settled

    def deals_in(self, model: str) -> bool:
        """Whether purchases of this model are made here."""
        try:
            self._shop.vendor(model)
        except InputError:
            return False
        return True

    async def abandon(self, key: str) -> bool:
        """Stops a purchase that nobody waits for any more and settles it, as far as can be; whether it is settled.

        What is ready stays open as long as the provider keeps it and the session is there: trying again collects it.
        """
        call = await self._ledger.get(key)
        if call is None or call.state.is_settled:
            return True
        engine = self._shop.vendor(call.model)
        provider_id = call.provider_id
        if provider_id is None:
            return await self._abandon_intent(call, engine)
        return await self._stop(call, engine, provider_id)

    async def _abandon_intent(self, call: PaidCall, engine: Vendor[Order]) -> bool:
        if call.posted_at is None:
            await self._close(call, CallState.RELEASED, _NOTHING, "cancelled before it was ordered")
            return True
        overdue = self._clock() > call.posted_at + timedelta(seconds=self._patience.post + self._patience.settle)
        try:
            found = await engine.find(call.seed, call.created_at - _CLOCK_SKEW)
        except ExpiredError as error:
            # It may be among those whose inputs are gone: counted as bought.
            await self._close(call, CallState.LOST, call.estimate, str(error))
            return True
        if found is not None:
            await self._ledger.submitted(call.key, found.id)
            return await self._stop(call, engine, found.id)
        if overdue:
            await self._close(call, CallState.RELEASED, _NOTHING, "the order was never accepted")
        return overdue

    async def _stop(self, call: PaidCall, engine: Vendor[Order], provider_id: str) -> bool:
        remote = await engine.cancel(provider_id)
        if not remote.status.is_final:
            return False
        is_ready = remote.status is JobStatus.SUCCEEDED and not remote.expired
        if is_ready and await self._has_session(call.session_id):
            return False
        state, amount = billed(call, remote)
        await self._close(call, state, amount, f"cancelled; the provider's job was {remote.status}")
        return True

    async def _open_key(self, job: W) -> str:
        attempt = 1
        while True:
            key = f"{job.purchase}:{attempt}"
            call = await self._ledger.get(key)
            if call is None or call.state not in _FOR_NOTHING:
                return key
            attempt += 1

    async def _search(self, call: PaidCall) -> RemoteJob | None:
        """The job of an order whose answer was lost. None only once it can no longer turn up."""
        engine = self._shop.vendor(call.model)
        posted = call.posted_at or call.created_at
        quiet = max(
            posted + timedelta(seconds=self._patience.post),
            self._clock() + timedelta(seconds=self._patience.settle),
        )
        while True:
            # The time is looked at first: a job accepted at the last moment is still in the list that is read after.
            now = self._clock()
            found = await engine.find(call.seed, call.created_at - _CLOCK_SKEW)
            if found is not None or now > quiet:
                return found
            await self._sleep(min(self._patience.search, (quiet - now).total_seconds() + 0.1))

    async def _post(self, job: W, key: str) -> tuple[PaidCall, str] | None:
        """Places the order: the call, and the provider's id. None when it may or may not have been accepted, or somebody else
        has dealt with it."""
        vendor, order, waited = self._shop.vendor(job.model), await self._shop.order(job, key), 0.0
        while True:
            try:
                await vendor.check(job.model)
                call = await self._announce(job, key)
                placed = await vendor.submit(order)
            except (AmbiguousSubmitError, ConflictError):
                return None
            except _FINAL_REFUSALS as error:
                await self._close(await self._call(key), CallState.RELEASED, _NOTHING, str(error))
                raise
            except (ThrottledError, UnavailableError) as error:
                pause = error.retry_after if isinstance(error, ThrottledError) else max(1.0, waited)
                waited += pause
                if waited > self._patience.throttled:
                    await self._close(await self._call(key), CallState.RELEASED, _NOTHING, str(error))
                    raise
                await self._sleep(pause)
            else:
                self._checkpoint(Point.POST_ANSWERED, self._shop.what)
                return call, placed.id

    async def _announce(self, job: W, key: str) -> PaidCall:
        """Writes down that the order is about to leave. Raises CancelledError when it must not."""
        call = await self._ledger.posting(key, job.job_id)
        if call is None:
            raise self._unwanted()
        self._checkpoint(Point.BEFORE_POST, self._shop.what)
        return call

    async def _require_wanted(self, job: W) -> None:
        session = await self._sessions.record(job.session_id)
        if session.job is None or session.job.id != job.job_id:
            raise self._unwanted()

    def _unwanted(self) -> CancelledError:
        return CancelledError(f"the {self._shop.what} is no longer wanted")

    async def _poll(self, engine: Vendor[Order], provider_id: str) -> RemoteJob | None:
        try:
            return await engine.poll(provider_id)
        except ThrottledError as error:
            await self._sleep(error.retry_after)
        except UnavailableError:
            # The job goes on without us; the limit on its time holds all the same.
            pass
        return None

    async def _close(self, call: PaidCall, state: CallState, amount: Decimal, error: str) -> None:
        settlement = Settlement(call.key, state, amount, error)
        since = call.posted_at or call.created_at
        duration = max(0.0, (self._clock() - since).total_seconds())
        cost = CostEntry(call.key, self._shop.agent, call.model, amount, duration, success=False, error=error)
        try:
            await self._sessions.add_cost(call.session_id, cost, settlement)
        except NotFoundError:
            await self._ledger.settle(settlement)

    async def _has_session(self, session_id: str) -> bool:
        try:
            await self._sessions.record(session_id)
        except NotFoundError:
            return False
        return True

    async def _call(self, key: str) -> PaidCall:
        call = await self._ledger.get(key)
        if call is None:
            raise InternalError(f"the purchase {key} was never written down")
        return call


@dataclass(frozen=True, slots=True)
class Counters:
    """What purchases of all kinds are made with."""

    sessions: SessionService
    ledger: LedgerService
    clock: Callable[[], datetime]
    patience: Patience
    sleep: Callable[[float], Awaitable[object]]
    checkpoint: Checkpoint
    bell: Bell

    def of(self, shop: Shop[W, Order]) -> Purchases[W, Order]:
        """Purchases of one kind."""
        return Purchases(
            shop, self.sessions, self.ledger, self.clock, self.patience, self.sleep, self.checkpoint, self.bell
        )
