from __future__ import annotations

import asyncio
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import av
import cv2
import pytest

from adreel.billing.crash_points import CrashPoint
from adreel.domain.errors import BudgetError, InputError, MusicError, PhotoError, RenderError, StageError, TextError
from adreel.domain.films.film_options import to_request
from adreel.domain.sessions.session import AssetKind, Json, SessionView
from adreel.domain.sessions.stage import Stage
from adreel.media.segments.store import file_digest
from adreel.orchestrator.engine.steps import WorkflowCancelled
from adreel.orchestrator.flows.build import build_flows
from adreel.orchestrator.flows.failure_words import SERVICE_FAULT
from adreel.placements.placement import Level, Operator, Placement, Rule, Source
from adreel.services.sessions.records import NewAsset
from support.durable import until
from support.flows import HOSTED, Hall
from support.pictures import texture
from support.sessions import check_books
from support.steps import Crash

TEXT: Json = {"product_name": "Morgen", "cta": "Order yours", "color": "#204060"}
QUIET: Json = {"enabled": False}


async def compose(hall: Hall, session_id: str, aspects: tuple[str, ...] = ("16:9",), text: Json = TEXT) -> SessionView:
    started = await hall.orchestrator.compose_final_video("ann", session_id, text, QUIET, aspects=aspects)
    await hall.jobs.work(started.job_id)
    return await hall.sessions.view(session_id)


async def approved(hall: Hall, images: int = 2, model: str = "local") -> str:
    session = await hall.session(images)
    await hall.make_clips(session.id, model)
    await hall.approve(session.id)
    return session.id


def stored(hall: Hall, key: str) -> Path:
    path = hall.storage.local_path(key)
    assert path is not None
    return path


async def test_a_film_of_the_approved_clips_completes_the_session(hall: Hall) -> None:
    session_id = await approved(hall)
    view = await compose(hall, session_id)
    (film,) = view.of_kind(AssetKind.FINAL)
    assert view.session.stage is Stage.COMPLETE
    assert view.session.final_video_id == film.id
    assert view.session.text_overlay == {**TEXT, "font": None}
    assert film.storage_key == f"sessions/{session_id}/films/{film.id}.mp4"
    assert film.content_hash == file_digest(stored(hall, film.storage_key))
    details = film.film_details
    assert (details.frames, details.aspect, details.clips) == (30 + 2 * 24 + 30, "16:9", view.session.clip_order)
    assert all(check.passed for check in details.checks)
    assert details.options is not None
    options = to_request(details.options)
    assert options == {
        "text_overlay": {**TEXT, "font": None},
        "audio": {"enabled": False, "genre": None},
        "intro_duration": 1.0,
        "outro_duration": 1.0,
        "transition": "cut",
        "fit": "blur",
        "intro_style": "plain",
        "draft": False,
        "voice": "off",
        "captions": "off",
        "caption_style": "plate",
    }
    asked = {name: wish for name, wish in options.items() if name != "text_overlay"}
    assert view.session.film_options == {**asked, "aspects": ["16:9"]}
    with av.open(str(stored(hall, film.storage_key))) as opened:
        assert sum(1 for _ in opened.decode(video=0)) == 108


async def test_progress_runs_from_92_to_the_finished_video(hall: Hall) -> None:
    session_id = await approved(hall)
    view = await compose(hall, session_id)
    events = [event for event in await hall.events(session_id) if event.progress > 90]
    assert (events[0].progress, events[0].message) == (92, "Accepted: compose the final video")
    assert [event.progress for event in events] == sorted(event.progress for event in events)
    assert (events[-1].progress, events[-1].stage) == (100, Stage.COMPLETE)
    assert events[-1].data["final_video"]["id"] == view.session.final_video_id
    assert events[-1].data["final_video"]["duration"] == pytest.approx(3.6)


