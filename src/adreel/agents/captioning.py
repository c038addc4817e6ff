"""Caption files beside a film, from the words that its script shows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice, pairwise
from math import floor
from pathlib import Path

from adreel.agents.compositor import FilmMade
from adreel.agents.film_orders import MakeOrder
from adreel.agents.narration import LEAD, overlap_of
from adreel.agents.output import Existing, check_target, delivered
from adreel.agents.script import BeatLine, Storyboard
from adreel.domain.ad import Ad, ScreenText
from adreel.domain.errors import InputError, StorageError
from adreel.domain.films.captions import Captions, ShotCaption
from adreel.domain.films.clip import Clip
from adreel.domain.films.film import FilmSpec
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.films.formats import FPS, FrameSize, frame_size, to_seconds
from adreel.domain.films.narration import TimedText
from adreel.domain.films.speech import LANGUAGES_IN_FILES
from adreel.domain.machine_faults import fault_or
from adreel.media.captions.cue import Cue, ShownText, shown_cues, spoken_cues
from adreel.media.captions.track import CaptionTrack
from adreel.media.captions.wrapping import LONGEST_LINE
from adreel.media.captions.writing import to_srt, to_vtt
from adreel.media.overlays.burned import letters_in_line
from adreel.media.overlays.caption_style import caption_style
from adreel.media.speech.line_voice import LineVoice
from adreel.media.timeline import Item, Timeline, film_timeline
from adreel.placements.placement import Placement

_FORMATS = {".srt": to_srt, ".vtt": to_vtt}


def check_caption_files(film: Path, existing: Existing) -> None:
    """Raises InputError where the caption files of a film cannot be written, OutputExistsError where they may not be
    replaced."""
    for suffix in _FORMATS:
        check_target(film.with_suffix(suffix), existing)


def check_captions(order: MakeOrder) -> None:
    """Raises InputError for captions that a film cannot have, and as `check_caption_files` does."""
    check_asked(order.film, order.script, order.placement, order.speaker)
    if order.film.captions.in_files:
        check_caption_files(order.out, order.existing)


def check_asked(
    film: FilmOptions, script: Ad | None, placement: Placement | None = None, speaker: LineVoice | None = None
) -> None:
    """Raises InputError for captions that a film of this script, for a placement if any, cannot have."""
    if film.captions is Captions.OFF:
        return
    if script is None:
        raise InputError("captions are the words of a script, and this film has none; write one, or leave captions off")
    if film.captions is Captions.ON and not film.speaks:
        raise InputError(
            "captions in the picture show what is spoken, and nothing is: what the script shows is there already; switch the "
            "voice on, or give captions as files"
        )
    by_sentence = speaker is not None and not speaker.times_words
    if film.captions is Captions.ON and by_sentence and caption_style(film.caption_style.value).spoken is not None:
        raise InputError(
            f"captions in the style {film.caption_style.value} show the word that is being spoken, and this voice gives the "
            "times of sentences only; choose another caption style"
        )
    if film.captions.in_track and placement is not None:
        raise InputError(
            f"a film for {placement.name} has no text track: platforms take captions as files; choose captions as files"
        )


def with_captions(board: Storyboard) -> Storyboard:
    """The storyboard whose clips have captions of their lines as part of the picture, in the style of its options."""
    film, size = board.film, frame_size(board.film.aspect)
    plans = tuple(
        replace(plan, captions=shot_captions(line, plan.frames, film, size), caption_style=film.caption_style.value)
        if (line := board.lines.get(image.id))
        else plan
        for image, plan in zip(board.images, board.plans, strict=True)
    )
    return replace(board, plans=plans)


def shot_captions(line: BeatLine, frames: int, film: FilmOptions, size: FrameSize) -> tuple[ShotCaption, ...]:
    """The captions in the picture of a clip over which a line is spoken. They end before a crossfade begins."""
    longest = min(LONGEST_LINE, letters_in_line(size, caption_style(film.caption_style)))
    return _shot_captions(line, frames - overlap_of(film.transition), longest)


def _shot_captions(line: BeatLine, frames: int, longest: float) -> tuple[ShotCaption, ...]:
    begin = to_seconds(LEAD)
    words = [TimedText(word.text, begin + word.start, begin + word.end) for word in line.words]
    # By letters: a text may be several words on the screen, such as one with a dash behind it, or a part of one.
    starts = iter([floor(word.start * FPS) for word in words for char in word.text if not char.isspace()])
    return tuple(
        ShotCaption(cue.first, cue.last, cue.lines, _starts(cue, starts) if line.times_words else ())
        for cue in spoken_cues(words, frames, longest=longest)
    )


def _starts(cue: Cue, of_letters: Iterator[int]) -> tuple[int, ...]:
    """The frame at which each word of a caption begins: that of its first letter."""
    return tuple(min(islice(of_letters, len(word))) for line in cue.lines for word in line.split())


def caption_notes(film: FilmOptions, lines: Iterable[BeatLine]) -> tuple[str, ...]:
    """Notes about the times of the captions of a film with these lines."""
    by_sentence = [line for line in lines if not line.times_words]
    if film.captions is Captions.OFF or not by_sentence:
        return ()
    if all(line.is_recorded for line in by_sentence):
        return ("captions of recorded lines follow their sentences, not their single words",)
    return ("captions of spoken lines are timed by sentence: the voice does not say when it speaks each word",)


@dataclass(frozen=True, slots=True)
class WordedClip:
    """A clip of a film: its length, the words that it shows, and the line that is spoken over it."""

    frames: int
    words: tuple[ScreenText, ...] = ()
    line: BeatLine | None = None


def worded_clips(board: Storyboard, clips: Sequence[Clip]) -> list[WordedClip]:
    """The clips of a storyboard's film, by the ids of its images."""
    words = {image.id: plan.words for image, plan in zip(board.images, board.plans, strict=True)}
    ids = [clip.source_image_id or "" for clip in clips]
    return [WordedClip(clip.frames, words[each], board.lines.get(each)) for clip, each in zip(clips, ids, strict=True)]


