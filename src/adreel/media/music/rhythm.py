"""The rhythm section: drums and bass."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator

from adreel.media.music.form import Bar
from adreel.media.music.genre import Drumming, Fill, Lane, Layer
from adreel.media.music.harmony import Harmony, Span
from adreel.media.music.instruments import KICK
from adreel.media.music.score import Note, pick, steps, velocity
from adreel.media.music.theory import SCALES, nearest

_GHOST_CHANCE = 0.6
_GHOST_LEVEL = 2.0
_DRUM_RINGS = 4.0
"""Beats until a drum's note-off: long enough for a cymbal to decay."""
_FINAL_LEVEL, _ACCENT_LEVEL, _STRONG_LEVEL, _CUT_LEVEL = 7.5, 10.0, 9.7, 7.0
_BASS_LEVELS = {"r": 6.5, "R": 6.0, "f": 5.8, "t": 5.6, "a": 5.4}


@dataclass(frozen=True, slots=True)
class Strokes:
    """The beats that the drums strike in any case: the last chord at `end`, the strongest stroke at `accent`, where the end card
    begins, if that is before the last one; `strong` ones with a crash; and those of all other `cuts`."""

    end: float
    accent: float
    strong: tuple[int, ...] = ()
    cuts: tuple[int, ...] = ()


def drum_part(drumming: Drumming, bars: tuple[Bar, ...], strokes: Strokes, rng: Generator) -> list[Note]:
    """A groove that becomes denser with the energy of each bar, fills at the ends of phrases, and the strokes."""
    main, other = pick(rng, drumming.grooves), pick(rng, drumming.grooves)
    fills = tuple(pick(rng, drumming.fills) for _ in range(3))
    notes: list[Note] = []
    for number, bar in enumerate(bars):
        fill = fills[number % len(fills)] if bar.fill and bar.energy > 0.5 else None
        notes += _groove(other if bar.section == "B" else main, bar, fill, rng)
        if drumming.crash is not None and bar.place == 0 and bar.energy >= 0.8 and number > 0:
            notes.append(_stroke(drumming.crash, bar.start, 6.0, rng))
    notes += _accented(drumming, strokes.end, _FINAL_LEVEL, rng)
    if strokes.accent < strokes.end:
        notes += _accented(drumming, strokes.accent, _ACCENT_LEVEL, rng)
    for beat in strokes.strong:
        notes += _accented(drumming, beat, _STRONG_LEVEL, rng)
    return notes + [_stroke(KICK, beat, _CUT_LEVEL, rng) for beat in strokes.cuts]


def _accented(drumming: Drumming, beat: float, level: float, rng: Generator) -> list[Note]:
    drums = (KICK,) if drumming.crash is None else (KICK, drumming.crash)
    return [_stroke(drum, beat, level, rng) for drum in drums]


def _groove(groove: tuple[Lane, ...], bar: Bar, fill: Fill | None, rng: Generator) -> list[Note]:
    filled = fill.beats if fill and fill.beats < bar.beats else 0
    until = bar.beats - filled
    playing = [lane for lane in groove if bar.energy >= lane.enters]
    notes = [note for lane in playing for note in _lane(lane, bar, 0.0, bar.beats if lane.key == KICK else until, rng)]
    if fill and filled:
        notes += [note for lane in fill.lanes for note in _lane(lane, bar, until, bar.beats, rng)]
    return notes


def _lane(lane: Lane, bar: Bar, begin: float, until: float, rng: Generator) -> list[Note]:
    swell = 0.82 + 0.18 * bar.energy
    notes: list[Note] = []
    for step in steps(lane.pattern, bar.beats):
        if not begin <= step.onset < until or (step.symbol == "g" and rng.random() > _GHOST_CHANCE):
            continue
        level = _GHOST_LEVEL if step.symbol == "g" else float(step.symbol)
        notes.append(_stroke(lane.key, bar.start + step.onset, level * swell, rng))
    return notes


def _stroke(key: int, start: float, level: float, rng: Generator) -> Note:
    return Note(start, _DRUM_RINGS, key, velocity(level, rng))


def bass_part(layer: Layer, bars: tuple[Bar, ...], harmony: Harmony, rng: Generator) -> list[Note]:
    """Roots in the genre's rhythm, with fifths, octaves and steps that lead into the next chord."""
    main, other = pick(rng, layer.patterns), pick(rng, layer.patterns)
    notes: list[Note] = []
    for bar in bars:
        if bar.energy >= layer.enters:
            notes += _bass_bar(layer, other if bar.section == "B" else main, bar, harmony, rng)
    final = harmony.final
    root = nearest(layer.centre, (final.chord.root,))
    return [*notes, Note(final.start, final.beats, root, velocity(7, rng))]


def _bass_bar(layer: Layer, pattern: str, bar: Bar, harmony: Harmony, rng: Generator) -> list[Note]:
    struck = [(bar.start + step.onset, step.duration, step.symbol) for step in steps(pattern, bar.beats)]
    onsets = {onset for onset, _, _ in struck}
    struck += [(span.start, span.beats, "r") for span in harmony.within(bar)[1:] if span.start not in onsets]
    struck.sort()
    notes: list[Note] = []
    for number, (onset, duration, symbol) in enumerate(struck):
        span = harmony.at(onset)
        following = struck[number + 1][0] if number + 1 < len(struck) else bar.start + bar.beats
        length = min(duration, following - onset, span.end - onset) * layer.gate
        symbol = "r" if onset == span.start and symbol != "R" else symbol
        pitch = _bass_pitch(symbol, span, harmony, layer.centre)
        notes.append(Note(onset, length, pitch, velocity(_BASS_LEVELS[symbol], rng)))
    return notes


def _bass_pitch(symbol: str, span: Span, harmony: Harmony, centre: int) -> int:
    root = nearest(centre, (span.chord.root,))
    if symbol == "a":
        return _approach(root, span, harmony, centre)
    tones = {"r": 0, "R": 12, "f": 7, "t": span.chord.intervals[1]}
    pitch = root + tones[symbol]
    return pitch - 12 if symbol in "ft" and pitch > centre + 8 else pitch


def _approach(root: int, span: Span, harmony: Harmony, centre: int) -> int:
    """A scale step below or above the next root, on the side of the current root; the fifth when the root repeats."""
    following = harmony.spans[min(harmony.index(span.start) + 1, len(harmony.spans) - 1)]
    target = nearest(centre, (following.chord.root,))
    if target == root:
        return root + 7 if root + 7 <= centre + 8 else root - 5
    side = -1 if root < target else 1
    scale = harmony.key.pitch_classes(SCALES[harmony.key.mode])
    return next(p for p in (target + side, target + 2 * side, target + 3 * side) if p % 12 in scale)
