"""The ledger held against what the stand-in ran, on both databases."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from adreel.bootstrap.books import Books, reconcile
from adreel.bootstrap.core import Core, open_core
from adreel.bootstrap.films import settings_from
from adreel.domain.books import Verdict
from adreel.domain.errors import InputError
from adreel.domain.ledger import CallState, Purchase
from adreel.orchestrator.lease import FileLease
from adreel.providers.replicate.client import ReplicateClient, open_client
from adreel.services.defaults import utc_now
from adreel.services.ledger_service import LedgerService
from adreel.services.records import Settlement
from adreel.settings import Settings
from support_db import add_user
from support_replicate import StandIn
from support_sessions import check_books

ACCOUNT = "r8_secret"
DAY = timedelta(hours=24)
PRICE = Decimal("0.01")
LLAMA = "meta/meta-llama-3-70b-instruct"


@pytest.fixture
def settings(database_url: str, tmp_path: Path, stand_in: StandIn) -> Settings:
    return settings_from(
        data_dir=tmp_path / "data",
        database_url=database_url,
        replicate_api_token=ACCOUNT,
        replicate_base_url=stand_in.api,
    )


async def order(client: ReplicateClient, core: Core, key: str, session_id: str, minutes_ago: float = 0.0) -> str:
    """A purchase at the provider and in the ledger; the provider's id."""
    ledger = LedgerService(core.database, lambda: utc_now() - timedelta(minutes=minutes_ago))
    prediction = await client.create(LLAMA, {"prompt": key})
    await ledger.reserve(Purchase(key, session_id, "ann", "replicate", "llama-3-70b", PRICE))
    await ledger.posting(key)
    await ledger.submitted(key, prediction.id)
    return prediction.id


def told(books: Books) -> dict[str, Verdict]:
    """Verdicts by the provider's id, else the call's."""
    return {
        entry.run.id if entry.run else (entry.call and entry.call.provider_id) or "": entry.verdict
        for entry in books.entries
    }


async def test_books_that_agree_and_books_that_do_not(settings: Settings, stand_in: StandIn) -> None:
    async with open_core(settings) as core, open_client("r8_secret", base_url=stand_in.api) as client:
        await add_user(core.database, "ann")
        session = (await core.sessions.create("ann")).id
        paid = await order(client, core, f"{session}:text-a:llama-3-70b:1", session)
        await core.ledger.settle(Settlement(f"{session}:text-a:llama-3-70b:1", CallState.PAID, PRICE))
        sent = await order(client, core, f"{session}:text-b:llama-3-70b:1", session)
        books = await reconcile(settings, DAY)
        assert told(books) == {paid: Verdict.MATCHED, sent: Verdict.OPEN}
        assert books.agree
        assert books.swept == ()

        stray = (await client.create(LLAMA, {"prompt": "somebody else's"})).id
        wrong = await order(client, core, f"{session}:text-c:llama-3-70b:1", session)
        await core.ledger.settle(Settlement(f"{session}:text-c:llama-3-70b:1", CallState.RELEASED))
        key = f"{session}:text-d:llama-3-70b:1"
        await core.ledger.reserve(Purchase(key, session, "ann", "replicate", "llama-3-70b", PRICE))
        await core.ledger.posting(key)
        await core.ledger.submitted(key, "nosuchrun")
        books = await reconcile(settings, DAY)
        assert told(books) == {
            paid: Verdict.MATCHED,
            sent: Verdict.OPEN,
            stray: Verdict.UNKNOWN_HERE,
            wrong: Verdict.DIFFERS,
            "nosuchrun": Verdict.UNKNOWN_THERE,
        }
        assert not books.agree


async def test_what_has_ended_and_nobody_waits_for_is_settled(settings: Settings, stand_in: StandIn) -> None:
    stand_in.fault("failed", text="out of memory")
    async with open_core(settings) as core, open_client("r8_secret", base_url=stand_in.api) as client:
        await add_user(core.database, "ann")
        session = (await core.sessions.create("ann")).id
        key = f"{session}:text-a:llama-3-70b:1"
        left = await order(client, core, key, session, minutes_ago=5)
        stand_in.advance(10)
        books = await reconcile(settings, DAY)
        assert books.swept is not None
        (call,) = books.swept
        assert (call.key, call.state, call.amount) == (key, CallState.LOST, PRICE)
        assert told(books) == {left: Verdict.MATCHED}
        await check_books(core.database)


async def test_where_another_adreel_is_at_work_nothing_is_changed(tmp_path: Path, stand_in: StandIn) -> None:
    settings = settings_from(
        data_dir=tmp_path, database_url=None, replicate_api_token=ACCOUNT, replicate_base_url=stand_in.api
    )
    other = FileLease(tmp_path)
    await other.start()
    async with open_core(settings) as core, open_client("r8_secret", base_url=stand_in.api) as client:
        await add_user(core.database, "ann")
        session = (await core.sessions.create("ann")).id
        await order(client, core, f"{session}:text-a:llama-3-70b:1", session, minutes_ago=5)
        books = await reconcile(settings, DAY)
        assert books.swept is None
        assert len(await core.ledger.open_calls()) == 1
    await other.close()


async def test_without_an_account_there_is_nothing_to_compare(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="ADREEL_REPLICATE_API_TOKEN"):
        await reconcile(settings_from(data_dir=tmp_path, replicate_api_token=None), DAY)
