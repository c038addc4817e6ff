"""The tempo of a piece: beats that fill the film and fall on its cuts. Pure.

The last chord begins ``Tempo.beats`` beats in and rings until the film ends. Cuts are met by small changes of tempo between
them, as a conductor follows a picture.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from adreel.media.music.score import BEATS_PER_BAR

LONGEST_RING = 0.42
"""Part of the film that the last chord may take."""

_PHRASE_BEATS = 4 * BEATS_PER_BAR
_LARGEST_BEND = math.log(1.5) + 1e-9
"""Largest ratio, as a logarithm, of the tempo between two cuts to the tempo of the piece."""

_CARD_RING = 1.0
"""Seconds of the last chord on an end card with beats before it: longer, and the card runs into silence."""

_SAME = 1e-6
_CANDIDATES = 33
_BEND_COST = 2.0


@dataclass(frozen=True, slots=True)
class Cues:
    """What the music meets, in seconds: `cuts`, rising, at which the picture changes; `card`, where the end card begins, or
    None without one; `strong`, those of the cuts that are stressed. `bpm`: the even tempo to whose beats the cuts were moved."""

    cuts: tuple[float, ...] = ()
    card: float | None = None
    strong: tuple[float, ...] = ()
    bpm: float | None = None


NO_CUES = Cues()


@dataclass(frozen=True, slots=True)
class Tempo:
    """``anchors``: beats and the seconds at which they fall, from (0, 0) to the last chord; the tempo is even between them.
    The last chord rings for ``ring`` seconds, to the film's end. ``tag``: beats before it that are on the end card."""

    anchors: tuple[tuple[int, float], ...]
    ring: float
    tag: int = 0

    @property
    def beats(self) -> int:
        """Beats before the last chord."""
        return self.anchors[-1][0]

    @property
    def accent(self) -> int:
        """The beat of the strongest accent: where the end card begins, without one the last chord."""
        return self.beats - self.tag

    @property
    def bpm(self) -> float:
        """Beats per minute, on average."""
        return 60.0 * self.beats / self.anchors[-1][1]

    @property
    def ring_beats(self) -> float:
        """Length of the last chord in beats of the last tempo."""
        (beat, start), (last, end) = self.anchors[-2:]
        return self.ring * (last - beat) / (end - start)

    def met(self, seconds: float) -> int | None:
        """The beat at this moment, for a moment that the tempo was bent to."""
        return next((beat for beat, moment in self.anchors[1:] if abs(moment - seconds) < _SAME), None)

    def seconds(self, beat: float) -> float:
        """The moment of a beat, also of one within the last chord."""
        if beat > self.beats:
            return self.anchors[-1][1] + (beat - self.beats) * self.ring / self.ring_beats
        beats, seconds = zip(*self.anchors, strict=True)
        return float(np.interp(beat, beats, seconds))


def fit_tempo(seconds: float, bpm: tuple[float, float], preferred: float, ring: float, cues: Cues = NO_CUES) -> Tempo:
    """The tempo nearest to ``preferred`` within ``bpm`` at which the film is filled and a beat falls on every cut; that of the
    cues where they have one.

    Without cuts: whole bars, then a last chord of about ``ring`` seconds. Films too short for two bars use half bars or a single
    upbeat; films too short even for one upbeat (under about a second), and those whose cuts follow one another faster than the
    beats, use another tempo than ``bpm`` allows. With an end card the last chord begins on it, after as many beats as leave it
    about a second.
    """
    limit = min(ring, LONGEST_RING * seconds)
    points = sorted({cut for cut in (*cues.cuts, *_card_of(cues)) if 0 < cut < seconds - 0.2})
    if not points:
        return _even(seconds, bpm, preferred, limit)
    if cues.bpm is not None:
        return _bent(seconds, points, cues.bpm, limit, cues.card)
    rates = [bpm[0] * (bpm[1] / bpm[0]) ** (step / (_CANDIDATES - 1)) for step in range(_CANDIDATES)]
    found = [_bent(seconds, points, rate, limit, cues.card) for rate in rates]
    costs = [
        abs(math.log(rate / preferred)) + _BEND_COST * _unevenness(tempo)
        for rate, tempo in zip(rates, found, strict=True)
    ]
    return found[min(range(len(found)), key=costs.__getitem__)]


