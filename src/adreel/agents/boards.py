"""The storyboard of an order: the clips of its script, branded and spoken, or one clip for each photo."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from adreel.agents.branding import branded, with_logo
from adreel.agents.captioning import with_captions
from adreel.agents.film_orders import MakeOrder
from adreel.agents.narration import narrated
from adreel.agents.options import NEUTRAL_COLOR, film_spec
from adreel.agents.placement_plan import board_for, script_for
from adreel.agents.script import Storyboard, images_of, storyboard
from adreel.agents.video_generator import ClipPlan
from adreel.domain.ad import TextRole
from adreel.domain.errors import InputError
from adreel.domain.films.captions import Captions
from adreel.domain.films.film import FilmSpec
from adreel.domain.films.film_options import SILENT, SPEAKING
from adreel.domain.films.formats import to_frames, to_seconds
from adreel.domain.ports import Speaker
from adreel.media.speech.speakers import OfflineSpeaker, VoiceSpeaker, recorded_lines, with_recordings
from adreel.media.timeline import Item, Timeline, film_timeline
from adreel.providers.planning.scene_rules import read_mood


def board_of(order: MakeOrder, *, on_beats: bool = True) -> Storyboard:
    """The clips of an order, whose photos are files. Without `on_beats` the beats of a script keep their lengths whatever the
    music is. Speaks the lines of an order with a voice: not for the event loop.

    Raises InputError, TextError and ClaimError for a script that cannot be filmed.
    """
    if not order.film.speaks:
        return _board(order, on_beats)
    board = narrated(order.script, lambda ad: _board(replace(order, script=ad), on_beats), speaker_of(order))
    return with_captions(board) if order.film.captions is Captions.ON else board


def speaker_of(order: MakeOrder) -> Speaker:
    """Who speaks the lines of an order: the person whose recording its option `voice` names; else, for beats without a recording
    of their own, its speaker, or the offline voice with the pronunciations of its brand. Raises RecordingError."""
    voice, script = order.film.voice, order.script
    if script is not None and voice not in (SPEAKING, SILENT):
        return recorded_lines(Path(voice), script)
    said = {} if order.brand is None else order.brand.said
    speaker = OfflineSpeaker(said) if order.speaker is None else VoiceSpeaker(order.speaker)
    return speaker if script is None else with_recordings(script, speaker)


def timed(board: Storyboard) -> tuple[Storyboard, Timeline]:
    """The storyboard with the timeline of its film."""
    items = [Item(*clip) for clip in zip(board.names, board.lengths, strict=True)]
    return board, film_timeline(first_spec(board), items)


def renewable(board: Storyboard) -> Storyboard:
    """The storyboard of a film whose prices are expected to change."""
    plans = [
        replace(plan, words_change=any(each.role is TextRole.PRICE for each in plan.words)) for plan in board.plans
    ]
    return replace(board, plans=tuple(plans))


def first_spec(board: Storyboard) -> FilmSpec:
    """The specification before the product's colour is known."""
    return board.film_of(film_spec(board.film, read_mood(board.prompt), NEUTRAL_COLOR))


def shortened(order: MakeOrder, board: Storyboard, timeline: Timeline, frames: int) -> tuple[Storyboard, Timeline]:
    """The storyboard and the timeline of a film of exactly these frames. Raises InputError."""
    if order.script is None:
        return timed(board_for(board, timeline, frames))
    made = timed(_board(replace(order, script=script_for(order.script, frames))))
    if made[1].frames != frames:
        # An intro and crossfades are not part of the length that a script states.
        made = timed(_board(replace(order, script=script_for(order.script, 2 * frames - made[1].frames))))
    if made[1].frames != frames:
        raise InputError(
            f"the script cannot be timed to {to_seconds(frames):g} s, only to {to_seconds(made[1].frames):.2f} s; change it"
        )
    return made


def _board(order: MakeOrder, on_beats: bool = True) -> Storyboard:
    """The clips of an order: those of its script, else one of the same length for each image. Raises InputError."""
    if order.brand is not None:
        film, script = branded(order.brand, order.film, order.script)
        return with_logo(_board(replace(order, film=film, script=script, brand=None), on_beats), order.brand)
    if order.script is not None:
        facts = (order.script, order.photos, order.film, order.prompt, order.clip_seconds)
        return storyboard(*facts, on_beats=on_beats)
    images = images_of(order.photos)
    plan = ClipPlan(to_frames(order.clip_seconds))
    names = tuple(f"a clip of {image.path.name}" for image in images)
    return Storyboard(images, (plan,) * len(images), names, order.prompt, order.film, None)
