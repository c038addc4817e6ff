from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select, update

from adreel.billing.crash_points import CrashPoint
from adreel.db.tables import PaidCallRow
from adreel.domain.costs.ledger import CallState, PaidCall
from adreel.domain.errors import (
    AmbiguousSubmitError,
    GenerationError,
    NoCreditError,
    RefusedError,
    ThrottledError,
    UnauthorizedError,
    UnavailableError,
)
from adreel.domain.providers import JobStatus, RemoteJob
from adreel.domain.sessions.session import SessionView
from adreel.domain.sessions.stage import Stage
from adreel.orchestrator.flows.build import build_flows
from support.flows import HOSTED, PRICE, Hall, write_clip
from support.sessions import check_books
from support.steps import Crash, Kept

ADVICE = "try again, or choose another model"
NSFW_ADVICE = "change the photo or the words, or choose another model"


async def buy(hall: Hall, images: int = 1, cap: str | None = None) -> SessionView:
    session = await hall.session(images, cap)
    return await hall.make_clips(session.id, HOSTED)


async def calls(hall: Hall, session_id: str) -> list[PaidCall]:
    """All purchases of a session, in the order in which they were written down."""
    keys = [line for line in await _keys(hall) if line.startswith(session_id)]
    found = [await hall.ledger.get(key) for key in keys]
    return [call for call in found if call is not None]


async def _keys(hall: Hall) -> list[str]:
    async with hall.database.reading() as transaction:
        return list(await transaction.scalars(select(PaidCallRow.key).order_by(PaidCallRow.created_at)))


def states(found: list[PaidCall]) -> list[CallState]:
    return [call.state for call in found]


async def test_a_bought_clip_is_paid_for_once_and_kept_as_it_came(hall: Hall) -> None:
    view = await buy(hall, images=2)
    clips = await hall.clips(view.session.id)
    assert len(hall.provider.orders) == 2
    assert len({order.seed for order in hall.provider.orders}) == 2
    assert [clip.cost for clip in clips] == [PRICE, PRICE]
    assert view.session.total_cost == 2 * PRICE
    assert view.session.reserved == 0
    assert states(await calls(hall, view.session.id)) == [CallState.PAID] * 2
    path = hall.storage.local_path(clips[0].storage_key)
    assert path is not None
    assert path.read_bytes() == hall.provider.clip.read_bytes()
    # What was measured on the file, and how much of it the film shows.
    assert (clips[0].clip_details.duration, clips[0].clip_details.clip_frames) == (2.7, 24)
    await check_books(hall.database)


async def test_each_order_carries_its_own_image_and_the_seed_of_its_key(hall: Hall) -> None:
    view = await buy(hall, images=2)
    for order, call, number in zip(hall.provider.orders, await calls(hall, view.session.id), (0, 1), strict=True):
        assert order.seed == call.seed
        assert order.image.name == f"photo{number}.jpg"


@pytest.mark.parametrize("step", ["order:1", "take:1"])
async def test_a_worker_that_dies_after_any_step_pays_once(hall: Hall, step: str) -> None:
    hall.jobs.dies_after = [step]
    view = await buy(hall)
    assert hall.jobs.crashes == 1
    assert len(hall.provider.orders) == 1
    assert len(await hall.clips(view.session.id)) == 1
    assert view.session.total_cost == PRICE
    await check_books(hall.database)


@pytest.mark.parametrize(
    "point", [point for point in CrashPoint if point not in (CrashPoint.COMPOSING, CrashPoint.FILM_STORED)]
)
async def test_a_worker_that_dies_anywhere_within_a_step_pays_once(hall: Hall, point: CrashPoint) -> None:
    died: list[CrashPoint] = []

    def die(reached: CrashPoint) -> None:
        if reached is point and not died:
            died.append(point)
            hall.provider.stuck = False
            raise Crash

    hall.checkpoint = die
    hall.provider.stuck = point is CrashPoint.WAITING
    view = await buy(hall)
    assert died == [point]
    assert len(hall.provider.orders) == 1
    assert len(await hall.clips(view.session.id)) == 1
    assert view.session.total_cost == PRICE
    await check_books(hall.database)


