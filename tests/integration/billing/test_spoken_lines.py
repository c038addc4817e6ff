"""Spoken lines are bought through the ledger, from the stand-in over HTTP: once, whatever goes wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from adreel.billing.agent_buyers import LineBuyer
from adreel.billing.crash_points import CrashPoint
from adreel.bootstrap.hosted import speech_vendors
from adreel.catalogue.loader import load_catalogue
from adreel.domain.costs.ledger import CallState, PaidCall, PurchaseKind
from adreel.domain.errors import BudgetError, GenerationError
from adreel.domain.films.speech import SpeechOrder
from adreel.media.speech.bought_lines import LineStore
from adreel.orchestrator.flows.build import FlowDependencies, build_flows, buyer_of_lines
from adreel.providers.replicate.speech import ReplicateSpeechEngine
from adreel.services.storage.downloads import Downloader
from adreel.services.storage_service import StorageService
from support.hosted import Shop
from support.replicate import StandIn
from support.sessions import check_books
from support.steps import Crash

MODEL, REFERENCE = "speech-2.6-turbo", "minimax/speech-2.6-turbo"
LINE = SpeechOrder(MODEL, "Guten Morgen, Tasse.", "Calm_Woman", "de")
PRICE = Decimal("0.004")


def program(shop: Shop) -> FlowDependencies:
    """The parts of a program that buys lines through the shop's ledger."""
    known = load_catalogue()
    assert shop.client is not None
    fetch = Downloader(allowed_hosts=[shop.output_host]).fetch
    engine = ReplicateSpeechEngine(shop.client, known.speeches, fetch, output_hosts=[shop.output_host])
    return replace(shop.kit("a program"), speech_vendors=speech_vendors(known, {"replicate": engine}))


async def buy(shop: Shop, session_id: str, order: SpeechOrder = LINE, buyer: LineBuyer | None = None) -> LineStore:
    """Buys a line as a program does that has just been started; returns where it keeps lines."""
    lines = LineStore(shop.folder / "lines")
    path = shop.folder / "line.sound"
    buyer = buyer or buyer_of_lines(program(shop))
    assert buyer is not None
    await buyer.buy(session_id, order, path, lambda file: lines.keep("line", order.text, file))
    return lines


async def session_of(shop: Shop, cap: str | None = None) -> str:
    return (await shop.sessions.create("ann", seed=7, budget_cap=None if cap is None else Decimal(cap))).id


async def calls(shop: Shop, session_id: str) -> list[PaidCall]:
    return list(await shop.ledger.calls_in(session_id))


async def test_a_line_is_bought_once_for_the_same_words_voice_and_language(shop: Shop, stand_in: StandIn) -> None:
    session_id = await session_of(shop)
    lines = await buy(shop, session_id)
    speech = lines.speech("line", LINE.text, 1.0)
    assert speech is not None
    assert 0.5 < len(speech.samples) / 48_000 < 3
    (call,) = await calls(shop, session_id)
    assert (call.kind, call.model, call.state, call.amount) == (PurchaseKind.SPEECH, MODEL, CallState.PAID, PRICE)
    _, [line] = await shop.sessions.costs("ann", session_id)
    assert (line.agent, line.success) == ("voice", True)
    # The provider removes its files after an hour: what was bought does not depend on it.
    stand_in.advance(7200)
    await buy(shop, session_id)
    assert stand_in.billing()["count"] == 1
    (bill,) = stand_in.billing()["entries"]
    assert Decimal(bill["price"]) == PRICE
    for other in (
        replace(LINE, text="Guten Abend."),
        replace(LINE, voice="Wise_Woman"),
        replace(LINE, language=None),
        replace(LINE, model="speech-02-turbo"),
    ):
        await buy(shop, session_id, other)
    assert stand_in.billing()["count"] == 5
    await check_books(shop.database)