def film_captions(clips: Sequence[WordedClip], spec: FilmSpec) -> CaptionTrack:
    """The captions of a script's film: what is said over a beat, else what it shows."""
    timeline = film_timeline(spec, [Item(f"clip {place}", clip.frames) for place, clip in enumerate(clips)])
    cues = (*screen_captions(timeline, shown_texts(clips, spec)), *_spoken(timeline, clips, spec))
    return CaptionTrack(tuple(sorted(cues, key=lambda cue: cue.first)), _language([c.line for c in clips if c.line]))


def _language(lines: Sequence[BeatLine]) -> str:
    """The language of what is spoken, as of ISO 639-2; "und" where it is not known, as of what a person says."""
    spoken = {line.language for line in lines}
    return LANGUAGES_IN_FILES.get(spoken.pop() or "", "und") if len(spoken) == 1 else "und"


async def write_captions(
    path: Path, captions: CaptionTrack, frames: int, film: FilmMade, existing: Existing
) -> tuple[Path, ...]:
    """Writes the captions of the film at `path` beside it, under its name, and returns their paths. `frames` are those of
    the film before it was fitted to a placement, after which it may have others and lasts as long. Raises StorageError."""
    return await write_caption_files(path, captions.cues, existing, shown_rate(frames, film))


def shown_rate(frames: int, film: FilmMade) -> float:
    """Captions' frames per second of a film of `frames` frames before it was fitted to a placement."""
    return frames * film.rate / film.frames


def caption_texts(captions: CaptionTrack, rate: float) -> Mapping[str, str]:
    """The texts of caption files, by the suffix that replaces the film's."""
    return {suffix: format_(captions.cues, rate) for suffix, format_ in _FORMATS.items()}


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


def shown_texts(clips: Sequence[WordedClip], spec: FilmSpec) -> list[tuple[str, ...]]:
    """The texts that each item of a script's film shows: intro, clips, end card."""
    intro = [tuple(_given(spec.text.product_name))] if spec.has_intro else []
    shown = [() if clip.line else tuple(map(_text, clip.words)) for clip in clips]
    return [*intro, *shown, *([tuple(_end_texts(spec))] if spec.has_outro else [])]


def _spoken(timeline: Timeline, clips: Sequence[WordedClip], spec: FilmSpec) -> tuple[Cue, ...]:
    """Captions of the spoken words, instead of those that its beat shows."""
    begins = [to_seconds(start + LEAD) for start in timeline.starts[int(spec.has_intro) :]]
    words = [
        TimedText(word.text, begin + word.start, begin + word.end)
        for begin, clip in zip(begins, clips, strict=False)
        if clip.line is not None
        for word in clip.line.words
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