async def test_a_clip_that_the_version_before_ordered_is_collected(hall: Hall) -> None:
    """Its step result also had the estimate, the provider's id and the time of the order."""
    older = {"estimate": "0.11", "provider_id": "job1", "ordered": "2026-01-01T00:00:00+00:00"}

    def upgrade(reached: CrashPoint) -> None:
        if reached is CrashPoint.WAITING and hall.provider.stuck:
            hall.provider.stuck = False
            [place] = [place for place in hall.jobs.kept if place[1] == "order:1"]
            hall.jobs.kept[place] = Kept({**hall.jobs.kept[place].value, **older})
            raise Crash

    hall.provider.stuck, hall.checkpoint = True, upgrade
    view = await buy(hall)
    assert hall.jobs.crashes == 1
    assert len(hall.provider.orders) == 1
    assert [clip.cost for clip in await hall.clips(view.session.id)] == [PRICE]


async def test_an_order_whose_answer_was_lost_is_found_again(hall: Hall) -> None:
    hall.provider.lost_answers = [AmbiguousSubmitError("timed out")]
    view = await buy(hall)
    assert len(hall.provider.orders) == 1
    assert view.session.total_cost == PRICE


async def test_an_order_that_never_arrived_is_placed_again_after_a_long_look(hall: Hall) -> None:
    hall.provider.submit_errors = [AmbiguousSubmitError("timed out")]
    before = hall.clock.now
    view = await buy(hall)
    assert len(hall.provider.orders) == 1
    assert (hall.clock.now - before).total_seconds() >= 30
    assert view.session.total_cost == PRICE


async def test_the_provider_is_waited_for_when_it_asks_to(hall: Hall) -> None:
    hall.provider.submit_errors = [ThrottledError("wait", 5.0), UnavailableError("no network")]
    before = hall.clock.now
    view = await buy(hall)
    assert len(hall.provider.orders) == 1
    assert 5 <= (hall.clock.now - before).total_seconds() < 30
    assert len(await hall.clips(view.session.id)) == 1


@pytest.mark.parametrize(
    "error",
    [
        UnauthorizedError("check the token"),
        NoCreditError("add credit"),
        RefusedError("bad image"),
        ThrottledError("w", 99),
    ],
)
async def test_a_refused_order_costs_nothing_and_says_what_to_do(hall: Hall, error: GenerationError) -> None:
    hall.provider.submit_errors = [error]
    view = await buy(hall)
    assert view.session.stage is Stage.FAILED
    assert view.session.error == str(error)
    assert states(await calls(hall, view.session.id)) == [CallState.RELEASED]
    assert (view.session.total_cost, view.session.reserved) == (Decimal(0), Decimal(0))
    await check_books(hall.database)


@pytest.mark.parametrize("error", [RefusedError("the model is gone"), UnauthorizedError("check the token")])
async def test_a_model_that_is_not_as_the_catalogue_says_is_not_ordered(hall: Hall, error: GenerationError) -> None:
    hall.provider.check_errors = [error]
    view = await buy(hall)
    assert hall.provider.orders == []
    assert view.session.error == str(error)
    (call,) = await calls(hall, view.session.id)
    assert (call.state, call.posted_at) == (CallState.RELEASED, None)


async def test_nothing_is_ordered_of_a_model_that_cannot_be_looked_up(hall: Hall) -> None:
    hall.provider.check_errors = [UnavailableError("cannot be looked up, so nothing was bought")] * 50
    view = await buy(hall)
    assert hall.provider.orders == []
    assert "cannot be looked up" in (view.session.error or "")
    assert "asked again for 0 minutes, and nothing was ordered" in (view.session.error or "")
    assert states(await calls(hall, view.session.id)) == [CallState.RELEASED]
    hall.provider.check_errors = [UnavailableError("cannot be looked up"), ThrottledError("wait", 1)]
    again = await hall.make_clips(view.session.id, HOSTED)
    assert len(hall.provider.orders) == 1
    assert again.session.stage is Stage.CLIP_SELECTION


async def test_a_refusal_is_not_remembered_against_the_next_try(hall: Hall) -> None:
    hall.provider.submit_errors = [NoCreditError("add credit")]
    view = await buy(hall)
    again = await hall.make_clips(view.session.id, HOSTED)
    assert again.session.stage is Stage.CLIP_SELECTION
    assert states(await calls(hall, view.session.id)) == [CallState.RELEASED, CallState.PAID]


