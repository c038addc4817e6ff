"""The melody: one-bar motifs, repeated, transposed to each chord, varied and closed."""

from __future__ import annotations

from dataclasses import dataclass

from numpy.random import Generator

from adreel.media.music.form import PHRASE, Bar
from adreel.media.music.genre import Genre, Layer
from adreel.media.music.harmony import Harmony
from adreel.media.music.score import BEATS_PER_BAR, Note, pick, steps, velocity
from adreel.media.music.theory import ladder, nearest

_ARC = (0, 2, 3, 0)
"""Semitones above the middle of the tune at which each bar of a phrase aims."""
_LIFT = 3
"""Semitones by which the contrasting phrase lies higher."""
_REACH = 13
"""Largest distance of the tune from its middle in semitones."""
_LEAP = 9
"""Semitones; a wider leap is folded by an octave."""
_STEPS = (-1, 1, -1, 1, -2, 2, 0, 3)
"""Scale steps from note to note; single steps are the likeliest."""


@dataclass(frozen=True, slots=True)
class Motif:
    """One bar of the tune: a rhythm, and each note's scale steps above the bar's first chord tone."""

    pattern: str
    contour: tuple[int, ...]


def melody_part(genre: Genre, layer: Layer, bars: tuple[Bar, ...], harmony: Harmony, rng: Generator) -> list[Note]:
    """The tune in all bars of sufficient energy, and its last note over the final chord."""
    phrases = _phrases(genre, rng)
    notes: list[Note] = []
    for bar in bars:
        motif = _motif(phrases, bar)
        if bar.energy >= layer.enters and bar.beats == BEATS_PER_BAR and motif is not None:
            notes += _sung(motif, genre, layer, bar, harmony, notes[-1].pitch if notes else None, rng)
    final = harmony.final
    root, third = final.chord.tones[:2]
    pitch = nearest(notes[-1].pitch if notes else layer.centre, (root, third))
    return [*notes, Note(final.start, final.beats * 0.9, pitch, velocity(6.5, rng))]


def doubled(tune: tuple[Note, ...], bars: tuple[Bar, ...], enters: float) -> list[Note]:
    """The tune an octave higher and softer, in bars with energy ``enters`` or more, and its last note."""
    loud = [(bar.start, bar.start + bar.beats) for bar in bars if bar.energy >= enters]
    end = bars[-1].start + bars[-1].beats
    chosen = [n for n in tune if n.start >= end or any(a <= n.start < b for a, b in loud)]
    return [Note(n.start, n.duration, n.pitch + 12, max(1, n.velocity - 15), n.channel) for n in chosen]


def echoed(notes: list[Note], delay: float, end: float) -> list[Note]:
    """The notes with one softer repeat each, ``delay`` beats later; no repeat begins after beat ``end``."""
    repeats = [Note(n.start + delay, n.duration, n.pitch, max(1, n.velocity // 2), n.channel) for n in notes]
    return sorted(notes + [n for n in repeats if n.start < end], key=lambda n: n.start)


def _phrases(genre: Genre, rng: Generator) -> dict[str, tuple[Motif | None, ...]]:
    first, second, contrast = (_invent(pick(rng, genre.motifs), rng) for _ in range(3))
    closings = [_invent(pick(rng, genre.closings), rng) for _ in range(2)]
    varied = Motif(first.pattern, (*first.contour[:-2], *(offset + 1 for offset in first.contour[-2:])))
    answer = second if rng.random() < 0.6 else varied
    return {
        "A": (first, answer, first, closings[0]),
        "A'": (first, answer, second, closings[1]),
        "B": (contrast, contrast, second, closings[1]),
        "break": (first, None, first, None),
        "intro": (None, None, None, None),
        "cadence": (closings[0],) * PHRASE,
    }


def _motif(phrases: dict[str, tuple[Motif | None, ...]], bar: Bar) -> Motif | None:
    return phrases[bar.section][bar.place]


def _invent(pattern: str, rng: Generator) -> Motif:
    """A random contour for a rhythm: mostly steps, at most four steps away."""
    offsets = [0]
    for _ in steps(pattern)[1:]:
        step = pick(rng, _STEPS)
        offsets.append(offsets[-1] + (step if abs(offsets[-1] + step) <= 4 else -step))
    return Motif(pattern, tuple(offsets))


def _sung(
    motif: Motif, genre: Genre, layer: Layer, bar: Bar, harmony: Harmony, before: int | None, rng: Generator
) -> list[Note]:
    centre = layer.centre + _ARC[bar.place] + (_LIFT if bar.section == "B" else 0)
    anchor = nearest(centre, harmony.at(bar.start).chord.tones[:3])
    notes: list[Note] = []
    for step, offset in zip(steps(motif.pattern), motif.contour, strict=True):
        onset = bar.start + step.onset
        chord = harmony.at(onset).chord
        rungs = ladder(harmony.key, genre.melody_scale, chord, layer.centre - _REACH, layer.centre + _REACH)
        pitch = _climb(rungs, anchor, offset)
        strong = step.onset % 2 == 0 or step.duration >= 1
        if strong:
            pitch = nearest(pitch, chord.tones[:3])
        before = pitch = _folded(pitch, before)
        level = (6.4 if strong else 5.4) * (0.85 + 0.15 * bar.energy)
        notes.append(Note(onset, step.duration * layer.gate, pitch, velocity(level, rng)))
    return notes


def _climb(rungs: tuple[int, ...], anchor: int, offset: int) -> int:
    start = min(range(len(rungs)), key=lambda i: abs(rungs[i] - anchor))
    return rungs[min(max(start + offset, 0), len(rungs) - 1)]


def _folded(pitch: int, before: int | None) -> int:
    if before is None or abs(pitch - before) <= _LEAP:
        return pitch
    return pitch - 12 if pitch > before else pitch + 12