def _card_of(cues: Cues) -> tuple[float, ...]:
    return () if cues.card is None else (cues.card,)


def _even(seconds: float, bpm: tuple[float, float], preferred: float, ring: float) -> Tempo:
    most = math.ceil(seconds * bpm[1] / 60.0)
    whole_bars = range(BEATS_PER_BAR, most + BEATS_PER_BAR, BEATS_PER_BAR)
    candidates = [_tempo(seconds, beats, bpm, ring) for beats in (1, 2, 6, *whole_bars)]
    possible = [tempo for tempo in candidates if tempo.ring >= 0.5 * ring]
    if not possible:
        return Tempo(((0, 0.0), (1, seconds - ring)), ring)
    return min(possible, key=lambda tempo: _misfit(tempo, preferred, ring))


def _tempo(seconds: float, beats: int, bpm: tuple[float, float], ring: float) -> Tempo:
    exact = 60.0 * beats / (seconds - ring)
    end = 60.0 * beats / min(max(exact, bpm[0]), bpm[1])
    return Tempo(((0, 0.0), (beats, end)), seconds - end)


def _misfit(tempo: Tempo, preferred: float, ring: float) -> float:
    bars, over = divmod(tempo.beats, BEATS_PER_BAR)
    uneven = 0.12 if over else (0.0, 0.03, 0.015, 0.03)[bars % (_PHRASE_BEATS // BEATS_PER_BAR)]
    return abs(math.log(tempo.bpm / preferred)) + abs(math.log(tempo.ring / ring)) + uneven


def _bent(seconds: float, points: Sequence[float], rate: float, ring: float, card: float | None) -> Tempo:
    """The tempo of about ``rate`` that meets the points; those closer together than a beat allows are passed over."""
    anchors = [(0, 0.0)]
    for point in points:
        beats = max(1, round((point - anchors[-1][1]) * rate / 60))
        if _bend((point - anchors[-1][1]), beats, rate) <= _LARGEST_BEND:
            anchors.append((anchors[-1][0] + beats, point))
        elif point == card:
            # The card matters most: the cut before it gives way.
            before = anchors[-2] if len(anchors) > 1 else anchors[0]
            beats = max(1, round((point - before[1]) * rate / 60))
            anchors = [*anchors[: max(1, len(anchors) - 1)], (before[0] + beats, point)]
    return _closed(anchors, seconds, rate, min(ring, _CARD_RING) if anchors[-1][1] == card else ring, card)


def _closed(anchors: list[tuple[int, float]], seconds: float, rate: float, ring: float, card: float | None) -> Tempo:
    """Adds the beats from the last cut to the last chord."""
    last, start = anchors[-1]
    left = seconds - start
    tag = max(0, round((left - ring) * rate / 60))
    on_card = start == card
    if tag and (on_card and left - 60 * tag / rate < 0.7 * ring):
        tag -= 1
    if tag == 0 and last > 0:
        return Tempo(tuple(anchors), left)
    beat = min(60 / rate, (left - 0.5 * min(ring, left)) / max(tag, 1))
    end = (last + max(tag, 1), start + beat * max(tag, 1))
    return Tempo((*anchors, end), seconds - end[1], tag if on_card else 0)


def _bend(length: float, beats: int, rate: float) -> float:
    return abs(math.log(60 * beats / (length * rate)))


def _unevenness(tempo: Tempo) -> float:
    """Largest change of tempo from one stretch to another, as a logarithm."""
    pairs = zip(tempo.anchors, tempo.anchors[1:], strict=False)
    rates = [math.log((beat - before) / (end - start)) for (before, start), (beat, end) in pairs]
    return max(rates) - min(rates)