async def test_a_clip_that_failed_is_bought_once_more_with_another_seed(hall: Hall) -> None:
    hall.provider.endings = [JobStatus.FAILED]
    view = await buy(hall)
    first, second = hall.provider.orders
    assert first.seed != second.seed
    assert states(await calls(hall, view.session.id)) == [CallState.LOST, CallState.PAID]
    assert view.session.total_cost == 2 * PRICE
    _, costs = await hall.sessions.costs("ann", view.session.id)
    assert [(line.success, line.amount) for line in costs] == [(False, PRICE), (True, PRICE)]
    await check_books(hall.database)


async def test_after_two_failures_a_person_decides(hall: Hall) -> None:
    hall.provider.endings = [JobStatus.FAILED, JobStatus.FAILED, JobStatus.SUCCEEDED]
    view = await buy(hall)
    assert len(hall.provider.orders) == 2
    assert (
        view.session.error
        == f"{HOSTED} gave no clip (failed): the provider's filter rejects its content; {NSFW_ADVICE}"
    )
    again = await hall.make_clips(view.session.id, HOSTED)
    assert len(hall.provider.orders) == 3
    assert again.session.stage is Stage.CLIP_SELECTION


async def test_a_refused_picture_is_paid_for_once_and_reported_each_time(hall: Hall) -> None:
    hall.provider.failure = "Unsupported image format"
    hall.provider.endings = [JobStatus.FAILED] * 3
    view = await buy(hall)
    words = (
        f"{HOSTED} gave no clip (failed): the model cannot take this photo; use another photo, or choose another model"
    )
    assert view.session.error == words
    again = await hall.make_clips(view.session.id, HOSTED)
    assert again.session.error == f"{words}; it was refused before and is not paid for again"
    async with hall.database.writing() as transaction:
        await transaction.execute(update(PaidCallRow).values(error="in other words"))
    reworded = await hall.make_clips(view.session.id, HOSTED)
    assert reworded.session.error == "in other words; it was refused before and is not paid for again"
    assert len(hall.provider.orders) == 1
    assert reworded.session.total_cost == PRICE
    await check_books(hall.database)


async def test_a_second_attempt_stays_inside_the_budget(hall: Hall) -> None:
    hall.provider.endings = [JobStatus.FAILED]
    view = await buy(hall, cap="0.20")
    assert len(hall.provider.orders) == 1
    assert (
        view.session.error
        == f"{HOSTED} gave no clip (failed): the provider's filter rejects its content; {NSFW_ADVICE}"
    )


async def test_what_never_ran_costs_nothing(hall: Hall) -> None:
    hall.provider.endings = [JobStatus.ABORTED, JobStatus.ABORTED]
    view = await buy(hall)
    assert states(await calls(hall, view.session.id)) == [CallState.RELEASED] * 2
    assert view.session.total_cost == 0


@pytest.mark.parametrize(
    ("what", "words"), [("black", "is black for"), ("still", "stands still for"), ("short", "lasts 0.33 s")]
)
async def test_a_clip_of_no_use_is_replaced_once(hall: Hall, tmp_path: Path, what: str, words: str) -> None:
    frames, luma = {"black": (40, 16), "still": (40, 120), "short": (10, None)}[what]
    hall.provider.clips = [write_clip(tmp_path / "bad.mp4", frames, luma=luma)]
    session = await hall.session(1)
    started = await hall.orchestrator.generate_clips("ann", session.id, "calm", 1.2, HOSTED)
    await hall.jobs.work(started.job_id)
    found = await calls(hall, session.id)
    assert states(found) == [CallState.LOST, CallState.PAID]
    assert found[0].error is not None
    assert words in found[0].error
    assert len(await hall.clips(session.id)) == 1


