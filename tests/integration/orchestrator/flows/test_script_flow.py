"""Jobs of a session with a script: its beats become clips, their words are laid on them, and the film ends with its end card."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from adreel.agents.script import script_film
from adreel.billing.clip_jobs import FilmJob
from adreel.domain.ad import Ad, Beat, BeatShot, EndCard, Offer, ScreenText, TextRole
from adreel.domain.errors import BudgetError, ClaimError, InputError, TextError
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.films.formats import to_seconds
from adreel.domain.films.scene import CameraMovement, ViewType
from adreel.domain.scripts.ad_timing import ad_lengths, needed_frames
from adreel.domain.sessions.session import Asset, AssetKind, SessionView
from adreel.media.segments.store import file_digest
from adreel.orchestrator.script_jobs import film_of
from adreel.orchestrator.session_scripts import BEAT_SECONDS, ScriptCommands
from adreel.services.sessions.records import NewAsset
from support.flows import HOSTED, PRICE, Hall
from support.pictures import texture
from support.sessions import check_books


def says(text: str, role: TextRole = TextRole.HEADLINE) -> tuple[ScreenText, ...]:
    return (ScreenText(role, text),)


HOOK = Beat("hook", BeatShot(1, ViewType.FRONT, CameraMovement.PAN_LEFT, 0.2), says("Morgen"), seconds=2.5)
LOOK = Beat("look", BeatShot(2, ViewType.DETAIL), seconds=1.0)
LAST = Beat("last", BeatShot(1, ViewType.FRONT), says("Holds 350 ml"), seconds=3.0)
AD = Ad("Morgen", (HOOK, LOOK, LAST), facts=("Holds 350 ml",), style="bold", prompt="calm")


async def scripted(hall: Hall, ad: Ad = AD, cap: str | None = None) -> str:
    """A session of two images with a script."""
    session = await hall.session(2, cap)
    await put(hall, session.id, ad)
    return session.id


async def put(hall: Hall, session_id: str, ad: Ad) -> None:
    await ScriptCommands(hall.sessions, hall.progress).put("ann", session_id, ad)


async def film(hall: Hall, session_id: str, *, music: bool = False, **options: Any) -> SessionView:
    audio = {"enabled": music}
    started = await hall.orchestrator.compose_final_video("ann", session_id, {"color": "#204060"}, audio, **options)
    await hall.jobs.work(started.job_id)
    view = await hall.sessions.view(session_id)
    assert view.session.error is None, view.session.error
    return view


def newest(view: SessionView) -> Asset:
    return next(each for each in view.of_kind(AssetKind.FINAL) if each.id == view.session.final_video_id)


def segments(hall: Hall) -> int:
    """The encoded segments of this worker, sound aside."""
    return len(list((hall.folder / "machine" / "cache" / "segments").glob("**/*.mp4")))


async def test_every_beat_is_a_clip_with_its_framing_move_length_and_words(hall: Hall) -> None:
    session_id = await scripted(hall)
    await hall.make_clips(session_id)
    made = await hall.clips(session_id)
    assert [clip.clip_details.beat for clip in made] == ["hook", "look", "last"]
    assert [clip.clip_details.clip_frames for clip in made] == [75, 30, 90]
    assert [clip.view_type for clip in made] == ["front", "detail", "front"]
    first = made[0].clip_details
    assert (first.scene.camera_movement, first.scene.motion_intensity) == (CameraMovement.PAN_LEFT, 0.2)
    assert (first.words, first.text_style) == (HOOK.words, "bold")
    assert len({clip.clip_details.seed for clip in made}) == 3
    # A second job of the same script makes nothing.
    before = len(hall.drawing.drawn)
    await hall.make_clips(session_id)
    assert len(await hall.clips(session_id)) == 3
    assert len(hall.drawing.drawn) == before


async def test_the_film_shows_the_clips_as_they_are_and_changed_words_draw_one_again(hall: Hall) -> None:
    session_id = await scripted(hall)
    await hall.make_clips(session_id)
    await hall.approve(session_id)
    drawn = len(hall.drawing.drawn)
    first = newest(await film(hall, session_id))
    assert len(hall.drawing.drawn) == drawn
    assert first.film_details.frames == 75 + 30 + 90
    made = segments(hall)
    await put(hall, session_id, replace(AD, beats=(replace(HOOK, words=says("Good Morgen")), LOOK, LAST)))
    second = newest(await film(hall, session_id))
    assert segments(hall) == made + 1
    assert set(hall.drawing.drawn[drawn:]) == {(await hall.clips(session_id))[0].source_image_id}
    assert second.id != first.id
    assert second.content_hash != first.content_hash
    # Without the script the clips are shown without words.
    await ScriptCommands(hall.sessions, hall.progress).remove("ann", session_id)
    bare = newest(await film(hall, session_id, intro_duration=0, outro_duration=0))
    assert bare.content_hash not in (first.content_hash, second.content_hash)


async def test_drawn_clips_are_cut_on_the_beats_of_the_usual_film(hall: Hall) -> None:
    weights = (1.0, 0.73, 1.37)
    beats = (replace(beat, seconds=None, weight=each) for beat, each in zip(AD.beats, weights, strict=True))
    free = replace(AD, beats=tuple(beats), seconds=9.0)
    session_id = await scripted(hall, free)
    await hall.make_clips(session_id)
    await hall.approve(session_id)
    lengths = tuple(clip.clip_details.clip_frames for clip in await hall.clips(session_id))
    timed = script_film(free, FilmOptions(), "calm", BEAT_SECONDS)
    assert timed.bpm is not None
    assert lengths == timed.lengths.beats != ad_lengths(free, BEAT_SECONDS).beats
    drawn = len(hall.drawing.drawn)
    made = newest(await film(hall, session_id, music=True))
    assert len(hall.drawing.drawn) == drawn
    assert made.film_details.frames == 270
    # Bought clips keep the lengths of the script, and so do all in another order than its beats.
    view = await hall.sessions.view(session_id)
    job = FilmJob(
        "", session_id, "", (), FilmOptions(), ("16:9",), "calm", None, await hall.sessions.script("ann", session_id)
    )
    clips = view.of_kind(AssetKind.CLIP)
    assert film_of(job, clips, {"local": True}).bpm == timed.bpm
    assert film_of(job, clips, {"local": False}).bpm is film_of(job, clips[::-1], {"local": True}).bpm is None


async def test_bought_clips_get_other_words_without_another_purchase(hall: Hall) -> None:
    session_id = await scripted(hall)
    await hall.make_clips(session_id, HOSTED)
    ordered = len(hall.provider.orders)
    assert ordered == 3
    assert {clip.clip_details.words for clip in await hall.clips(session_id)} == {()}
    await hall.approve(session_id)
    first = newest(await film(hall, session_id))
    made = segments(hall)
    await put(hall, session_id, replace(AD, beats=(HOOK, LOOK, replace(LAST, words=says("350 ml")))))
    await hall.make_clips(session_id, HOSTED)
    await hall.approve(session_id)
    second = newest(await film(hall, session_id))
    assert len(hall.provider.orders) == ordered
    assert second.content_hash != first.content_hash
    assert segments(hall) == made + 1
    assert not hall.drawing.drawn
    assert (await hall.sessions.record(session_id)).total_cost == 3 * PRICE
    await check_books(hall.database)


def needed_seconds(text: str) -> float:
    """The shortest beat in which a text can be read."""
    return to_seconds(needed_frames(Beat("any", BeatShot(1), says(text)), AD.style))


async def test_words_that_a_short_delivery_would_not_show_refuse_before_anything_is_bought(hall: Hall) -> None:
    text = "Made for slow mornings and long evenings at home with people you like and good coffee in hand"
    # The model makes 7.6 seconds at most, and a clip may come a tenth shorter.
    long = replace(LAST, words=says(text), seconds=needed_seconds(text))
    session_id = await scripted(hall, replace(AD, beats=(long,)))
    with pytest.raises(TextError, match="beat 'last'"):
        await hall.make_clips(session_id, HOSTED)
    assert not hall.provider.orders
    assert (await hall.sessions.record(session_id)).job is None


async def test_a_hosted_script_costs_the_sum_of_its_beats_and_a_smaller_budget_refuses(hall: Hall) -> None:
    session_id = await scripted(hall, cap="0.30")
    with pytest.raises(BudgetError, match=r"0\.33"):
        await hall.make_clips(session_id, HOSTED)
    assert not hall.provider.orders


async def test_a_film_says_which_beats_and_clips_have_no_partner(hall: Hall) -> None:
    session_id = await scripted(hall)
    await hall.make_clips(session_id)
    made = [clip.id for clip in await hall.clips(session_id)]
    await hall.sessions.approve_clips("ann", session_id, made[:2])
    notes = newest(await film(hall, session_id)).film_details.notes
    assert notes == ("beat 'last' has no clip among the approved ones, so that it is not in the film",)


async def test_clips_that_were_there_before_the_script_get_the_words_of_their_image(hall: Hall) -> None:
    session = await hall.session(2)
    await hall.make_clips(session.id)
    await put(hall, session.id, AD)
    await hall.approve(session.id)
    details = newest(await film(hall, session.id)).film_details
    assert details.frames == 75 + 30
    assert details.notes[0].startswith("beat 'last' has no clip")


async def test_a_removed_image_a_changed_claim_and_words_too_long_for_their_clip_are_refused(hall: Hall) -> None:
    session_id = await scripted(hall)
    await hall.make_clips(session_id, HOSTED)
    await hall.approve(session_id)
    with pytest.raises(ClaimError):
        await hall.orchestrator.compose_final_video("ann", session_id, {"cta": "Get the best"}, {})
    with pytest.raises(InputError, match="a film of a script has no plain intro card"):
        await hall.orchestrator.compose_final_video("ann", session_id, {}, {}, intro_duration=2.0)
    ad = await hall.sessions.script("ann", session_id)
    assert ad is not None
    await hall.sessions.set_script("ann", session_id, replace(ad, photos=("gone", "gone")))
    with pytest.raises(InputError, match="image gone, which is not in this session"):
        await hall.make_clips(session_id)


async def test_a_new_take_of_a_beat_has_its_words_and_its_framing(hall: Hall) -> None:
    session_id = await scripted(hall)
    await hall.make_clips(session_id)
    old = (await hall.clips(session_id))[2]
    started = await hall.orchestrator.regenerate_clip("ann", old.id)
    await hall.jobs.work(started.job_id)
    new = next(clip for clip in await hall.clips(session_id) if clip.take)
    assert (new.clip_details.beat, new.clip_details.words) == ("last", LAST.words)
    assert (new.view_type, new.clip_details.clip_frames) == ("front", 90)
    assert new.clip_details.seed != old.clip_details.seed


async def test_the_end_card_is_that_of_the_script_and_its_price_encodes_it_alone(hall: Hall) -> None:
    session_id = await with_photo(hall)
    end = EndCard("Order yours", "morgen.example")
    ad = replace(AD, beats=(replace(HOOK, seconds=3.0),), end=end, offer=Offer(Decimal("24.90"), "EUR"))
    await put(hall, session_id, ad)
    await hall.make_clips(session_id)
    await hall.approve(session_id)
    first = newest(await film(hall, session_id))
    assert first.film_details.frames > 90 + 45
    made = segments(hall)
    await put(hall, session_id, replace(ad, end=replace(end, cta="Order for €24.90")))
    second = newest(await film(hall, session_id))
    assert segments(hall) == made + 1
    assert second.content_hash != first.content_hash


async def with_photo(hall: Hall) -> str:
    """A session with one image that can be decoded."""
    session = await hall.sessions.create("ann", seed=7)
    key = f"sessions/{session.id}/images/real.png"
    path = hall.folder / "storage" / key
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = BytesIO()
    Image.fromarray(texture(320, 240, 3)).save(picture, "PNG")
    path.write_bytes(picture.getvalue())
    image = NewAsset(AssetKind.IMAGE, key, file_digest(path), "image/png", path.stat().st_size, view_type="front")
    (added,) = await hall.sessions.add_images("ann", session.id, [image])
    await hall.sessions.approve_images("ann", session.id, [added.id])
    return session.id