async def test_clips_are_seen_in_the_order_that_was_chosen(hall: Hall) -> None:
    session = await hall.session(2)
    await hall.make_clips(session.id)
    order = await hall.approve(session.id, lambda clips: clips[::-1])
    view = await compose(hall, session.id, text={"color": "#204060"})
    clips = {clip.id: clip for clip in view.of_kind(AssetKind.CLIP)}
    (film,) = view.of_kind(AssetKind.FINAL)
    expected = [frames(stored(hall, clips[clip].storage_key)) for clip in order]
    assert frames(stored(hall, film.storage_key)) == [*expected[0], *expected[1]]


def frames(path: Path) -> list[bytes]:
    with av.open(str(path)) as film:
        return [frame.to_ndarray().tobytes() for frame in film.decode(video=0)]


@pytest.mark.parametrize("step", ["composing", "film:16:9", "finish"])
async def test_a_worker_that_dies_leaves_one_film(hall: Hall, step: str) -> None:
    session_id = await approved(hall)
    hall.jobs.dies_after = [step]
    view = await compose(hall, session_id)
    assert hall.jobs.crashes == 1
    assert len(view.of_kind(AssetKind.FINAL)) == 1
    ends = [event.data["end"] for event in await hall.events(session_id) if event.stage is Stage.COMPLETE]
    assert ends == ["complete"]


@pytest.mark.parametrize("point", [CrashPoint.COMPOSING, CrashPoint.FILM_STORED])
async def test_a_worker_that_dies_while_composing_leaves_one_film(hall: Hall, point: CrashPoint) -> None:
    session_id = await approved(hall)
    died: list[CrashPoint] = []

    def die(reached: CrashPoint) -> None:
        if reached is point and not died:
            died.append(point)
            raise Crash

    hall.checkpoint = die
    view = await compose(hall, session_id)
    assert died == [point]
    (film,) = view.of_kind(AssetKind.FINAL)
    assert [path.name for path in (hall.folder / "storage" / "sessions" / session_id / "films").iterdir()] == [
        f"{film.id}.mp4"
    ]


async def test_a_film_that_is_cancelled_leaves_the_clips_approved(hall: Hall) -> None:
    session_id = await approved(hall)
    reached: list[CrashPoint] = []
    hall.checkpoint = reached.append
    started = await hall.orchestrator.compose_final_video("ann", session_id, TEXT, QUIET)
    work = asyncio.create_task(hall.jobs.work(started.job_id))
    await until(lambda: CrashPoint.COMPOSING in reached, "composing")
    record = await hall.orchestrator.cancel("ann", session_id)
    with pytest.raises(WorkflowCancelled):
        await work
    assert record.stage is Stage.FINAL_COMPOSITION
    assert (await hall.sessions.view(session_id)).of_kind(AssetKind.FINAL) == ()
    assert (await compose(hall, session_id)).session.stage is Stage.COMPLETE


async def test_the_same_film_is_not_made_twice_another_is(hall: Hall) -> None:
    session_id = await approved(hall)
    composed: list[CrashPoint] = []
    hall.checkpoint = lambda point: composed.append(point) if point is CrashPoint.COMPOSING else None
    first = (await compose(hall, session_id)).session.final_video_id
    assert (await compose(hall, session_id)).session.final_video_id == first
    other = await compose(hall, session_id, text={**TEXT, "cta": "Buy now"})
    assert other.session.final_video_id != first
    assert len(other.of_kind(AssetKind.FINAL)) == 2
    again = await compose(hall, session_id)
    assert again.session.final_video_id == first
    assert len(again.of_kind(AssetKind.FINAL)) == len(composed) == 2
    assert again.session.total_cost == 0