async def test_a_broken_file_is_no_clip(hall: Hall, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no film at all")
    hall.provider.clips = [broken, broken]
    view = await buy(hall)
    assert view.session.stage is Stage.FAILED
    assert view.session.total_cost == 2 * PRICE
    assert str(tmp_path) not in (view.session.error or "")


async def test_a_success_without_a_clip_is_no_success(hall: Hall) -> None:
    poll = hall.provider.poll

    async def empty(job_id: str) -> RemoteJob:
        return replace(await poll(job_id), outputs=())

    hall.provider.poll = empty
    view = await buy(hall)
    assert view.session.stage is Stage.FAILED
    assert view.session.error == f"{HOSTED}: the provider says that it succeeded, but gives no clip; {ADVICE}"
    assert states(await calls(hall, view.session.id)) == [CallState.LOST] * 2


async def test_what_the_provider_has_removed_is_lost_and_not_bought_again_unasked(hall: Hall) -> None:
    hall.provider.expired = True
    view = await buy(hall)
    assert len(hall.provider.orders) == 1
    assert states(await calls(hall, view.session.id)) == [CallState.LOST]
    assert "already removed" in (view.session.error or "")


async def test_a_clip_that_could_not_be_fetched_is_collected_by_the_next_try(hall: Hall) -> None:
    fetch = hall.provider.fetch

    async def away(url: str, path: Path) -> None:
        raise RefusedError("the host is not the provider's")

    hall.provider.fetch = away
    view = await buy(hall)
    assert view.session.stage is Stage.FAILED
    assert states(await calls(hall, view.session.id)) == [CallState.SUBMITTED]
    hall.provider.fetch = fetch
    again = await hall.make_clips(view.session.id, HOSTED)
    assert len(hall.provider.orders) == 1
    assert again.session.total_cost == PRICE
    assert len(await hall.clips(view.session.id)) == 1


async def test_what_is_reserved_for_an_open_purchase_is_not_asked_for_again(hall: Hall) -> None:
    fetch = hall.provider.fetch

    async def away(url: str, path: Path) -> None:
        raise RefusedError("the host is not the provider's")

    hall.provider.fetch = away
    view = await buy(hall, cap="0.15")
    assert view.session.reserved == PRICE
    hall.provider.fetch = fetch
    again = await hall.make_clips(view.session.id, HOSTED)
    assert (again.session.total_cost, again.session.reserved) == (PRICE, Decimal(0))


async def test_a_new_take_of_a_bought_clip_is_another_purchase(hall: Hall) -> None:
    view = await buy(hall)
    (clip,) = await hall.clips(view.session.id)
    started = await hall.orchestrator.regenerate_clip("ann", clip.id)
    await hall.jobs.work(started.job_id)
    first, second = hall.provider.orders
    assert first.seed != second.seed
    assert first.prompt == second.prompt
    assert [made.take for made in await hall.clips(view.session.id)] == [0, 1]
    assert states(await calls(hall, view.session.id)) == [CallState.PAID] * 2


async def test_another_wish_for_the_same_photo_is_another_purchase(hall: Hall) -> None:
    view = await buy(hall)
    await hall.approve_images_again(view.session)
    await hall.make_clips(view.session.id, HOSTED, prompt="neon night")
    assert len(hall.provider.orders) == 2
    await hall.approve_images_again(view.session)
    await hall.make_clips(view.session.id, HOSTED, prompt="calm")
    assert len(hall.provider.orders) == 2


async def test_what_was_just_ordered_is_looked_at_after_a_while_and_after_a_crash_at_once(hall: Hall) -> None:
    looks: list[float] = []
    began, poll = hall.clock.now, hall.provider.poll

    async def looked(job_id: str) -> RemoteJob:
        looks.append((hall.clock.now - began).total_seconds())
        return await poll(job_id)

    def die_once(reached: CrashPoint) -> None:
        if reached is CrashPoint.OUTPUT_FETCHED and len(looks) == 1:
            raise Crash

    hall.provider.poll, hall.checkpoint = looked, die_once
    kit = hall.kit("patient machine")
    hall.jobs.flows = dict(build_flows(replace(kit, timeouts=replace(kit.timeouts, poll_first=5.0))).by_name)
    await buy(hall)
    before, after = looks
    assert before >= 5.0
    assert after - before < 1.0


async def test_a_job_that_takes_for_ever_is_stopped(hall: Hall) -> None:
    hall.provider.stuck = True
    sleep = hall.clock.sleep

    async def slow(seconds: float) -> None:
        await sleep(100.0)

    hall.clock.sleep = slow
    hall.worker("patient")
    view = await buy(hall)
    assert "was not made within 10 minutes" in (view.session.error or "")
    assert states(await calls(hall, view.session.id)) == [CallState.LOST] * 2
