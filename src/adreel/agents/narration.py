"""The spoken lines of a script, fitted to its beats and placed in its film."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from adreel.agents.script import BeatLine, Storyboard
from adreel.domain.ad import Ad, Beat
from adreel.domain.errors import InputError, RecordingError, TextError
from adreel.domain.films.film import FilmSpec, SpokenPart, Transition
from adreel.domain.films.formats import TRANSITION_FRAMES, to_seconds
from adreel.domain.films.narration import FASTEST
from adreel.domain.ports import Speaker
from adreel.media.speech.speakers import OfflineSpeaker
from adreel.media.timeline import Item, film_timeline
from adreel.placements.placement import Placement

LEAD = 6
"""Frames of a beat before its line begins."""
_TAIL = 6
"""Frames between a line and the end of its beat."""
_ROUNDS = 5
_PACES = (1.05, 1.1, FASTEST)


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


@dataclass(frozen=True, slots=True)
class BeatRooms:
    """The frames of each beat in a film, and how many of them a crossfade takes. `most`: the frames of beats that cannot be
    longer, by their place: those of a clip that exists."""

    lengths: Sequence[int]
    overlap: int
    most: Mapping[int, int] = field(default_factory=dict[int, int])

    def room(self, frames: int) -> int:
        """The frames for a line over a beat of these frames."""
        return frames - self.overlap - LEAD - _TAIL


@dataclass(frozen=True, slots=True)
class FittedLines:
    """A script whose beats are long enough for their lines, which are given by the place of their beat."""

    script: Ad
    lines: Mapping[int, BeatLine]


def fitted(script: Ad, rooms_of: Callable[[Ad], BeatRooms], speaker: Speaker) -> FittedLines:
    """Speaks the lines of a script. A beat without a length of its own is stretched to its line, as far as its clip goes; a line
    over a beat that cannot become long enough is spoken up to 1.15 times as fast. Not for the event loop.

    Raises InputError, with the numbers, for a line that does not fit; TextError for one that the voice cannot speak.
    """
    lines = {place: _line(speaker, beat, 1.0) for place, beat in enumerate(script.beats) if beat.spoken}
    ad = script
    for _ in range(_ROUNDS):
        rooms = rooms_of(ad)
        short = [place for place, line in lines.items() if line.frames > rooms.room(rooms.lengths[place])]
        if not short:
            return FittedLines(ad, lines)
        for place in short:
            lines[place] = _within(speaker, script.beats[place], lines[place], rooms, place)
        needed = {place: lines[place].frames - rooms.room(0) for place in short}
        # A beat that is longer than its clip stays so: only the clip limits its line.
        ad = _stretched(
            ad, {place: frames for place, frames in needed.items() if frames > rooms.lengths[place]}, script
        )
    raise InputError("the beats of the script cannot be made long enough for their spoken lines; shorten the lines")


def narrated(script: Ad | None, board_of: Callable[[Ad], Storyboard], speaker: Speaker | None = None) -> Storyboard:
    """The storyboard of a script whose lines are spoken, by the offline voice without another `speaker`, as `fitted` does. Raises
    as `fitted`."""
    if script is None:
        raise InputError("there is nothing to speak: the film has no script")
    boards: list[Storyboard] = []

    def rooms(ad: Ad) -> BeatRooms:
        boards.append(board_of(ad))
        return BeatRooms(boards[-1].lengths, overlap_of(boards[-1].film.transition))

    lines = fitted(script, rooms, speaker or OfflineSpeaker()).lines
    return replace(boards[-1], lines={boards[-1].images[place].id: line for place, line in lines.items()})


def overlap_of(transition: Transition) -> int:
    """The frames that a clip shares with the next one."""
    return TRANSITION_FRAMES if transition is Transition.CROSSFADE else 0


def _line(speaker: Speaker, beat: Beat, speed: float) -> BeatLine:
    """Raises InputError and its kinds, which name the beat."""
    try:
        said = speaker.say(beat, speed)
    except (TextError, RecordingError) as error:
        raise type(error)(f"beat {beat.name!r}: {error}") from error
    return BeatLine(
        beat.spoken or "",
        speed,
        said.frames,
        said.words,
        said.said,
        said.sound,
        said.voice,
        said.span,
        said.language,
        said.times_words,
    )


def _within(speaker: Speaker, beat: Beat, line: BeatLine, rooms: BeatRooms, place: int) -> BeatLine:
    """The line, spoken as much faster as it must be where its beat cannot become long enough."""
    most = rooms.most.get(place)
    if beat.seconds is not None:
        return _faster(speaker, beat, line, rooms.room(rooms.lengths[place]), "beat")
    return (
        line
        if most is None or line.frames <= rooms.room(most)
        else _faster(speaker, beat, line, rooms.room(most), "clip")
    )


def _faster(speaker: Speaker, beat: Beat, line: BeatLine, room: int, what: str) -> BeatLine:
    """The line over a beat whose length is fixed, by itself or by its clip: as much faster as it must be."""
    fastest = line
    for speed in _PACES:
        fastest = _line(speaker, beat, speed)
        if fastest.frames <= room:
            return fastest
    fix = "make the beat longer" if what == "beat" else "have its clip made anew with a longer beat"
    raise InputError(
        f"beat {beat.name!r}: its line takes {to_seconds(line.frames):.1f} s to speak, {to_seconds(fastest.frames):.1f} s at the "
        f"fastest, and the {what} has {max(0.0, to_seconds(room)):.1f} s for it; shorten the line or {fix}"
    )


def _stretched(ad: Ad, needed: Mapping[int, int], script: Ad) -> Ad:
    beats = [
        replace(beat, seconds=to_seconds(needed[place]))
        if place in needed and script.beats[place].seconds is None
        else beat
        for place, beat in enumerate(ad.beats)
    ]
    return replace(ad, beats=tuple(beats))


def with_speech(spec: FilmSpec, lines: Mapping[str, BeatLine], clips: Sequence[tuple[str, int]]) -> FilmSpec:
    """The specification with the lines spoken over the film's clips, each the id by which `lines` name it and its frames."""
    if not lines:
        return spec
    starts = film_timeline(spec, [Item(*clip) for clip in clips]).starts[int(spec.has_intro) :]
    spoken = [(lines.get(clip), start) for (clip, _), start in zip(clips, starts, strict=False)]
    parts = tuple(_part(line, start + LEAD) for line, start in spoken if line is not None)
    return replace(spec, audio=replace(spec.audio, speech=parts))


def _part(line: BeatLine, start: int) -> SpokenPart:
    return SpokenPart(line.text, start, line.speed, line.said, line.sound, line.voice, line.span)
