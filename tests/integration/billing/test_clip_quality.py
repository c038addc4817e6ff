"""Clips bought at the stand-in over HTTP: what is of no use, what a model no longer takes, what webhooks save."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from adreel.db.tables import PaidCallRow
from adreel.domain.costs.ledger import CallState
from adreel.domain.errors import InputError, MachineError
from adreel.domain.sessions.session import AssetKind, SessionView
from adreel.domain.sessions.stage import Stage
from adreel.media.clips import conform, probe
from adreel.media.ffmpeg import process as ffmpeg
from adreel.media.ffmpeg.process import Output
from support.hosted import PATIENCE, Shop, hooked
from support.images import total
from support.replicate import Json, StandIn
from support.sessions import check_books

MODEL = "seedance-1-pro-fast"
NAME = "bytedance/seedance-1-pro-fast"
EACH = Decimal("0.12")
SECONDS = 2.0
"""Standing still for a second is seen, and encoders take a moment until they do."""


async def buy(shop: Shop, images: int = 1, cap: str | None = None, model: str = MODEL) -> SessionView:
    session = await shop.session(images, cap)
    return await again(shop, session.id, model)


async def again(shop: Shop, session_id: str, model: str = MODEL) -> SessionView:
    started = await shop.orchestrator.generate_clips("ann", session_id, "calm", SECONDS, model)
    await shop.jobs.work(started.job_id)
    return await shop.sessions.view(session_id)


async def settled(shop: Shop) -> list[tuple[CallState, str]]:
    async with shop.database.reading() as transaction:
        rows = await transaction.scalars(select(PaidCallRow).order_by(PaidCallRow.created_at))
        return [(CallState(row.state), row.error or "") for row in rows]


USELESS = [
    ("empty", "is empty"),
    ("corrupt", "is not a video"),
    ("truncated", "cut short"),
    ("black", "is black for"),
    ("frozen", "stands still for"),
    ("tiny", "48x48 pixels small"),
    ("square", "256x256 instead of 16:9"),
    ("short", "lasts 0.12 s instead of 2.00 s"),
]


@pytest.mark.parametrize(("fault", "words"), USELESS)
async def test_a_clip_of_no_use_gets_one_new_take(shop: Shop, stand_in: StandIn, fault: str, words: str) -> None:
    stand_in.fault(fault)
    view = await buy(shop)
    (lost, why), (paid, _) = await settled(shop)
    assert (lost, paid) == (CallState.LOST, CallState.PAID)
    assert words in why
    assert str(shop.folder) not in why
    assert len(await shop.clips(view.session.id)) == 1
    seeds = [entry["seed"] for entry in stand_in.billing()["entries"]]
    assert len(set(seeds)) == 2
    assert view.session.total_cost == total(stand_in) == 2 * EACH
    await check_books(shop.database)


@pytest.mark.parametrize("fault", ["black", "failed"])
async def test_there_is_no_third_and_none_beyond_the_budget(shop: Shop, stand_in: StandIn, fault: str) -> None:
    stand_in.fault(fault, times=3)
    view = await buy(shop)
    assert view.session.stage is Stage.FAILED
    assert "choose another model" in (view.session.error or "")
    assert stand_in.billing()["count"] == 2
    poor = await buy(shop, cap="0.20")
    assert poor.session.stage is Stage.FAILED
    assert stand_in.billing()["count"] == 3
    assert poor.session.total_cost == EACH
    await check_books(shop.database)


async def test_a_refusal_for_its_content_is_tried_with_a_new_seed_and_then_reported(
    shop: Shop, stand_in: StandIn
) -> None:
    stand_in.fault("failed", times=2)
    view = await buy(shop)
    first, second = stand_in.billing()["entries"]
    assert first["seed"] != second["seed"]
    assert view.session.error == (
        "seedance-1-pro-fast gave no clip (failed): the provider's filter rejects its content; "
        "change the photo or the words, or choose another model"
    )


@pytest.mark.parametrize(
    ("model", "aspect", "seconds", "words"),
    [
        ("veo-3.1-fast", "1:1", 4.0, "veo-3.1-fast makes no clips of 1:1; choose one of 16:9, 9:16"),
        ("veo-3.1-fast", "16:9", 9.0, "choose between 0.5 and 8 seconds"),
        ("hailuo-2.3", "16:9", 10.0, "choose between 0.5 and 6 seconds"),
        ("wan-2.2-i2v-fast", "16:9", 8.0, "choose between 0.5 and 7.5625 seconds"),
    ],
)
async def test_what_a_model_cannot_make_is_refused_before_anything_is_bought(
    shop: Shop, stand_in: StandIn, model: str, aspect: str, seconds: float, words: str
) -> None:
    session = await shop.session(1)
    with pytest.raises(InputError, match=words):
        await shop.orchestrator.generate_clips("ann", session.id, "calm", seconds, model, aspect)
    assert (await shop.sessions.view(session.id)).session.job is None
    assert stand_in.requests() == []
    assert await settled(shop) == []


async def test_a_clip_in_the_shape_of_its_photo_is_no_fault(shop: Shop, stand_in: StandIn) -> None:
    """Kling is not asked for an aspect."""
    stand_in.fault("square")
    view = await buy(shop, model="kling-v2.5-turbo-pro")
    assert view.session.stage is Stage.CLIP_SELECTION
    assert stand_in.billing()["count"] == 1


def seedance(**changes: Json | None) -> Json:
    """Its table at the stand-in with fields changed, or taken away by None."""
    fields: Json = {
        "image": {"type": "string", "format": "uri"},
        "prompt": {"type": "string", "required": True},
        "duration": {"type": "integer", "minimum": 2, "maximum": 12, "default": 5},
        "resolution": {"type": "string", "enum": ["480p", "720p", "1080p"], "default": "1080p"},
        "aspect_ratio": {"type": "string", "enum": ["16:9", "4:3", "1:1", "3:4", "9:16", "21:9"], "default": "16:9"},
        "camera_fixed": {"type": "boolean"},
        "seed": {"type": "integer"},
        **changes,
    }
    prices = {"480p": "0.015", "720p": "0.025", "1080p": "0.06"}
    kept = {name: field for name, field in fields.items() if field is not None}
    return {"makes": "video", "price_per_second": prices, "fields": kept}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"image": None, "picture": {"type": "string"}}, "has no input field 'image' any more"),
        ({"resolution": {"type": "string", "enum": ["480p", "720p"]}}, "no longer takes '1080p'.* it takes 480p, 720p"),
        ({"duration": {"type": "integer", "minimum": 5, "maximum": 12}}, "no longer takes 2"),
        ({"licence": {"type": "string", "required": True}}, "now needs the input field 'licence'"),
    ],
)
async def test_a_model_that_has_changed_is_noticed_before_money_is_spent(
    shop: Shop, stand_in: StandIn, changes: Json, words: str
) -> None:
    stand_in.learn_model(NAME, seedance(**changes))
    view = await buy(shop, images=2)
    assert stand_in.requests("create") == []
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(view.session.error)
    assert "nothing was bought" in (view.session.error or "")
    assert {state for state, _ in await settled(shop)} == {CallState.RELEASED}
    stand_in.learn_model(NAME, seedance())
    assert (await again(shop, view.session.id)).session.stage is Stage.CLIP_SELECTION


async def test_models_are_looked_up_once_whatever_is_bought(shop: Shop, stand_in: StandIn) -> None:
    view = await buy(shop, images=3)
    started = await shop.orchestrator.regenerate_clip("ann", view.of_kind(AssetKind.CLIP)[0].id)
    await shop.jobs.work(started.job_id)
    assert len(stand_in.requests("model")) == 1
    assert stand_in.billing()["count"] == 4


async def test_nothing_is_bought_while_a_model_cannot_be_looked_up(shop: Shop, stand_in: StandIn) -> None:
    shop.patience = replace(PATIENCE, unreachable=1.0)
    shop.worker("hasty")
    stand_in.fault("server_error", on="model", times=500)
    view = await buy(shop)
    assert stand_in.requests("create") == []
    assert "what the model takes cannot be looked up, so nothing was bought" in (view.session.error or "")
    assert "try again" in (view.session.error or "")
    stand_in.reset()
    assert (await again(shop, view.session.id)).session.stage is Stage.CLIP_SELECTION


SLOW = replace(PATIENCE, poll_first=30.0, poll_most=30.0)


@pytest.mark.parametrize("fault", [None, "webhook_duplicate"])
async def test_a_webhook_saves_the_wait_for_the_next_look(shop: Shop, stand_in: StandIn, fault: str | None) -> None:
    shop.patience = SLOW
    shop.worker("sleeper")
    if fault:
        stand_in.fault(fault)
    async with hooked(shop, stand_in.webhook_secret):
        began = time.monotonic()
        view = await buy(shop)
        assert time.monotonic() - began < 20
    assert view.session.stage is Stage.CLIP_SELECTION
    results = [delivery["result"] for delivery in stand_in.deliveries()]
    assert results == ["200"] * (2 if fault else 1)
    assert stand_in.billing()["count"] == 1


async def test_a_lost_webhook_only_costs_time(shop: Shop, stand_in: StandIn) -> None:
    stand_in.fault("webhook_lost")
    async with hooked(shop, stand_in.webhook_secret):
        view = await buy(shop)
    assert view.session.stage is Stage.CLIP_SELECTION
    assert [delivery["result"] for delivery in stand_in.deliveries()] == ["lost"]
    assert total(stand_in) == view.session.total_cost == EACH


async def test_webhooks_that_nobody_can_take_only_cost_time(shop: Shop, stand_in: StandIn) -> None:
    shop.webhook = "http://127.0.0.1:1/api/webhooks/replicate"
    view = await buy(shop)
    assert view.session.stage is Stage.CLIP_SELECTION


@pytest.mark.parametrize("work", ["decode", "conform"])
async def test_a_clip_whose_ffmpeg_is_killed_is_tried_again_and_not_bought_again(
    shop: Shop, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch, work: str
) -> None:
    module, name = {"decode": (probe, "run"), "conform": (conform, "run")}[work]
    kills = iter([True, True])

    def killed(*given: Any, **more: Any) -> Output:
        if next(kills, False):
            raise MachineError("ffmpeg was killed")
        return ffmpeg.run(*given, **more)

    monkeypatch.setattr(module, name, killed)
    view = await buy(shop)
    assert view.session.stage is Stage.CLIP_SELECTION
    assert [state for state, _ in await settled(shop)] == [CallState.PAID]
    assert stand_in.billing()["count"] == 1


async def test_a_clip_that_cannot_be_worked_on_here_stays_bought_for_the_next_try(
    shop: Shop, stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_given: Any, **_more: Any) -> Output:
        raise MachineError("ffmpeg was killed")

    with monkeypatch.context() as patch:
        patch.setattr(conform, "run", killed)
        view = await buy(shop)
    assert (view.session.stage, view.session.error) == (Stage.FAILED, "ffmpeg was killed")
    assert [state for state, _ in await settled(shop)] == [CallState.SUBMITTED]
    await again(shop, view.session.id)
    assert len(await shop.clips(view.session.id)) == 1
    assert [state for state, _ in await settled(shop)] == [CallState.PAID]
    assert stand_in.billing()["count"] == 1
    await check_books(shop.database)