async def test_other_aspects_of_drawn_clips_are_drawn_again(hall: Hall) -> None:
    session_id = await approved(hall)
    hall.drawing.drawn.clear()
    view = await compose(hall, session_id, ("16:9", "9:16"))
    wide, tall = view.of_kind(AssetKind.FINAL)
    assert (wide.film_details.resolution, tall.film_details.resolution) == ("320x180", "180x320")
    assert view.session.final_video_id == wide.id
    assert len(hall.drawing.drawn) == 2
    last = (await hall.events(session_id))[-1]
    assert [video["aspect"] for video in last.data["videos"]] == ["16:9", "9:16"]


async def test_other_aspects_of_bought_clips_are_made_from_what_was_bought(hall: Hall) -> None:
    session_id = await approved(hall, model=HOSTED)
    view = await compose(hall, session_id, ("9:16",))
    (film,) = view.of_kind(AssetKind.FINAL)
    assert film.film_details.resolution == "180x320"
    assert film.film_details.frames == 108
    assert hall.drawing.drawn == []
    frames = cv2.VideoCapture(str(stored(hall, film.storage_key)))
    frames.set(cv2.CAP_PROP_POS_FRAMES, 45)
    _, picture = frames.read()
    # Above and below is a blurred copy, not a black bar.
    assert picture[:20].max() > 40
    assert len(hall.provider.orders) == 2


@pytest.mark.parametrize("model", ["local", HOSTED])
async def test_another_machine_composes_from_what_is_stored(hall: Hall, model: str) -> None:
    session_id = await approved(hall, model=model)
    hall.worker("another machine")
    hall.drawing.drawn.clear()
    view = await compose(hall, session_id)
    assert view.session.stage is Stage.COMPLETE
    assert hall.drawing.drawn == []


async def test_a_stored_clip_that_was_tampered_with_fails_the_film(hall: Hall) -> None:
    session_id = await approved(hall)
    first, second = await hall.clips(session_id)
    stored(hall, first.storage_key).write_bytes(stored(hall, second.storage_key).read_bytes())
    hall.worker("another machine")
    view = await compose(hall, session_id)
    assert view.session.stage is Stage.FAILED
    assert "is not the one that was made" in (view.session.error or "")
    assert view.session.return_stage is Stage.FINAL_COMPOSITION


async def test_a_fault_of_the_service_is_worded_and_its_text_is_in_the_log_only(
    hall: Hall, caplog: pytest.LogCaptureFixture
) -> None:
    session_id = await approved(hall)
    first, _ = (await hall.sessions.record(session_id)).approved_image_ids
    hall.drawing.fails_on(first, RenderError("cannot write /data/cache/x.mp4: Invalid argument"))
    view = await compose(hall, session_id, ("9:16",))
    assert view.session.error == SERVICE_FAULT
    assert (await hall.events(session_id))[-1].message == SERVICE_FAULT
    assert "cannot write /data/cache/x.mp4" in caplog.text


async def test_a_film_that_failed_can_be_tried_again(hall: Hall) -> None:
    session_id = await approved(hall)
    hall.drawing.fails_on((await hall.sessions.record(session_id)).approved_image_ids[0], InputError("too tall"))
    failed = await compose(hall, session_id, ("16:9", "9:16"))
    assert failed.session.stage is Stage.FAILED
    assert failed.session.error == "clip 1 could not be made for 9:16: too tall"
    (kept,) = failed.of_kind(AssetKind.FINAL)
    hall.drawing.fails_on(None)
    again = await compose(hall, session_id, ("16:9", "9:16"))
    assert again.session.stage is Stage.COMPLETE
    assert again.session.final_video_id == kept.id


async def test_a_clip_whose_photo_does_not_suit_a_format_is_left_out_of_it_and_named(hall: Hall) -> None:
    session_id = await approved(hall)
    first, _ = (await hall.sessions.record(session_id)).approved_image_ids
    hall.drawing.fails_on(first, PhotoError("the clip of this photo is black for 24 frames; choose another photo"))
    view = await compose(hall, session_id, ("16:9", "9:16"))
    assert view.session.stage is Stage.COMPLETE
    wide, tall = (film.film_details for film in view.of_kind(AssetKind.FINAL))
    assert (wide.frames - tall.frames, wide.notes) == (24, ())
    said = "clip 1 is not in the film in 9:16: the clip of this photo is black for 24 frames; choose another photo"
    assert tall.notes == (said,)
    end = (await hall.events(session_id))[-1]
    assert [film["notes"] for film in end.data["videos"]] == [[], [said]]


