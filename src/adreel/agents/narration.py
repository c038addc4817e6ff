"""The spoken lines of a script, fitted to its beats and placed in its film."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import ceil

from adreel.agents.script import BeatLine, Storyboard
from adreel.domain.ad import Ad, Beat
from adreel.domain.errors import InputError, TextError
from adreel.domain.films.film import FilmSpec, SpokenPart, Transition
from adreel.domain.films.formats import FPS, SAMPLE_RATE, TRANSITION_FRAMES, to_seconds
from adreel.domain.films.narration import FASTEST
from adreel.media.speech.speaker import Speaker
from adreel.media.speech.voice import offline_voice
from adreel.media.timeline import Item, film_timeline
from adreel.placements.placement import Placement

LEAD = 6
"""Frames of a beat before its line begins."""
_TAIL = 6
"""Frames between a line and the end of its beat."""
_ROUNDS = 5


def check_voice(voice: bool, script: Ad | None, placement: Placement | None) -> None:
    """Raises InputError for a film that cannot be spoken, TextError for a line that the voice cannot speak."""
    if not voice:
        return
    if script is None or not any(beat.spoken for beat in script.beats):
        raise InputError(
            "there is nothing to speak: no beat of a script has a spoken line; write one, or leave the voice off"
        )
    if placement is not None:
        raise InputError(
            f"a film for {placement.name} cannot be spoken: its length is that of the placement; leave the voice off"
        )


def narrated(script: Ad | None, board_of: Callable[[Ad], Storyboard], speaker: Speaker | None = None) -> Storyboard:
    """The storyboard of a script whose lines `speaker` speaks, None for the offline voice. A beat without a length of its own is
    stretched to its line; a line over a beat with one is spoken up to 1.15 times as fast. Speaks: not for the event loop.

    Raises InputError, with the numbers, for a line that does not fit; TextError for one that the voice cannot speak.
    """
    if script is None:
        raise InputError("there is nothing to speak: the film has no script")
    speaker = speaker or offline_voice()
    lines = {place: _line(speaker, beat, 1.0) for place, beat in enumerate(script.beats) if beat.spoken}
    ad = script
    for _ in range(_ROUNDS):
        board = board_of(ad)
        overlap = TRANSITION_FRAMES if board.film.transition is Transition.CROSSFADE else 0
        rooms = [length - overlap - LEAD - _TAIL for length in board.lengths]
        short = [place for place, line in lines.items() if line.frames > rooms[place]]
        if not short:
            return replace(board, lines={board.images[place].id: line for place, line in lines.items()})
        for place in short:
            if script.beats[place].seconds is not None:
                lines[place] = _faster(speaker, script.beats[place], lines[place], rooms[place])
        ad = _stretched(ad, {place: lines[place].frames + overlap + LEAD + _TAIL for place in short}, script)
    raise InputError("the beats of the script cannot be made long enough for their spoken lines; shorten the lines")


def _line(speaker: Speaker, beat: Beat, speed: float) -> BeatLine:
    try:
        speech = speaker.say(beat.spoken or "", speed=speed)
    except TextError as error:
        raise TextError(f"beat {beat.name!r}: {error}") from error
    return BeatLine(
        beat.spoken or "",
        speed,
        ceil(len(speech.samples) * FPS / SAMPLE_RATE),
        speech.words,
        speech.sound,
        None if speech.sound is None else speaker.record,
        speaker.language,
        speaker.times_words,
    )


def _faster(speaker: Speaker, beat: Beat, line: BeatLine, room: int) -> BeatLine:
    """The line over a beat of a fixed length, as much faster as it must be."""
    fastest = line
    for speed in (1.05, 1.1, FASTEST):
        fastest = _line(speaker, beat, speed)
        if fastest.frames <= room:
            return fastest
    raise InputError(
        f"beat {beat.name!r}: its line takes {to_seconds(line.frames):.1f} s to speak, {to_seconds(fastest.frames):.1f} s at the "
        f"fastest, and the beat has {max(0.0, to_seconds(room)):.1f} s for it; shorten the line or make the beat longer"
    )


def _stretched(ad: Ad, needed: Mapping[int, int], script: Ad) -> Ad:
    beats = [
        replace(beat, seconds=to_seconds(needed[place]))
        if place in needed and script.beats[place].seconds is None
        else beat
        for place, beat in enumerate(ad.beats)
    ]
    return replace(ad, beats=tuple(beats))


def with_speech(spec: FilmSpec, board: Storyboard, clips: Sequence[tuple[str, int]]) -> FilmSpec:
    """The specification with the lines spoken over the film's clips, each the id of its image and its frames."""
    timeline = film_timeline(spec, [Item(image, frames) for image, frames in clips]) if board.lines else None
    if timeline is None:
        return spec
    starts = timeline.starts[int(spec.has_intro) :]
    spoken = [(board.lines.get(image), start) for (image, _), start in zip(clips, starts, strict=False)]
    parts = tuple(
        SpokenPart(line.text, start + LEAD, line.speed, line.sound, line.voice)
        for line, start in spoken
        if line is not None
    )
    return replace(spec, audio=replace(spec.audio, speech=parts))
