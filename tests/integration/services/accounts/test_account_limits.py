"""What accounts are allowed, at every door of the services, by many at once and from more than one process's connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from adreel.db.engine import Database
from adreel.domain.accounts.limits import MEBIBYTE, NO_LIMITS, AccountLimits, LimitName
from adreel.domain.accounts.user import LOCAL_USER_ID
from adreel.domain.costs.ledger import CallState
from adreel.domain.errors import BudgetError, LimitError, NotFoundError, RateError
from adreel.domain.sessions.stage import Action
from adreel.services.accounts.limits_service import LimitsService
from adreel.services.accounts.service import AuthService
from adreel.services.ledger.service import LedgerService
from adreel.services.sessions.records import Settlement
from adreel.services.sessions.service import SessionService
from support.db import add_user
from support.sessions import Desk, check_books, image, purchase

AT_ONCE = 12


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 5, 4, 23, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Office:
    """The services twice, as two processes have them, under the same limits."""

    def __init__(self, desk: Desk, other: Database, limits: AccountLimits) -> None:
        databases = (desk.database, other)
        self.clock = Clock()
        self.sessions = [SessionService(each, self.clock, limits=limits) for each in databases]
        self.ledgers = [LedgerService(each, self.clock, limits) for each in databases]
        self.auths = [AuthService(each, clock=self.clock, limits=limits) for each in databases]
        self.limits = LimitsService(desk.database, limits, self.clock)
        self.database = desk.database

    async def session(self, user_id: str = "ann") -> str:
        return (await self.sessions[0].create(user_id)).id


@pytest.fixture
async def other(desk: Desk) -> AsyncIterator[Database]:
    database = Database(desk.database.url)
    yield database
    await database.close()


async def passed(attempts: list[Coroutine[Any, Any, Any]], refusal: type[Exception] = LimitError) -> int:
    """How many of those that begin at once were let through; all others were refused as expected."""
    outcomes = await asyncio.gather(*attempts, return_exceptions=True)
    others = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert all(isinstance(outcome, refusal) for outcome in others), others
    return len(outcomes) - len(others)


async def test_of_many_new_sessions_at_once_one_takes_the_last_place(desk: Desk, other: Database) -> None:
    office = Office(desk, other, AccountLimits(sessions=3))
    await office.session()
    await office.session()
    assert await passed([office.sessions[number % 2].create("ann") for number in range(AT_ONCE)]) == 1
    with pytest.raises(LimitError, match="this account is allowed 3 sessions: delete a session") as caught:
        await office.session()
    assert (caught.value.name, caught.value.limit, caught.value.http_status) == ("sessions", 3, 409)
    assert await office.session("bob")


async def test_a_session_that_is_there_is_found_at_the_limit(desk: Desk, other: Database) -> None:
    office = Office(desk, other, AccountLimits(sessions=1))
    await office.sessions[0].resume("ann", "known", "a mug", 7, None)
    assert (await office.sessions[0].resume("ann", "known", "a mug", 7, None)).id == "known"
    with pytest.raises(LimitError):
        await office.sessions[0].resume("ann", "another", "a mug", 7, None)


async def test_making_and_deleting_sessions_is_counted_by_the_hour(desk: Desk, other: Database) -> None:
    office = Office(desk, other, AccountLimits(sessions_per_hour=4))
    for _ in range(3):
        await office.sessions[0].delete("ann", await office.session())
    assert await passed([office.sessions[number % 2].create("ann") for number in range(AT_ONCE)]) == 1
    with pytest.raises(RateError, match="4 new sessions an hour: wait for the next hour") as caught:
        await office.session()
    assert (caught.value.http_status, caught.value.retry_after) == (429, 1800)
    office.clock.now += timedelta(minutes=30)
    await office.session()
    # A machine whose clock is behind does not begin the old hour anew.
    office.clock.now -= timedelta(minutes=30)
    assert await passed([office.sessions[number % 2].create("ann") for number in range(AT_ONCE)]) == 3


async def test_of_many_jobs_at_once_one_takes_the_last_place(desk: Desk, other: Database) -> None:
    office = Office(desk, other, AccountLimits(jobs=2))
    ids = [await office.session() for _ in range(AT_ONCE)]
    for session_id in ids:
        await office.sessions[0].add_images("ann", session_id, [image(session_id)])
        await office.sessions[0].approve_images(
            "ann", session_id, [(await office.sessions[0].get("ann", session_id)).assets[0].id]
        )

    def begin(number: int, job: str = "job") -> Coroutine[Any, Any, Any]:
        return office.sessions[number % 2].begin("ann", ids[number], Action.GENERATE_CLIPS, f"{job} {number}", {})

    await begin(0)
    assert await passed([begin(number) for number in range(1, AT_ONCE)]) == 1
    with pytest.raises(LimitError, match="2 jobs at once: wait for one of them to end"):
        await begin(AT_ONCE - 1)
    await office.sessions[0].cancelled("job 0")
    await begin(0, "another")


async def test_of_many_uploads_at_once_one_takes_the_last_place(desk: Desk, other: Database) -> None:
    office = Office(desk, other, AccountLimits(photos=2))
    ids = [await office.session() for _ in range(AT_ONCE)]
    await office.sessions[0].add_images("ann", ids[0], [replace(image("first"), request="first")])
    uploads = [office.sessions[n % 2].add_images("ann", one, [image(str(n))]) for n, one in enumerate(ids)]
    assert await passed([*uploads]) == 1
    assert (await office.limits.usage("ann")).photos == 2
    # What is there already takes no place.
    await office.sessions[0].add_images("ann", ids[0], [replace(image("first"), request="first")])
    with pytest.raises(LimitError, match="2 images in all sessions"):
        await office.sessions[0].require_room("ann", 1, 10)
    await office.sessions[0].require_room("bob", 1, 10)


async def test_of_many_uploads_at_once_one_gets_the_last_bytes(desk: Desk, other: Database) -> None:
    office = Office(desk, other, AccountLimits(stored_mb=2))
    ids = [await office.session() for _ in range(AT_ONCE)]
    large = replace(image(), size_bytes=MEBIBYTE)
    await office.sessions[0].add_images("ann", ids[0], [large])
    uploads = [office.sessions[n % 2].add_images("ann", one, [large]) for n, one in enumerate(ids)]
    assert await passed([*uploads]) == 1
    with pytest.raises(LimitError, match="2 MB of stored files"):
        await office.sessions[0].require_room("ann", 0, 1)
    # Nor does work begin whose files would be more.
    view = await office.sessions[0].get("ann", ids[0])
    await office.sessions[0].approve_images("ann", ids[0], [view.assets[0].id])
    with pytest.raises(LimitError, match="2 MB"):
        await office.sessions[0].begin("ann", ids[0], Action.GENERATE_CLIPS, "job", {})
    await office.sessions[0].delete("ann", ids[0])
    await office.sessions[0].require_room("ann", 0, 1)


async def test_images_to_be_made_count_before_they_are_made(desk: Desk, other: Database) -> None:
    office = Office(desk, other, AccountLimits(photos=3))
    one = await office.session()
    with pytest.raises(LimitError, match="3 images"):
        await office.sessions[0].begin("ann", one, Action.GENERATE_IMAGES, "job", {"count": 4})
    await office.sessions[0].begin("ann", one, Action.GENERATE_IMAGES, "job", {"count": 3})


async def test_of_many_keys_at_once_one_takes_the_last_place(desk: Desk, other: Database) -> None:
    office = Office(desk, other, AccountLimits(keys=2))
    first = await office.auths[0].create_api_key("ann", "first")
    assert await passed([office.auths[n % 2].create_api_key("ann", str(n)) for n in range(AT_ONCE)]) == 1
    with pytest.raises(LimitError, match="2 API keys: revoke a key"):
        await office.auths[0].create_api_key("ann", "more")
    await office.auths[0].revoke_api_key("ann", first.id)
    await office.auths[0].create_api_key("ann", "more")


async def test_a_days_dollars_are_never_overrun(desk: Desk, other: Database) -> None:
    office = Office(desk, other, AccountLimits(dollars_per_day=Decimal("1.00")))
    ids = [await office.session() for _ in range(3)]
    attempts = [office.ledgers[n % 2].reserve(purchase(f"call {n}", ids[n % 3], "0.15")) for n in range(40)]
    assert await passed([*attempts], BudgetError) == 6
    usage = await office.limits.usage("ann")
    assert (usage.dollars_today, usage.dollars) == (Decimal("0.90"), Decimal("0.90"))
    with pytest.raises(BudgetError, match=r"only \$0.10 of this UTC day's limit of \$1.00 is left") as caught:
        await office.ledgers[0].require("ann", Decimal("0.15"))
    assert (caught.value.whose, caught.value.http_status) == ("day", 402)
    await office.ledgers[0].require("ann", Decimal("0.10"))
    await check_books(desk.database)


async def test_what_is_not_billed_can_be_spent_again_the_same_day(desk: Desk, other: Database) -> None:
    office = Office(desk, other, AccountLimits(dollars_per_day=Decimal("1.00")))
    one = await office.session()
    for name, state, amount in (("free", CallState.RELEASED, "0"), ("dear", CallState.PAID, "0.70")):
        await office.ledgers[0].reserve(purchase(name, one, "0.60"))
        await office.ledgers[0].settle(Settlement(name, state, Decimal(amount)))
    assert (await office.limits.usage("ann")).dollars_today == Decimal("0.70")
    with pytest.raises(BudgetError):
        await office.ledgers[0].reserve(purchase("more", one, "0.31"))
    await office.ledgers[0].reserve(purchase("just", one, "0.30"))


async def test_a_day_ends_at_midnight_and_never_comes_back(desk: Desk, other: Database) -> None:
    office = Office(desk, other, AccountLimits(dollars_per_day=Decimal("1.00")))
    one = await office.session()
    await office.ledgers[0].reserve(purchase("late", one, "1.00"))
    office.clock.now += timedelta(minutes=30)
    await office.ledgers[0].reserve(purchase("early", one, "0.80"))
    # What belongs to the day before does not touch the new one.
    await office.ledgers[0].settle(Settlement("late", CallState.RELEASED))
    assert (await office.limits.usage("ann")).dollars_today == Decimal("0.80")
    # Another machine still has yesterday: it may not spend that day's money again.
    office.clock.now -= timedelta(minutes=30)
    with pytest.raises(BudgetError, match="UTC day"):
        await office.ledgers[1].reserve(purchase("behind", one, "0.30"))
    await check_books(desk.database)


async def test_no_user_allows_themselves_more_than_the_operator(desk: Desk, other: Database) -> None:
    office = Office(desk, other, AccountLimits(budget=Decimal(5)))
    ledger, sessions = office.ledgers[0], office.sessions[0]
    one = await office.session()
    for cap in (None, Decimal("5.01"), Decimal(999999)):
        with pytest.raises(LimitError, match=r"allowed a budget of \$5.00"):
            await ledger.set_budget("ann", cap)
        with pytest.raises(LimitError):
            await sessions.set_budget("ann", one, cap)
    with pytest.raises(LimitError):
        await sessions.create("ann", budget_cap=Decimal(6))
    assert (await ledger.budget("ann")).cap == Decimal(5)
    assert (await ledger.set_budget("ann", Decimal(2))).cap == Decimal(2)
    assert (await ledger.set_budget("ann", Decimal(5))).cap == Decimal(5)
    assert (await sessions.set_budget("ann", one, Decimal(5))).budget_cap == Decimal(5)
    # Also for an account that had no cap before there were limits.
    ids = [await office.session("bob") for _ in range(3)]
    attempts = [office.ledgers[n % 2].reserve(purchase(f"b {n}", ids[n % 3], "0.70", "bob")) for n in range(20)]
    assert await passed([*attempts], BudgetError) == 7
    await check_books(desk.database)


async def test_the_usual_cap_of_a_session_is_within_what_is_allowed(desk: Desk) -> None:
    sessions = SessionService(desk.database, default_cap=Decimal(20), limits=AccountLimits(budget=Decimal(5)))
    assert (await sessions.create("ann")).budget_cap == Decimal(5)
    assert (await SessionService(desk.database, default_cap=Decimal(20)).create("ann")).budget_cap == Decimal(20)


async def test_the_operator_sets_what_holds_for_one_account(desk: Desk, other: Database) -> None:
    office = Office(desk, other, AccountLimits(sessions=1, budget=Decimal(5)))
    await office.session()
    changed = await office.limits.set(
        "ann", {LimitName.SESSIONS: 2, LimitName.BUDGET: Decimal("7.50"), LimitName.JOBS: 1}
    )
    assert changed == AccountLimits(sessions=2, budget=Decimal("7.50"), jobs=1)
    assert await office.limits.limits("ann") == changed
    assert await office.limits.limits("bob") == AccountLimits(sessions=1, budget=Decimal(5))
    assert await passed([office.sessions[n % 2].create("ann") for n in range(AT_ONCE)]) == 1
    assert (await office.ledgers[1].set_budget("ann", Decimal("7.50"))).cap == Decimal("7.50")
    await office.limits.set("ann", {LimitName.SESSIONS: None}, frozenset({LimitName.BUDGET}))
    assert await office.limits.limits("ann") == AccountLimits(budget=Decimal(5), jobs=1)
    assert (await office.ledgers[1].budget("ann")).cap == Decimal(5)
    await office.session()
    with pytest.raises(NotFoundError):
        await office.limits.set("carl", {LimitName.JOBS: 1})


async def test_the_person_of_a_machine_without_login_is_its_operator(desk: Desk, other: Database) -> None:
    nothing = AccountLimits(0, 0, 0, 0, 0, 0, Decimal(0), Decimal(0))
    office = Office(desk, other, nothing)
    await add_user(desk.database, LOCAL_USER_ID)
    one = await office.session(LOCAL_USER_ID)
    await office.sessions[0].add_images(LOCAL_USER_ID, one, [image()])
    await office.ledgers[0].reserve(purchase("call", one, "3.00", LOCAL_USER_ID))
    assert (await office.ledgers[0].set_budget(LOCAL_USER_ID, None)).cap is None
    assert (await office.ledgers[0].set_budget(LOCAL_USER_ID, Decimal(999999))).cap == Decimal(999999)
    assert await office.limits.limits(LOCAL_USER_ID) == NO_LIMITS


async def test_what_is_used_is_reported(desk: Desk, other: Database) -> None:
    office = Office(desk, other, AccountLimits(sessions=10))
    one = await office.session()
    await office.sessions[0].add_images("ann", one, [image("a"), image("b")])
    await office.auths[0].create_api_key("ann", "key")
    await office.ledgers[0].reserve(purchase("call", one, "0.25"))
    await office.sessions[0].begin("ann", one, Action.GENERATE_IMAGES, "job", {"count": 1})
    usage = await office.limits.usage("ann")
    assert {name.value: usage.of(name) for name in LimitName} == {
        "sessions": 1,
        "sessions_per_hour": 1,
        "stored_mb": 1,
        "jobs": 1,
        "photos": 2,
        "keys": 1,
        "dollars_per_day": Decimal("0.25"),
        "budget": Decimal("0.25"),
    }
    assert (await office.limits.usage("bob")).sessions == 0
