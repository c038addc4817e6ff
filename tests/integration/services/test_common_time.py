"""The time that machines share, on both databases."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from adreel.db.engine import Database
from adreel.domain.accounts.user import Grant, User
from adreel.domain.costs.ledger import Purchase, PurchaseKind
from adreel.domain.errors import AuthError, StorageError
from adreel.domain.ids import Clock
from adreel.routers.common.credentials import Redeemed, TicketSigner
from adreel.services.common_time import CommonTime
from adreel.services.ledger.service import LedgerService
from adreel.services.sessions.service import SessionService
from support.db import add_user

SECRET = b"0123456789abcdef"
ANN = Grant(User("ann", None), "token")


def off_by(**span: float) -> Clock:
    return lambda: datetime.now(UTC) + timedelta(**span)


async def test_machines_whose_clocks_differ_agree_on_postgresql(database: Database) -> None:
    ahead, behind = CommonTime(database, off_by(minutes=10)), CommonTime(database, off_by(minutes=-10))
    await asyncio.gather(ahead.sync(), behind.sync())
    apart = abs((ahead() - behind()).total_seconds())
    assert apart > 1100 if database.is_sqlite else apart < 5


async def test_a_ticket_of_one_machine_is_good_at_another(pg_database: str) -> None:
    database = Database(pg_database)
    ahead, behind = CommonTime(database, off_by(minutes=10)), CommonTime(database, off_by(minutes=-10))
    ticket = TicketSigner(SECRET, behind).issue(ANN, "one", 60)
    with pytest.raises(AuthError, match="has expired"):
        TicketSigner(SECRET, ahead).redeem(ticket, "one")
    await asyncio.gather(ahead.sync(), behind.sync())
    ticket = TicketSigner(SECRET, behind).issue(ANN, "one", 60)
    assert TicketSigner(SECRET, ahead).redeem(ticket, "one") == Redeemed("ann", "token")
    await database.close()


async def test_between_two_looks_it_goes_on_by_seconds_and_not_by_the_clock(pg_database: str) -> None:
    database, seconds, wall = Database(pg_database), [10.0], [datetime(2026, 1, 1, tzinfo=UTC)]
    time = CommonTime(database, lambda: wall[0], lambda: seconds[0])
    assert time() == wall[0]
    await time.sync()
    before = time()
    wall[0] += timedelta(hours=2)
    seconds[0] += 30
    assert time() - before == timedelta(seconds=30)
    await database.close()
    with pytest.raises(StorageError):
        await CommonTime(Database("postgresql://nobody@127.0.0.1:1/none")).sync()


async def test_purchases_are_known_by_the_providers_times(database: Database) -> None:
    user = await add_user(database, "ann")
    session = (await SessionService(database).create(user)).id
    ledger = LedgerService(database, off_by(days=-3))
    there = datetime(2031, 5, 5, tzinfo=UTC)
    for number, minutes in enumerate((0, 10, 20)):
        key, moment = f"{session}:{number}", there + timedelta(minutes=minutes)
        await ledger.reserve(Purchase(key, session, user, PurchaseKind.CLIP, "replicate", "m", Decimal("0.10")))
        posted = await ledger.posting(key, provider_time=moment)
        assert posted is not None
        assert posted.provider_posted_at == moment
        await ledger.submitted(key, f"p{number}", moment + timedelta(seconds=1))
    span = (there + timedelta(minutes=5), there + timedelta(minutes=15))
    assert await ledger.accepted("replicate", *span) == {"p1"}
    assert await ledger.accepted("fal", *span) == frozenset()
    assert [call.key for call in await ledger.calls_at("replicate", span[0])] == [f"{session}:1", f"{session}:2"]