async def test_a_format_that_suits_no_photo_fails_the_film(hall: Hall) -> None:
    session_id = await approved(hall, images=1)
    (image,) = (await hall.sessions.record(session_id)).approved_image_ids
    hall.drawing.fails_on(image, PhotoError("the clip of this photo is black"))
    view = await compose(hall, session_id, ("9:16",))
    assert view.session.error == "clip 1 is not in the film in 9:16: the clip of this photo is black"


async def test_a_film_without_a_colour_of_its_own_takes_the_products(hall: Hall, tmp_path: Path) -> None:
    session = await hall.sessions.create("ann", seed=1)
    key = f"sessions/{session.id}/images/real.jpg"
    path = stored(hall, key)
    path.parent.mkdir(parents=True)
    cv2.imwrite(str(path), texture(400, 600, 3))
    photo = NewAsset(AssetKind.IMAGE, key, file_digest(path), "image/jpeg", 1, view_type="front")
    (image,) = await hall.sessions.add_images("ann", session.id, [photo])
    await hall.sessions.approve_images("ann", session.id, [image.id])
    await hall.make_clips(session.id)
    await hall.approve(session.id)
    view = await compose(hall, session.id, text={"cta": "Order yours"})
    (film,) = view.of_kind(AssetKind.FINAL)
    with av.open(str(stored(hall, film.storage_key))) as opened:
        *_, last = opened.decode(video=0)
    red, green, blue = last.to_ndarray(format="rgb24")[4, 4]
    assert (int(red) > 150, int(green) < 80, int(blue) < 80) == (True, True, True)


async def test_films_that_cannot_be_are_refused_before_anything_is_recorded(hall: Hall) -> None:
    session_id = await approved(hall)
    start = hall.orchestrator.compose_final_video
    with pytest.raises(InputError, match="aspect '2:1' is not made"):
        await start("ann", session_id, TEXT, aspects=("2:1",))
    with pytest.raises(InputError, match="each aspect once"):
        await start("ann", session_id, TEXT, aspects=())
    with pytest.raises(MusicError, match="is not a genre"):
        await start("ann", session_id, TEXT, {"genre": "/etc/passwd"})
    with pytest.raises(TextError, match="give the name of a family"):
        await start("ann", session_id, {**TEXT, "font": "/etc/fonts/own.ttf"})
    with pytest.raises(TextError):
        await start("ann", session_id, {**TEXT, "cta": "a \u0378 b"})
    for blank in ("\u3164", "\uffa0", "\u3164 \uffa0"):
        with pytest.raises(TextError, match="would be invisible"):
            await start("ann", session_id, {**TEXT, "product_name": blank})
    with pytest.raises(TextError, match="too long to be readable"):
        await start("ann", session_id, {**TEXT, "cta": "x" * 199})
    with pytest.raises(InputError, match="transition 'wipe'"):
        await start("ann", session_id, TEXT, transition="wipe")
    with pytest.raises(InputError, match="intro card of 60 s"):
        await start("ann", session_id, TEXT, intro_duration=60)
    with pytest.raises(InputError, match="too short for crossfades"):
        await start("ann", session_id, TEXT, transition="crossfade")
    fresh = await hall.session()
    with pytest.raises(StageError, match="approve images and generate clips first"):
        await start("ann", fresh.id)
    assert (await hall.sessions.record(session_id)).stage is Stage.FINAL_COMPOSITION


@pytest.fixture
def priced(hall: Hall) -> Hall:
    """A service that charges 50 cents for a film."""
    return Hall(hall.folder, hall.database, hall.provider, price_of_film=Decimal("0.50"))


