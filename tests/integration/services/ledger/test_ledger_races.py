"""Money under pressure: many at once, from more than one process's connections, and long random histories."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from sqlalchemy import text

from adreel.db.engine import Database
from adreel.domain.costs.ledger import CallState, PaidCall
from adreel.domain.errors import BudgetError, ConflictError
from adreel.services.ledger.service import LedgerService
from adreel.services.sessions.records import CostEntry, Settlement
from support.sessions import Desk, check_books, clip, purchase

AT_ONCE = 50
STEPS = 60
SETTLED = (CallState.PAID, CallState.LOST, CallState.RELEASED)


@pytest.fixture
async def ledgers(desk: Desk) -> AsyncIterator[tuple[LedgerService, LedgerService]]:
    """Two, as two processes have them: nothing but the database stands between them."""
    other = Database(desk.database.url)
    yield desk.ledger, LedgerService(other)
    await other.close()


async def _bought(attempts: list[asyncio.Task[PaidCall]]) -> int:
    """How many were let through; all others were over the budget."""
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    others = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert all(isinstance(outcome, BudgetError) for outcome in others), others
    return len(outcomes) - len(others)


async def test_fifty_at_once_cannot_overrun_a_sessions_cap(
    desk: Desk, ledgers: tuple[LedgerService, LedgerService]
) -> None:
    session = await desk.session(cap="1")
    attempts = [
        asyncio.create_task(ledgers[number % 2].reserve(purchase(f"call {number}", session.id, "0.15")))
        for number in range(AT_ONCE)
    ]
    assert await _bought(attempts) == 6
    assert (await desk.sessions.record(session.id)).reserved == Decimal("0.90")
    assert len(await desk.ledger.open_calls()) == 6
    await check_books(desk.database)


async def test_fifty_at_once_from_many_sessions_cannot_overrun_an_accounts_cap(
    desk: Desk, ledgers: tuple[LedgerService, LedgerService]
) -> None:
    await desk.ledger.set_budget("ann", Decimal(2))
    sessions = [await desk.session() for _ in range(5)]
    attempts = [
        asyncio.create_task(ledgers[number % 2].reserve(purchase(f"call {number}", sessions[number % 5].id, "0.15")))
        for number in range(AT_ONCE)
    ]
    assert await _bought(attempts) == 13
    assert (await desk.ledger.budget("ann")).reserved == Decimal("1.95")
    await check_books(desk.database)


async def test_one_key_reserved_by_many_at_once_is_reserved_once(
    desk: Desk, ledgers: tuple[LedgerService, LedgerService]
) -> None:
    session = await desk.session(cap="1")
    wanted = purchase("call", session.id, "0.60")
    calls = await asyncio.gather(*[ledgers[number % 2].reserve(wanted) for number in range(12)])
    assert len({call.created_at for call in calls}) == 1
    assert (await desk.sessions.record(session.id)).reserved == Decimal("0.60")


async def test_buying_and_settling_at_once_never_waits_in_a_ring(
    desk: Desk, ledgers: tuple[LedgerService, LedgerService]
) -> None:
    sessions = [(await desk.session()).id for _ in range(3)]

    async def life(number: int) -> None:
        # Two lives share a call: they reserve and settle it side by side.
        ledger, key, session_id = ledgers[number % 2], f"call {number // 2}", sessions[number // 2 % 3]
        await ledger.reserve(purchase(key, session_id, "0.10"))
        settlement = Settlement(key, (CallState.PAID, CallState.LOST)[number % 2], Decimal("0.10"))
        if number % 3:
            await ledger.settle(settlement)
        await desk.sessions.add_made(session_id, clip(key), settlement)

    await asyncio.gather(*[life(number) for number in range(30)])
    assert await desk.ledger.open_calls() == ()
    await check_books(desk.database)


class _Life:
    """Random purchases and ends of them, with repeats, out of order and out of place, as crashes and retries bring them."""

    def __init__(self, desk: Desk, sessions: list[str], seed: int) -> None:
        self._desk, self._sessions, self._random = desk, sessions, random.Random(seed)
        self._operations = (self._reserve, self._submit, self._settle, self._add_made, self._add_cost)

    async def step(self) -> None:
        number = self._random.randrange(12)
        session_id = self._sessions[number % len(self._sessions)]
        await self._random.choice(self._operations)(session_id, f"call {number}")

    def _amount(self) -> Decimal:
        return Decimal(self._random.randrange(1, 700_000)) / 1_000_000

    def _end(self, key: str) -> Settlement:
        state = self._random.choice(SETTLED)
        return Settlement(key, state, Decimal(0) if state is CallState.RELEASED else self._amount())

    def _work(self, key: str) -> CostEntry:
        return CostEntry(f"{key} {self._random.randrange(3)}", "video", "m", self._amount(), 1.0)

    async def _reserve(self, session_id: str, key: str) -> None:
        try:
            await self._desk.ledger.reserve(purchase(key, session_id, str(self._amount())))
        except BudgetError:
            return
        try:
            await self._desk.ledger.posting(key)
        except ConflictError:
            return

    async def _submit(self, _session_id: str, key: str) -> None:
        if await self._desk.ledger.get(key) is not None:
            await self._desk.ledger.submitted(key, f"p {key}")

    async def _settle(self, _session_id: str, key: str) -> None:
        if await self._desk.ledger.get(key) is not None:
            await self._desk.ledger.settle(self._end(key))

    async def _add_made(self, session_id: str, key: str) -> None:
        known = await self._desk.ledger.get(key) is not None
        charge = self._end(key) if known and self._random.random() < 0.8 else self._work(key)
        await self._desk.sessions.add_made(session_id, clip(key), charge)

    async def _add_cost(self, session_id: str, key: str) -> None:
        known = await self._desk.ledger.get(key) is not None
        await self._desk.sessions.add_cost(session_id, self._end(key) if known else self._work(key))


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_whatever_happens_the_sums_are_those_of_the_ledger(desk: Desk, seed: int) -> None:
    await desk.ledger.set_budget("ann", Decimal(6))
    sessions = [(await desk.session(cap="2.5")).id, (await desk.session()).id, (await desk.session()).id]
    life = _Life(desk, sessions, seed)
    for step in range(STEPS):
        await life.step()
        if step % 5 == 0:
            await check_books(desk.database)
    await check_books(desk.database)


async def test_the_sums_hold_when_it_all_happens_at_once(desk: Desk) -> None:
    sessions = [(await desk.session(cap="2.5")).id, (await desk.session()).id]
    lives = [_Life(desk, sessions, seed) for seed in range(8)]

    async def live(life: _Life) -> None:
        for _ in range(STEPS // 6):
            await life.step()

    await asyncio.gather(*[live(life) for life in lives])
    await check_books(desk.database)


async def test_the_check_of_the_books_sees_a_cent_too_much(desk: Desk) -> None:
    session = await desk.session()
    await desk.ledger.reserve(purchase("call", session.id, "1"))
    await check_books(desk.database)
    async with desk.database.writing() as transaction:
        await transaction.execute(text("UPDATE users SET reserved = reserved + 10000 WHERE id = 'ann'"))
    with pytest.raises(AssertionError, match="ann"):
        await check_books(desk.database)
