"""Compares the ledger with the stand-in's runs, on both databases."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from adreel.bootstrap.core import Core, open_core
from adreel.bootstrap.local import settings_from
from adreel.bootstrap.reconcile import Reconciliation, reconcile
from adreel.bootstrap.settings import Settings
from adreel.domain.costs.ledger import CallState, Purchase, PurchaseKind
from adreel.domain.costs.reconciliation import Verdict
from adreel.domain.errors import InputError
from adreel.domain.ids import utc_now
from adreel.orchestrator.lease import FileLease
from adreel.providers.common.prompt_marker import mark
from adreel.providers.replicate.client import ReplicateClient, open_client
from adreel.services.ledger.service import LedgerService
from adreel.services.sessions.records import Settlement
from support.db import add_user
from support.replicate import StandIn
from support.sessions import check_books

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


async def order(
    client: ReplicateClient,
    core: Core,
    key: str,
    session_id: str,
    minutes_ago: float = 0.0,
    model: str = "llama-3-70b",
) -> str:
    """Makes a purchase at the provider and in the ledger. Returns the provider's id."""
    ledger = LedgerService(core.database, lambda: utc_now() - timedelta(minutes=minutes_ago))
    prediction = await client.create(LLAMA, {"prompt": key})
    await ledger.reserve(Purchase(key, session_id, "ann", PurchaseKind.TEXT, "replicate", model, PRICE))
    await ledger.posting(key)
    await ledger.submitted(key, prediction.id)
    return prediction.id


def verdicts(books: Reconciliation) -> dict[str, Verdict]:
    """Returns verdicts by the run's id, else by the call's provider id."""
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
        assert verdicts(books) == {paid: Verdict.MATCHED, sent: Verdict.OPEN}
        assert books.agree
        assert books.swept == ()

        stray = (await client.create(LLAMA, {"prompt": "another account's"})).id
        wrong = await order(client, core, f"{session}:text-c:llama-3-70b:1", session)
        await core.ledger.settle(Settlement(f"{session}:text-c:llama-3-70b:1", CallState.RELEASED))
        key = f"{session}:text-d:llama-3-70b:1"
        await core.ledger.reserve(Purchase(key, session, "ann", PurchaseKind.TEXT, "replicate", "llama-3-70b", PRICE))
        await core.ledger.posting(key)
        await core.ledger.submitted(key, "nosuchrun")
        books = await reconcile(settings, DAY)
        assert verdicts(books) == {
            paid: Verdict.MATCHED,
            sent: Verdict.OPEN,
            stray: Verdict.UNKNOWN_HERE,
            wrong: Verdict.DIFFERS,
            "nosuchrun": Verdict.UNKNOWN_THERE,
        }
        assert not books.agree


@pytest.mark.parametrize("minutes", [-90, -15, 15, 90])
async def test_the_window_is_one_of_the_providers_time(settings: Settings, stand_in: StandIn, minutes: int) -> None:
    """Orders of an hour ago and of now, with a clock there that differs by more than either margin."""
    stand_in.skew(60 * minutes)
    async with open_core(settings) as core, open_client("r8_secret", base_url=stand_in.api) as client:
        user = await add_user(core.database, "ann")
        session = (await core.sessions.create(user)).id
        old = await bought(client, core, f"{session}:text-a:llama-3-70b:1", session)
        stand_in.advance(3600)
        new = await bought(client, core, f"{session}:text-b:llama-3-70b:1", session)
        assert verdicts(await reconcile(settings, timedelta(minutes=30))) == {new: Verdict.MATCHED}
        assert verdicts(await reconcile(settings, timedelta(minutes=90))) == {
            old: Verdict.MATCHED,
            new: Verdict.MATCHED,
        }


async def bought(client: ReplicateClient, core: Core, key: str, session_id: str) -> str:
    """As a worker buys, with the provider's times; the provider's id."""
    await core.ledger.reserve(Purchase(key, session_id, "ann", PurchaseKind.TEXT, "replicate", "llama-3-70b", PRICE))
    await client.input_schema(LLAMA)
    await core.ledger.posting(key, provider_time=client.now())
    prediction = await client.create(LLAMA, {"prompt": key})
    await core.ledger.submitted(key, prediction.id, prediction.created_at)
    await core.ledger.settle(Settlement(key, CallState.PAID, PRICE))
    return prediction.id


@pytest.mark.parametrize("accepted", [True, False])
async def test_an_order_whose_answer_was_lost_is_settled_once_its_fate_can_be_known(
    settings: Settings, stand_in: StandIn, accepted: bool
) -> None:
    """Written down by a machine whose clock is hours ahead, at a provider whose clock is behind."""
    stand_in.skew(-420)
    async with open_core(settings) as core, open_client("r8_secret", base_url=stand_in.api) as client:
        user = await add_user(core.database, "ann")
        session = (await core.sessions.create(user)).id
        key = f"{session}:text-a:llama-3-70b:1"
        ledger = LedgerService(core.database, lambda: utc_now() + timedelta(hours=2))
        call = await ledger.reserve(Purchase(key, session, user, PurchaseKind.TEXT, "replicate", "llama-3-70b", PRICE))
        await client.input_schema(LLAMA)
        await ledger.posting(key, provider_time=client.now())
        if accepted:
            await client.create(LLAMA, {"prompt": f"A question.{mark(call.seed)}"})
            stand_in.fault("server_error", on="list", times=4)
        soon = await reconcile(settings, DAY)
        assert [entry.verdict for entry in soon.entries if entry.call] == [Verdict.OPEN]
        assert (await core.sessions.record(session)).reserved == PRICE
        stand_in.advance(180)
        later = await reconcile(settings, DAY)
        settled = await core.ledger.get(key)
        assert settled is not None
        assert later.swept is not None
        # What was accepted has ended, and waits to be collected as long as it is kept.
        expected = CallState.SUBMITTED if accepted else CallState.RELEASED
        assert (settled.state, len(later.swept)) == (expected, int(not accepted))
        assert later.agree
        await check_books(core.database)


@pytest.mark.parametrize("model", ["llama-4-maverick", "llama-3-70b", "llama-3.1-405b"])
async def test_what_has_ended_without_a_waiter_is_settled(settings: Settings, stand_in: StandIn, model: str) -> None:
    """Also what was ordered from a model that is asked no more, or that the catalogue has no more."""
    stand_in.fault("failed", text="out of memory")
    async with open_core(settings) as core, open_client("r8_secret", base_url=stand_in.api) as client:
        await add_user(core.database, "ann")
        session = (await core.sessions.create("ann")).id
        key = f"{session}:text-a:{model}:1"
        left = await order(client, core, key, session, minutes_ago=5, model=model)
        stand_in.advance(10)
        books = await reconcile(settings, DAY)
        assert books.swept is not None
        (call,) = books.swept
        assert (call.key, call.state, call.amount) == (key, CallState.LOST, PRICE)
        assert verdicts(books) == {left: Verdict.MATCHED}
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
