from __future__ import annotations

from decimal import Decimal

from sqlalchemy import update

from adreel.db.engine import Database
from adreel.db.tables import UserRow
from adreel.domain.stage import Action
from adreel.services.usage_service import Usage, UsageService
from support_db import counted
from support_sessions import Desk


async def test_an_empty_service_has_used_nothing(database: Database) -> None:
    assert await UsageService(database).usage() == Usage(0, Decimal(0))


async def test_money_and_jobs_of_all_accounts_are_added_up_by_one_query(desk: Desk) -> None:
    session, _ = await desk.with_images()
    await desk.sessions.begin("ann", session.id, Action.GENERATE_CLIPS, "clips", {})
    async with desk.database.writing() as transaction:
        await transaction.execute(update(UserRow).where(UserRow.id == "ann").values(spent=Decimal("0.145")))
        await transaction.execute(update(UserRow).where(UserRow.id == "bob").values(spent=Decimal("1.5")))
    with counted(desk.database) as statements:
        assert await UsageService(desk.database).usage() == Usage(1, Decimal("1.645"))
    assert len(statements) == 1
