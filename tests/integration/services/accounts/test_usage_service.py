from __future__ import annotations

from decimal import Decimal

from sqlalchemy import update

from adreel.db.engine import Database
from adreel.db.tables import UserRow
from adreel.domain.costs.ledger import CallState, PurchaseKind
from adreel.domain.sessions.stage import Action
from adreel.domain.work.usage import PurchaseTotal, QueueLoad, Usage
from adreel.services.accounts.usage import UsageService
from adreel.services.sessions.records import Settlement
from support.db import counted
from support.sessions import Desk, purchase


async def test_an_empty_service_has_used_nothing(database: Database) -> None:
    assert await UsageService(database).usage() == Usage(0, Decimal(0))


async def test_money_and_jobs_of_all_accounts_are_added_up_by_two_queries(desk: Desk) -> None:
    session, _ = await desk.with_images()
    await desk.sessions.begin("ann", session.id, Action.GENERATE_CLIPS, "clips", {})
    async with desk.database.writing() as transaction:
        await transaction.execute(update(UserRow).where(UserRow.id == "ann").values(spent=Decimal("0.145")))
        await transaction.execute(update(UserRow).where(UserRow.id == "bob").values(spent=Decimal("1.5")))
    with counted(desk.database) as statements:
        assert await UsageService(desk.database).usage() == Usage(1, Decimal("1.645"))
    assert len(statements) == 2


async def test_purchases_are_added_up_by_kind_provider_and_state(desk: Desk) -> None:
    session = await desk.session()
    ends = {"paid": CallState.PAID, "lost": CallState.LOST, "released": CallState.RELEASED}
    for key in (*ends, "open", "ordered", "paid too"):
        await desk.ledger.reserve(purchase(key, session.id, "0.15"))
    await desk.ledger.posting("ordered")
    await desk.ledger.submitted("ordered", "job 1")
    for key, state in (*ends.items(), ("paid too", CallState.PAID)):
        amount = Decimal(0) if state is CallState.RELEASED else Decimal("0.11")
        await desk.ledger.settle(Settlement(key, state, amount))
    usage = await UsageService(desk.database).usage()
    assert {(total.state, total.count, total.amount) for total in usage.purchases} == {
        (CallState.INTENT, 1, Decimal("0.15")),
        (CallState.SUBMITTED, 1, Decimal("0.15")),
        (CallState.PAID, 2, Decimal("0.22")),
        (CallState.LOST, 1, Decimal("0.11")),
        (CallState.RELEASED, 1, Decimal(0)),
    }
    assert {(total.kind, total.provider) for total in usage.purchases} == {(PurchaseKind.CLIP, "stand-in")}
    assert isinstance(usage.purchases[0], PurchaseTotal)


async def test_the_load_of_queues_is_that_of_the_engine(database: Database) -> None:
    async def loads() -> tuple[QueueLoad, ...]:
        return (QueueLoad("jobs", 2, 3.5),)

    assert (await UsageService(database, loads).usage()).queues == (QueueLoad("jobs", 2, 3.5),)
