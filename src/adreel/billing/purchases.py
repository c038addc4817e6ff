"""Buys each piece of work exactly once despite crashes: records, orders, waits and settles."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial
from itertools import count
from typing import Generic

from adreel.billing.crash_points import Checkpoint, CrashPoint, no_op
from adreel.billing.fresh_orders import FreshOrders
from adreel.billing.job_wait import JobWait
from adreel.billing.lost_orders import Fate, LostOrders
from adreel.billing.observers import NoObserver, RemoteJobObserver
from adreel.billing.order_sources import Order, OrderSource, PurchaseRequest, W
from adreel.billing.patience import Patience
from adreel.billing.purchase_json import loss_of, payment_of, read_ended, release_of
from adreel.billing.purchase_spans import noted, purchase_span
from adreel.billing.timeouts import Timeouts
from adreel.domain.costs.ledger import CallState, FailureKind, PaidCall, Purchase, PurchaseKind
from adreel.domain.errors import (
    AmbiguousSubmitError,
    CancelledError,
    ConflictError,
    InputError,
    InternalError,
    NoCreditError,
    NotFoundError,
    RefusedError,
    ThrottledError,
    UnauthorizedError,
    UnavailableError,
)
from adreel.domain.providers import JobStatus, RemoteJob, Vendor
from adreel.domain.sessions.session import Json
from adreel.domain.work.fair_semaphore import FairSemaphore, acting_for
from adreel.services.events.wakeups import Wakeups
from adreel.services.ledger.service import LedgerService
from adreel.services.sessions.records import Settlement
from adreel.services.sessions.service import SessionService

_FINAL_REFUSALS = (UnauthorizedError, NoCreditError, RefusedError, InputError)
_RESERVED_AT_ONCE = 4
"""Concurrent reservations of a user. A session's reservations are serial anyway: with all of them queued at the database, the
first order would wait for the last reservation."""

_FAILED = (CallState.LOST, CallState.RELEASED)


class Purchases(Generic[W, Order]):
    """Purchases of one kind from hosted engines, through the ledger. Every method may be repeated after a crash within it.

    A purchase is named by its key and has one price, which the ledger keeps from `order` on:

        key = await purchases.order(job)
        ended = await purchases.wait(job, key)
        await purchases.pay(key, ended["waited"])  # or `lose`, when the result is of no use

    A maker that records the result as a file settles the purchase in the same transaction, with `payment`. `reserve` and `place`
    are the two halves of `order`, for flows with a step for each.
    """

    def __init__(
        self,
        source: OrderSource[W, Order],
        sessions: SessionService,
        ledger: LedgerService,
        timeouts: Timeouts | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        checkpoint: Checkpoint = no_op,
        wakeups: Wakeups | None = None,
        observer: RemoteJobObserver[W] | None = None,
    ) -> None:
        """`monotonic` gives seconds that never go back. The provider's clock measures durations that outlive the process.
        `observer` receives the state of remote jobs after each poll.
        """
        self._source = source
        self._sessions = sessions
        self._ledger = ledger
        self._timeouts = timeouts or Timeouts()
        self._sleep = sleep
        self._monotonic = monotonic
        self._lost = LostOrders(ledger, self._timeouts, sleep, monotonic)
        self._wait: JobWait[Order] = JobWait(
            source.what, self._timeouts, sleep, monotonic, checkpoint, wakeups or Wakeups()
        )
        self._checkpoint = checkpoint
        self._observer = observer or NoObserver()
        self._reservations = FairSemaphore(_RESERVED_AT_ONCE)
        self._fresh = FreshOrders()

    @property
    def kind(self) -> PurchaseKind:
        """The kind of these purchases."""
        return self._source.kind

    async def order(self, job: W) -> str:
        """`reserve` and `place` in one; returns the key of the purchase."""
        call = await self._reserved(job)
        try:
            await self._ordered(job, call)
        except (ThrottledError, UnavailableError) as error:
            if (await self._call(call.key)).state.is_settled:
                # Given up after a long wait: not retryable, so that the purchase does not start again at once.
                raise RefusedError(str(error)) from error
            raise
        return call.key

    async def reserve(self, job: W) -> str:
        """Records the purchase and reserves its price; returns its key.

        Resumes an open purchase of the same work; begins a new attempt after one that failed. Raises BudgetError.
        """
        return (await self._reserved(job)).key

    async def place(self, job: W, key: str) -> str:
        """Orders at the provider, unless already ordered; returns the provider's id of the job.

        Raises CancelledError when the job is no longer the session's, GenerationError and its kinds when the order fails.
        """
        return (await self._ordered(job, await self._call(key))).provider_id or ""

    async def wait(self, job: W, key: str) -> Json:
        """Waits for the end of the remote job; returns it as JSON (`read_ended`), with the seconds since the order as `waited`.

        Polls the provider regularly, and at once when a wakeup arrives for the job's id.
        """
        call = self._fresh.get(key) or await self._call(key)
        provider_id = call.provider_id
        if provider_id is None:
            raise InternalError(f"the purchase {key} was never ordered")
        observe = partial(self._observer.observed, job)
        with purchase_span("await purchase", call) as each:
            unanswered = partial(self._observer.unanswered, job)
            ended = await self._wait.ended(self._source.vendor(job.model), provider_id, observe, unanswered)
            each.note(status=str(read_ended(ended).status))
            return ended

    async def payment(self, key: str, seconds: float) -> Settlement:
        """The settlement of a purchase with a usable result, `seconds` after the order. It is recorded with the result's file."""
        call = self._fresh.take(key) or await self._call(key)
        with purchase_span("settle purchase", call) as each:
            return noted(each, payment_of(call, seconds))

    async def pay(self, key: str, seconds: float) -> None:
        """Settles a purchase with a usable result that is no file of the session, `seconds` after the order."""
        await self._ledger.settle(await self.payment(key, seconds))

    async def billed(self, key: str) -> Decimal:
        """What a settled purchase has cost, in US dollars."""
        return (await self._call(key)).amount

    async def lose(self, key: str, remote: Json, error: str) -> None:
        """Settles a purchase that failed because of `error`, at the amount that the provider bills, see `loss_of`."""
        call = self._fresh.take(key) or await self._call(key)
        loss = loss_of(call, read_ended(remote), error, remote.get("waited"))
        with purchase_span("settle purchase", call) as each:
            await self._ledger.settle(noted(each, loss))

    async def give_up(self, job: W, *_: object) -> None:
        """`abandon` for the open purchase of this work: the `on_cancel` of a step whose first argument is the job."""
        await self.abandon(await self._open_key(job))

    async def _reserved(self, job: W) -> PaidCall:
        """Reserves the first attempt of this work that did not fail. Raises RefusedError when a paid one failed because the
        provider refuses its input: it would do so again.
        """
        failed: str | None = None
        for key in keys_of(job):
            call = None if failed is None else await self._ledger.get(key)
            call = call or await self._reserve(job, key, failed)
            if call.state not in _FAILED:
                self._checkpoint(CrashPoint.INTENT_WRITTEN, self._source.what)
                return call
            if call.failure is FailureKind.INPUT_REFUSED:
                raise RefusedError(f"{call.error}; it was refused before and is not paid for again")
            failed = key
        raise AssertionError("unreachable: keys do not end")

    async def _reserve(self, job: W, key: str, failed: str | None) -> PaidCall:
        """`failed` is the key of the attempt before."""
        engine = self._source.vendor(job.model)
        purchase = Purchase(
            key=key,
            session_id=job.session_id,
            user_id=job.user_id,
            kind=self._source.kind,
            provider=engine.name,
            model=job.model,
            estimate=engine.price(await self._source.order(job, key)),
            source_image_id=job.source_image_id,
            outside_job=job.job_id is None,
            previous=failed,
        )
        async with self._reservations.place(job.user_id):
            return await self._ledger.reserve(purchase)

    async def _ordered(self, job: W, call: PaidCall) -> PaidCall:
        with purchase_span("order purchase", call) as each:
            placed = await self._placed(job, call)
            each.note(provider_id=placed.provider_id or "")
            return placed

    async def _placed(self, job: W, call: PaidCall) -> PaidCall:
        key = call.key
        while call.provider_id is None:
            if call.state.is_settled:
                await self._require_running(job)
                raise RefusedError(call.error or "the purchase was given up")
            vendor = self._source.vendor(job.model)
            found = await self._lost.search(call, vendor, self._source.what) if call.posted_at is not None else None
            if found is not None:
                return await self._submitted(call, found)
            posted = await self._post(job, key)
            if posted is not None:
                self._wait.note_order(posted[1].id)
                return self._fresh.remember(await self._submitted(*posted))
            call = await self._call(key)
        return call

    async def _submitted(self, call: PaidCall, remote: RemoteJob) -> PaidCall:
        await self._ledger.submitted(call.key, remote.id, remote.created_at)
        self._checkpoint(CrashPoint.ID_STORED, self._source.what)
        return replace(call, provider_id=remote.id)

    def is_fresh(self, key: str) -> bool:
        """Whether this process has ordered the purchase and has not yet taken its result: there is none to be found."""
        return key in self._fresh

    async def is_open(self, job: W) -> bool:
        """Whether a purchase of this work is running or ready to be collected."""
        call = await self._ledger.get(await self._open_key(job))
        return call is not None and not call.state.is_settled

    async def is_held(self, job: W) -> bool:
        """Whether this work is bought or ordered, so that `order` buys nothing."""
        return await self._ledger.get(await self._open_key(job)) is not None

    def handles(self, model: str) -> bool:
        """Whether purchases of this model are made here."""
        try:
            self._source.vendor(model)
        except InputError:
            return False
        return True

    async def abandon(self, key: str) -> bool:
        """Stops a purchase whose job has ended and settles it if possible; returns whether it is settled.

        A finished output stays open while the provider has it and the session exists: a retry collects it.
        """
        self._fresh.take(key)
        call = await self._ledger.get(key)
        if call is None or call.state.is_settled:
            return True
        engine = self._source.vendor(call.model)
        provider_id = call.provider_id
        if provider_id is None:
            return await self._abandon_intent(call, engine)
        return await self._stop(call, engine, provider_id)

    async def _abandon_intent(self, call: PaidCall, engine: Vendor[Order]) -> bool:
        if call.posted_at is None:
            await self._ledger.settle(release_of(call, "cancelled before it was ordered"))
            return True
        found = await self._lost.search_once(call, engine)
        match found.fate:
            case Fate.FOUND if found.job is not None:
                await self._ledger.submitted(call.key, found.job.id, found.job.created_at)
                return await self._stop(call, engine, found.job.id)
            case Fate.ABSENT:
                await self._ledger.settle(release_of(call, "the order was never accepted"))
            case Fate.HIDDEN:
                # It may be one of the jobs without inputs, which can never be determined: counted as bought.
                await self._ledger.settle(Settlement(call.key, CallState.LOST, call.estimate, found.reason))
            case _:
                # The amount stays reserved until the outcome is known.
                return False
        self._lost.forget(call)
        return True

    async def _stop(self, call: PaidCall, engine: Vendor[Order], provider_id: str) -> bool:
        self._wait.forget(provider_id)
        remote = await engine.cancel(provider_id)
        if not remote.status.is_final:
            return False
        is_ready = remote.status is JobStatus.SUCCEEDED and not remote.expired
        if is_ready and await self._has_session(call.session_id):
            return False
        words = f"cancelled; the provider's job was {remote.status}"
        await self._ledger.settle(loss_of(call, remote, words, remote.seconds))
        return True

    async def _open_key(self, job: W) -> str:
        for key in keys_of(job):
            call = await self._ledger.get(key)
            if call is None or call.state not in _FAILED:
                return key
        raise AssertionError("unreachable: keys do not end")

    async def _post(self, job: W, key: str) -> tuple[PaidCall, RemoteJob] | None:
        """Sends the order; returns the call and the provider's job. None when it is unknown whether the provider accepted it, or
        another process handles it."""
        vendor, order = self._source.vendor(job.model), await self._source.order(job, key)
        patience = Patience(self._timeouts, self._monotonic)
        while True:
            try:
                await patience.checked(vendor, job.model)
                call = await self._mark_posting(job, key, vendor.now())
                with acting_for(job.user_id):
                    placed = await vendor.submit(order)
            except (AmbiguousSubmitError, ConflictError):
                return None
            except _FINAL_REFUSALS as error:
                await self._release(key, str(error))
                raise
            except (ThrottledError, UnavailableError) as error:
                self._observer.unanswered(job)
                given_up = patience.exhausted(error)
                if given_up is not None:
                    await self._release(key, str(given_up))
                    raise given_up from (None if given_up is error else error)
                await self._sleep(patience.pause(error))
            else:
                self._checkpoint(CrashPoint.POST_ANSWERED, self._source.what)
                return call, placed

    async def _mark_posting(self, job: W, key: str, provider_time: datetime | None) -> PaidCall:
        """Records that the order is about to be sent. Raises CancelledError when it must not be sent."""
        call = await self._ledger.posting(key, job.job_id, provider_time)
        if call is None:
            raise self._unwanted()
        self._checkpoint(CrashPoint.BEFORE_POST, self._source.what)
        return call

    async def _require_running(self, job: W) -> None:
        if job.job_id is None:
            return
        session = await self._sessions.record(job.session_id)
        if session.job is None or session.job.id != job.job_id:
            raise self._unwanted()

    def _unwanted(self) -> CancelledError:
        return CancelledError(f"the {self._source.what} is no longer wanted")

    async def _release(self, key: str, error: str) -> None:
        await self._ledger.settle(release_of(await self._call(key), error))

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


def keys_of(job: PurchaseRequest) -> Iterator[str]:
    """The keys of the attempts at this work, from the first. Another one is made after an attempt that failed."""
    return (f"{job.purchase}:{attempt}" for attempt in count(1))
