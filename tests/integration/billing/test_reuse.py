"""What a person has bought in one session is not bought again in another."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from adreel.domain.sessions.session import AssetKind, SessionRecord, SessionView
from adreel.domain.sessions.stage import Stage
from support.db import add_user
from support.flows import HOSTED, PRICE, Hall
from support.images import Darkroom
from support.replicate import StandIn
from support.sessions import DETAILS, Desk, check_books, clip


async def in_session(hall: Hall, prompt: str = "calm", model: str = HOSTED, seed: int = 7) -> SessionView:
    session = await hall.sessions.create("ann", seed=seed)
    return await made(hall, session, prompt, model)


async def made(hall: Hall, session: SessionRecord, prompt: str = "calm", model: str = HOSTED) -> SessionView:
    added = await hall.sessions.add_images("ann", session.id, [hall._image(session.id, 0)])
    await hall.sessions.approve_images("ann", session.id, [image.id for image in added])
    return await hall.make_clips(session.id, model, prompt)


async def test_the_same_clip_is_not_bought_for_another_session(hall: Hall) -> None:
    first, second = await in_session(hall), await in_session(hall)
    assert len(hall.provider.orders) == 1
    (old,), (new,) = first.of_kind(AssetKind.CLIP), second.of_kind(AssetKind.CLIP)
    assert second.session.stage is Stage.CLIP_SELECTION
    assert (new.cost, second.session.total_cost) == (Decimal(0), Decimal(0))
    assert (new.content_hash, new.clip_details.duration) == (old.content_hash, old.clip_details.duration)
    assert new.clip_details.bought_as == old.id
    assert new.source_image_id == second.of_kind(AssetKind.IMAGE)[0].id != old.source_image_id
    await check_books(hall.database)


async def test_the_copy_does_not_need_the_session_that_it_came_from(hall: Hall) -> None:
    first, second = await in_session(hall), await in_session(hall)
    await hall.storage.delete_prefix(f"sessions/{first.session.id}")
    await hall.sessions.delete("ann", first.session.id)
    await hall.approve(second.session.id)
    started = await hall.orchestrator.compose_final_video(
        "ann", second.session.id, {"cta": "Now", "color": "#204060"}, {"enabled": False}
    )
    hall.worker("another machine")
    await hall.jobs.work(started.job_id)
    assert (await hall.sessions.view(second.session.id)).session.stage is Stage.COMPLETE


async def test_what_is_gone_is_bought_again(hall: Hall) -> None:
    first = await in_session(hall)
    await hall.storage.delete_prefix(f"sessions/{first.session.id}/clips")
    assert (await in_session(hall)).session.total_cost == PRICE
    assert len(hall.provider.orders) == 2


@pytest.mark.parametrize("change", [{"prompt": "neon night"}, {"model": "seedance-1-pro-fast"}, {"seed": 8}])
async def test_anything_else_is_another_purchase(hall: Hall, change: dict[str, object]) -> None:
    await in_session(hall)
    await in_session(hall, **change)  # type: ignore[arg-type]
    assert len(hall.provider.orders) == 2


async def test_another_person_buys_for_themselves(hall: Hall) -> None:
    await in_session(hall)
    await add_user(hall.database, "bob")
    session = await hall.sessions.create("bob", seed=7)
    added = await hall.sessions.add_images("bob", session.id, [hall._image(session.id, 0)])
    await hall.sessions.approve_images("bob", session.id, [image.id for image in added])
    started = await hall.orchestrator.generate_clips("bob", session.id, "calm", 0.8, HOSTED)
    await hall.jobs.work(started.job_id)
    assert len(hall.provider.orders) == 2


async def test_a_new_take_is_always_bought(hall: Hall) -> None:
    for _ in range(2):
        view = await in_session(hall)
        started = await hall.orchestrator.regenerate_clip("ann", view.of_kind(AssetKind.CLIP)[0].id)
        await hall.jobs.work(started.job_id)
        assert [clip.take for clip in await hall.clips(view.session.id)] == [0, 1]
    assert len(hall.provider.orders) == 3


async def test_a_worker_that_dies_over_the_copy_makes_one(hall: Hall) -> None:
    await in_session(hall)
    hall.jobs.dies_after = ["look"]
    view = await in_session(hall)
    assert hall.jobs.crashes == 1
    assert len(await hall.clips(view.session.id)) == 1
    assert len(hall.provider.orders) == 1


async def test_pictures_and_the_words_for_them_are_not_bought_twice(darkroom: Darkroom, stand_in: StandIn) -> None:
    darkroom.hire_writers()

    async def bill_of_another_session() -> int:
        session = await darkroom.sessions.create("ann", seed=7)
        view = await darkroom.make_images(session.id, count=2)
        assert view.session.stage is Stage.IMAGE_SELECTION
        assert len(view.of_kind(AssetKind.IMAGE)) == 2
        return stand_in.billing()["count"]

    once = await bill_of_another_session()
    assert await bill_of_another_session() == once > 2
    (newest,) = (await darkroom.sessions.list("ann", 1)).items
    await darkroom.make_images(newest.session.id, count=2)
    assert stand_in.billing()["count"] == once + 2


async def test_it_is_found_by_its_content_and_owner(desk: Desk) -> None:
    sessions = [await desk.sessions.create(user, seed=7, video_prompt="calm") for user in ("ann", "ann", "bob")]
    other = await desk.sessions.create("ann", seed=8, video_prompt="calm")
    made = replace(clip("one"), details=replace(DETAILS, content="abc"))
    old = await desk.sessions.add_made(sessions[0].id, made)
    await desk.sessions.add_made(sessions[1].id, replace(made, storage_key="clips/two.mp4"))
    assert await desk.sessions.bought_before("ann", AssetKind.CLIP, "abc") == old
    assert await desk.sessions.bought_before("bob", AssetKind.CLIP, "abc") is None
    assert await desk.sessions.bought_before("ann", AssetKind.IMAGE, "abc") is None
    assert await desk.sessions.bought_before("ann", AssetKind.CLIP, "ab") is None
    assert await desk.sessions.alike(sessions[0].id) == (sessions[1].id,)
    assert await desk.sessions.alike(other.id) == ()
