"""Keys, chords and voice leading. Pure; pitches are MIDI numbers, pitch classes 0-11 with C = 0."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Mode = Literal["major", "minor"]
Voicing = tuple[int, ...]

SCALES: dict[Mode, tuple[int, ...]] = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}
PENTATONIC: dict[Mode, tuple[int, ...]] = {"major": (0, 2, 4, 7, 9), "minor": (0, 3, 5, 7, 10)}

_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii")
_SYMBOL = re.compile(r"(?P<accidental>[b#]?)(?P<degree>[iv]+|[IV]+)(?P<quality>.*)")
_THIRD = -1
_QUALITIES: dict[str, tuple[int, ...]] = {
    "": (0, _THIRD, 7),
    "6": (0, _THIRD, 7, 9),
    "7": (0, _THIRD, 7, 10),
    "9": (0, _THIRD, 7, 10, 14),
    "maj7": (0, _THIRD, 7, 11),
    "maj9": (0, _THIRD, 7, 11, 14),
    "add9": (0, _THIRD, 7, 14),
    "dim": (0, 3, 6),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "7sus4": (0, 5, 7, 10),
    "9sus4": (0, 5, 7, 10, 14),
}


@dataclass(frozen=True, slots=True)
class Key:
    tonic: int
    mode: Mode

    def pitch_classes(self, steps: tuple[int, ...]) -> frozenset[int]:
        return frozenset((self.tonic + step) % 12 for step in steps)


@dataclass(frozen=True, slots=True)
class Chord:
    """``root`` is a pitch class; ``intervals`` are semitones above it, the root itself first."""

    root: int
    intervals: tuple[int, ...]

    @property
    def tones(self) -> tuple[int, ...]:
        return tuple((self.root + interval) % 12 for interval in self.intervals)


def chord(symbol: str, key: Key) -> Chord:
    """The chord of a Roman numeral in a key: upper case has a major third, lower case a minor one (``V7``, ``ii9``, ``bVII``).

    Raises ValueError for an unknown numeral or quality.
    """
    match = _SYMBOL.fullmatch(symbol)
    if match is None or match["degree"].lower() not in _ROMAN or match["quality"] not in _QUALITIES:
        raise ValueError(f"chord symbol {symbol!r} is unknown")
    degree = SCALES[key.mode][_ROMAN.index(match["degree"].lower())]
    shift = {"b": -1, "#": 1, "": 0}[match["accidental"]]
    third = 4 if match["degree"].isupper() else 3
    intervals = tuple(third if i == _THIRD else i for i in _QUALITIES[match["quality"]])
    return Chord((key.tonic + degree + shift) % 12, intervals)


def ladder(key: Key, steps: tuple[int, ...], over: Chord, low: int, high: int) -> tuple[int, ...]:
    """The pitches from ``low`` to ``high`` that a melody may use over a chord.

    Excludes scale tones a semitone away from a chord tone outside the scale (no F beside the F sharp of a borrowed D major).
    """
    scale = key.pitch_classes(steps)
    borrowed = {tone for tone in over.tones if tone not in key.pitch_classes(SCALES[key.mode])}
    clashing = {(tone + side) % 12 for tone in borrowed for side in (-1, 1)} - set(over.tones)
    allowed = (scale | borrowed) - clashing
    return tuple(pitch for pitch in range(low, high + 1) if pitch % 12 in allowed)


def nearest(pitch: float, tones: tuple[int, ...]) -> int:
    """The pitch closest to ``pitch`` whose class is among ``tones``; the lower one of two equally close."""
    around = range(round(pitch) - 7, round(pitch) + 8)
    return min((p for p in around if p % 12 in {t % 12 for t in tones}), key=lambda p: (abs(p - pitch), p))


def voice_lead(chords: tuple[Chord, ...], centre: int) -> tuple[Voicing, ...]:
    """Voicings around ``centre`` in which each chord moves as little as possible from the previous one.

    Chords of five tones omit their root, which the bass plays.
    """
    voicings: list[Voicing] = []
    for item in chords:
        before = voicings[-1] if voicings else None
        voicings.append(min(_candidates(item, centre), key=lambda v: (_cost(v, before, centre), v)))
    return tuple(voicings)


def _candidates(item: Chord, centre: int) -> list[Voicing]:
    tones = item.tones if len(item.tones) < 5 else item.tones[1:]
    return [
        _stack(tones[i:] + tones[:i], low)
        for i, tone in enumerate(tones)
        for low in range(centre - 12, centre + 4)
        if low % 12 == tone
    ]


def _stack(order: tuple[int, ...], bottom: int) -> Voicing:
    pitches = [bottom]
    for tone in order[1:]:
        pitches.append(pitches[-1] + ((tone - pitches[-1]) % 12 or 12))
    return tuple(sorted(pitches))


def _cost(voicing: Voicing, before: Voicing | None, centre: int) -> float:
    off_centre = abs(sum(voicing) / len(voicing) - centre)
    # Stacks with the ninth on top can span two octaves; a semitone at the bottom sounds muddy.
    shape = max(0, voicing[-1] - voicing[0] - 14) + (3.0 if voicing[1] - voicing[0] < 2 else 0.0)
    if before is None:
        return off_centre + shape
    return movement(before, voicing) + 0.5 * off_centre + shape


def movement(before: Voicing, after: Voicing) -> float:
    """Mean semitones the voices travel from one voicing to the next, each to its nearest neighbour, both ways."""
    forward = sum(min(abs(p - q) for q in before) for p in after) / len(after)
    backward = sum(min(abs(p - q) for q in after) for p in before) / len(before)
    return forward + backward