@pytest.mark.parametrize(
    "fault",
    [
        "drop_accepted",
        "server_error_accepted",
        "drop",
        "server_error",
        "throttled",
        "data_uri",
        "processing_with_output",
    ],
)
async def test_an_answer_that_is_lost_or_late_buys_nothing_twice(shop: Shop, stand_in: StandIn, fault: str) -> None:
    session_id = await session_of(shop)
    stand_in.fault(fault, model=REFERENCE)
    await buy(shop, session_id)
    assert stand_in.billing()["count"] == 1
    assert [call.state for call in await calls(shop, session_id)] == [CallState.PAID]
    await check_books(shop.database)


@pytest.mark.parametrize("fault", ["failed", "black", "corrupt", "short"])
async def test_a_line_of_no_use_is_lost_and_bought_again_by_the_next_call(
    shop: Shop, stand_in: StandIn, fault: str
) -> None:
    session_id = await session_of(shop)
    stand_in.fault(fault, model=REFERENCE) if fault == "failed" else stand_in.fault(fault)
    with pytest.raises(GenerationError):
        await buy(shop, session_id)
    assert [call.state for call in await calls(shop, session_id)] == [CallState.LOST]
    await buy(shop, session_id)
    assert [call.state for call in await calls(shop, session_id)] == [CallState.LOST, CallState.PAID]
    await check_books(shop.database)


@pytest.mark.parametrize(
    "point",
    [
        CrashPoint.INTENT_WRITTEN,
        CrashPoint.BEFORE_POST,
        CrashPoint.POST_ANSWERED,
        CrashPoint.ID_STORED,
        CrashPoint.WAITING,
    ],
)
async def test_a_program_that_dies_over_a_line_resumes_it(shop: Shop, stand_in: StandIn, point: CrashPoint) -> None:
    def die(reached: CrashPoint, _what: str) -> None:
        if reached is point:
            raise Crash

    session_id = await session_of(shop)
    dying = buyer_of_lines(replace(program(shop), checkpoint=die))
    with pytest.raises(Crash):
        await buy(shop, session_id, buyer=dying)
    await buy(shop, session_id)
    assert stand_in.billing()["count"] == 1
    assert [call.state for call in await calls(shop, session_id)] == [CallState.PAID]
    await check_books(shop.database)


@pytest.mark.parametrize("after", [False, True])
async def test_a_program_that_dies_while_it_stores_a_line_does_not_buy_it_again(
    shop: Shop, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    session_id, parts = await session_of(shop), program(shop)
    upload = parts.storage.upload_file

    async def die(_storage: StorageService, path: Path, kind: str, key: str) -> None:
        if after:
            await upload(path, kind, key)
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(StorageService, "upload_file", die)
        with pytest.raises(Crash):
            await buy(shop, session_id, buyer=buyer_of_lines(parts))
    await buy(shop, session_id)
    assert stand_in.billing()["count"] == 1
    await check_books(shop.database)


async def test_a_budget_that_does_not_cover_it_buys_nothing(shop: Shop, stand_in: StandIn) -> None:
    session_id = await session_of(shop, cap="0.003")
    with pytest.raises(BudgetError):
        await buy(shop, session_id)
    assert stand_in.billing()["count"] == 0


async def test_an_abandoned_line_is_settled_by_the_sweep(shop: Shop, stand_in: StandIn) -> None:
    def die(reached: CrashPoint, _what: str) -> None:
        if reached is CrashPoint.ID_STORED:
            raise Crash

    session_id, parts = await session_of(shop), program(shop)
    stand_in.fault("stuck", model=REFERENCE)
    with pytest.raises(Crash):
        await buy(shop, session_id, buyer=buyer_of_lines(replace(parts, checkpoint=die)))
    sweep = build_flows(parts).ledger_sweep
    assert await sweep.sweep_ledger(shop.clock() + timedelta(hours=1)) == 1
    assert [call.state for call in await calls(shop, session_id)] == [CallState.LOST]
