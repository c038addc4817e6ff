"""Caption files beside a film, from the words that its script shows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice, pairwise
from math import floor
from pathlib import Path

from adreel.agents.compositor import FilmMade
from adreel.agents.film_orders import MakeOrder
from adreel.agents.narration import LEAD
from adreel.agents.output import Existing, check_target, delivered
from adreel.agents.script import BeatLine, Storyboard
from adreel.domain.ad import ScreenText
from adreel.domain.errors import InputError, StorageError
from adreel.domain.films.captions import Captions, ShotCaption
from adreel.domain.films.clip import Clip
from adreel.domain.films.film import FilmSpec, Transition
from adreel.domain.films.formats import FPS, TRANSITION_FRAMES, frame_size, to_seconds
from adreel.domain.films.narration import TimedText
from adreel.domain.machine_faults import fault_or
from adreel.media.captions.cue import Cue, ShownText, shown_cues, spoken_cues
from adreel.media.captions.track import CaptionTrack
from adreel.media.captions.wrapping import LONGEST_LINE
from adreel.media.captions.writing import to_srt, to_vtt
from adreel.media.overlays.burned import letters_in_line
from adreel.media.overlays.caption_style import caption_style
from adreel.media.timeline import Item, Timeline, film_timeline

_FORMATS = {".srt": to_srt, ".vtt": to_vtt}


def check_caption_files(film: Path, existing: Existing) -> None:
    """Raises InputError where the caption files of a film cannot be written, OutputExistsError where they may not be
    replaced."""
    for suffix in _FORMATS:
        check_target(film.with_suffix(suffix), existing)


def check_captions(order: MakeOrder) -> None:
    """Raises InputError for captions that a film cannot have, and as `check_caption_files` does."""
    if order.captions is Captions.OFF:
        return
    if order.script is None:
        raise InputError("captions are the words of a script, and this film has none; write one, or leave captions off")
    caption_style(order.caption_style)
    if order.captions is Captions.ON and not order.voice:
        raise InputError(
            "captions in the picture show what is spoken, and nothing is: what the script shows is there already; switch the "
            "voice on, or give captions as files"
        )
    if order.captions.in_track and order.placement is not None:
        raise InputError(
            f"a film for {order.placement.name} has no text track: platforms take captions as files; choose captions as files"
        )
    if order.captions.in_files:
        check_caption_files(order.out, order.existing)


def with_captions(board: Storyboard, style: str) -> Storyboard:
    """The storyboard whose clips have captions of their lines as part of the picture. They end before a crossfade begins."""
    overlap = TRANSITION_FRAMES if board.film.transition is Transition.CROSSFADE else 0
    longest = min(LONGEST_LINE, letters_in_line(frame_size(board.film.aspect), caption_style(style)))
    plans = tuple(
        replace(
            plan, captions=_shot_captions(line, plan.frames - overlap, longest), caption_style=caption_style(style).name
        )
        if (line := board.lines.get(image.id))
        else plan
        for image, plan in zip(board.images, board.plans, strict=True)
    )
    return replace(board, plans=plans)


def _shot_captions(line: BeatLine, frames: int, longest: float) -> tuple[ShotCaption, ...]:
    begin = to_seconds(LEAD)
    words = [TimedText(word.text, begin + word.start, begin + word.end) for word in line.words]
    # By letters: a text may be several words on the screen, such as one with a dash behind it, or a part of one.
    starts = iter([floor(word.start * FPS) for word in words for char in word.text if not char.isspace()])
    return tuple(
        ShotCaption(cue.first, cue.last, cue.lines, _starts(cue, starts))
        for cue in spoken_cues(words, frames, longest=longest)
    )


def _starts(cue: Cue, of_letters: Iterator[int]) -> tuple[int, ...]:
    """The frame at which each word of a caption begins: that of its first letter."""
    return tuple(min(islice(of_letters, len(word))) for line in cue.lines for word in line.split())


def film_captions(board: Storyboard, clips: Sequence[Clip], spec: FilmSpec) -> CaptionTrack:
    """The captions of a script's film: what is said over a beat, else what it shows."""
    timeline = film_timeline(spec, [Item(clip.id, clip.frames) for clip in clips])
    shown = shown_texts(board, clips, spec)
    cues = (*screen_captions(timeline, shown), *_spoken(timeline, board, clips, spec))
    return CaptionTrack(tuple(sorted(cues, key=lambda cue: cue.first)), "eng" if board.lines else "und")