async def test_a_price_of_composing_is_booked_once_for_each_film(priced: Hall) -> None:
    session_id = await approved(priced)
    view = await compose(priced, session_id, ("16:9", "9:16"))
    assert [film.cost for film in view.of_kind(AssetKind.FINAL)] == [Decimal("0.50")] * 2
    assert view.session.total_cost == Decimal("1.00")
    _, lines = await priced.sessions.costs("ann", session_id)
    assert [line.amount for line in lines if line.agent == "compositor"] == [Decimal("0.50")] * 2
    assert (await compose(priced, session_id, ("16:9", "9:16"))).session.total_cost == Decimal("1.00")
    await check_books(priced.database)


async def test_a_film_that_the_budget_does_not_cover_is_refused_before_it_is_made(priced: Hall) -> None:
    session = await priced.session(2, cap="0.60")
    await priced.make_clips(session.id)
    await priced.approve(session.id)
    with pytest.raises(BudgetError, match=r"cost \$1\.00, but only \$0\.60"):
        await compose(priced, session.id, ("16:9", "9:16"))
    assert (await compose(priced, session.id)).session.total_cost == Decimal("0.50")


async def test_without_a_price_a_film_costs_nothing(hall: Hall) -> None:
    view = await compose(hall, await approved(hall))
    assert view.session.total_cost == 0


SHORT = Rule("seconds", Operator.AT_MOST, 2.8, Level.REJECT, Source("a page", "2026-11"))
RATE = Rule("frame_rate", Operator.BELOW, 30, Level.REJECT, Source("a page", "2026-11"))
LONG = Rule("seconds", Operator.AT_LEAST, 60.0, Level.REJECT, Source("a page", "2026-11"))
PLACEMENTS = {
    "short": Placement("short", "Short", "16:9", (SHORT, RATE)),
    "long": Placement("long", "Long", "16:9", (LONG,)),
}


async def test_films_for_placements_are_made_of_the_same_clips(hall: Hall) -> None:
    hall.orchestrator._placements = PLACEMENTS
    session_id = await approved(hall)
    hall.jobs.flows = dict(build_flows(replace(hall.kit("a"), placements=PLACEMENTS)).by_name)
    calls = len(await hall.sessions.costs("ann", session_id))
    started = await hall.orchestrator.compose_final_video(
        "ann", session_id, TEXT, QUIET, aspects=("16:9",), placements=("short",)
    )
    await hall.jobs.work(started.job_id)
    view = await hall.sessions.view(session_id)
    plain, short = sorted(view.of_kind(AssetKind.FINAL), key=lambda film: film.film_details.placement)
    assert view.session.final_video_id == plain.id
    assert (plain.film_details.frames, plain.film_details.placement) == (108, "")
    assert (short.film_details.placement, short.film_details.fps) == ("short", 29.97)
    assert short.film_details.frames == 84
    with av.open(str(stored(hall, short.storage_key))) as opened:
        assert sum(1 for _ in opened.decode(video=0)) == 84
        assert opened.streams.video[0].average_rate == Fraction(30000, 1001)
    assert len(await hall.sessions.costs("ann", session_id)) == calls
    assert view.session.film_options is not None
    assert view.session.film_options["aspects"] == ["16:9"]


async def test_a_placement_that_asks_for_more_than_there_is_is_refused_before_any_work(hall: Hall) -> None:
    hall.orchestrator._placements = PLACEMENTS
    session_id = await approved(hall)
    compose_film = hall.orchestrator.compose_final_video
    with pytest.raises(InputError, match="asks for 60 s"):
        await compose_film("ann", session_id, TEXT, QUIET, placements=("long",))
    with pytest.raises(InputError, match="no placement is called 'tv'"):
        await compose_film("ann", session_id, TEXT, QUIET, placements=("tv",))