async def write_captions(
    path: Path, captions: CaptionTrack, frames: int, film: FilmMade, existing: Existing
) -> tuple[Path, ...]:
    """Writes the captions of the film at `path` beside it, under its name, and returns their paths. `frames` are those of
    the film before it was fitted to a placement, after which it may have others and lasts as long. Raises StorageError."""
    return await write_caption_files(path, captions.cues, existing, frames * film.rate / film.frames)


async def write_caption_files(
    path: Path, cues: Sequence[Cue], existing: Existing, rate: float = FPS
) -> tuple[Path, ...]:
    """Writes captions beside the file at `path`, under its name; their frames are shown `rate` per second. Raises
    StorageError."""
    return tuple(
        [
            await delivered(path.with_suffix(suffix), existing, partial(_write, text=format_(cues, rate)))
            for suffix, format_ in _FORMATS.items()
        ]
    )


def screen_captions(timeline: Timeline, texts: Sequence[tuple[str, ...]]) -> tuple[Cue, ...]:
    """Captions of the texts of each item of a film, each within the frames between two cuts."""
    bounds = pairwise((0, *timeline.cuts, timeline.frames))
    return shown_cues([ShownText(first, last, shown) for (first, last), shown in zip(bounds, texts, strict=True)])


def shown_texts(board: Storyboard, clips: Sequence[Clip], spec: FilmSpec) -> list[tuple[str, ...]]:
    """The texts that each item of a script's film shows: intro, clips, end card."""
    words = {image.id: plan.words for image, plan in zip(board.images, board.plans, strict=True)}
    intro = [tuple(_given(spec.text.product_name))] if spec.has_intro else []
    shown = [
        () if clip.source_image_id in board.lines else tuple(map(_text, words[clip.source_image_id or ""]))
        for clip in clips
    ]
    return [*intro, *shown, *([tuple(_end_texts(spec))] if spec.has_outro else [])]


def _spoken(timeline: Timeline, board: Storyboard, clips: Sequence[Clip], spec: FilmSpec) -> tuple[Cue, ...]:
    """Captions of the spoken words, instead of those that its beat shows."""
    lines = [board.lines.get(clip.source_image_id or "") for clip in clips]
    begins = [to_seconds(start + LEAD) for start in timeline.starts[int(spec.has_intro) :]]
    words = [
        TimedText(word.text, begin + word.start, begin + word.end)
        for begin, line in zip(begins, lines, strict=False)
        if line is not None
        for word in line.words
    ]
    return spoken_cues(words, timeline.frames, timeline.cuts)


def _end_texts(spec: FilmSpec) -> Iterator[str]:
    look = spec.end_card
    if look is None:
        yield from _given(spec.text.cta)
    else:
        yield from _given(look.name, look.words.cta or spec.text.cta, look.words.address, look.words.legal)


def _given(*texts: str | None) -> Iterable[str]:
    return [" ".join(text.split()) for text in texts if text and text.strip()]


def _text(words: ScreenText) -> str:
    """A former price, struck through on the screen, stands in parentheses."""
    return f"{words.text} ({words.struck})" if words.struck else words.text


async def _write(path: Path, text: str) -> None:
    try:
        await asyncio.to_thread(path.write_text, text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise fault_or(error, path.parent, StorageError(f"{path} cannot be written: {error.strerror}")) from error
