"""Bends the lengths of a film's shots so that its cuts fall on the beats of one even tempo. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from adreel.domain.films.formats import FPS
from adreel.media.music.score import BEATS_PER_BAR

LARGEST_BEND = 0.2
"""Largest change of a shot's length, as a fraction of it."""

_TEMPOS = 49
_MISSED = 1.0
"""Cost of a cut that falls on no beat. A shot that is bent by a tenth costs about 0.01."""

_OFFBEAT = (0.0, 0.15, 0.08, 0.15)
"""Cost of a strong cut so many beats off the bars of the end card: the first beat of a bar is best, the third second best."""

_PICKUP = 0.25
"""The same for the beginning of the film, as a share of that."""

_TEMPO = 0.02

_ROUNDING = 1e-9
"""Sums of costs differ by less when their parts are added in another order."""


@dataclass(frozen=True, slots=True)
class ShotLength:
    """A shot or card: its planned length and the least that its words need, in frames. `is_fixed`: its length is as it was asked
    for. `is_strong`: the cut to it is a strong one, as that to an offer."""

    frames: int
    least: int
    is_fixed: bool = False
    is_strong: bool = False

    @property
    def range(self) -> tuple[int, int]:
        """The shortest and the longest that it may become."""
        if self.is_fixed:
            return self.frames, self.frames
        shortest = math.ceil((1 - LARGEST_BEND) * self.frames - 1e-9)
        return min(self.frames, max(self.least, shortest)), int((1 + LARGEST_BEND) * self.frames + 1e-9)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The lengths of all shots, and the even tempo on whose beats their cuts fall; their sum is the planned one."""

    lengths: tuple[int, ...]
    bpm: float


@dataclass(frozen=True, slots=True)
class _Path:
    """The lengths of the first shots. `cut`: the frame of the next cut; `beat`: the last beat met; `strong`: the beat of the last
    strong cut."""

    lengths: tuple[int, ...] = ()
    cut: int = 0
    beat: int = 0
    strong: int | None = None
    cost: float = 0.0

    @property
    def place(self) -> tuple[int, int, int]:
        """Of paths with the same place only the cheapest can be part of the best one."""
        phase = -1 if self.strong is None else self.strong % BEATS_PER_BAR
        return self.cut, self.beat, phase


def cut_on_beats(shots: Sequence[ShotLength], bpm: tuple[float, float], overlap: int = 0, *, closes: bool) -> Rhythm:
    """Bends the shots as little as possible so that beats of one tempo meet every cut, within half a frame, and first beats of
    bars the strong ones. `bpm`: the tempos to choose from. `overlap` frames of neighbours are shown at the same time; their
    middle is the cut. `closes`: the last shot is an end card, with which a bar begins.

    A cut that no beat can meet within the limits of its shot stays where it is planned.
    """
    return _rhythm(tuple(shots), bpm, overlap, closes)


@lru_cache(maxsize=1024)
def _rhythm(shots: tuple[ShotLength, ...], bpm: tuple[float, float], overlap: int, closes: bool) -> Rhythm:
    """Kept for the films made last: those of one shop often have the same lengths."""
    slow, fast = bpm
    middle = math.sqrt(slow * fast)
    tempos = [slow * (fast / slow) ** (step / (_TEMPOS - 1)) for step in range(_TEMPOS)]
    # The likeliest first, so that the others are given up early; of equal ones the slower counts.
    likely = sorted((_TEMPO * abs(math.log(tempo / middle)), place, tempo) for place, tempo in enumerate(tempos))
    best, chosen = (math.inf, _TEMPOS), Rhythm((), middle)
    for far, place, tempo in likely:
        path = _bent(shots, tempo, overlap, most=best[0] - far, closes=closes)
        if path is not None and (path.cost + far, place) < best:
            best, chosen = (path.cost + far, place), Rhythm(path.lengths, tempo)
    return chosen


def _bent(shots: Sequence[ShotLength], tempo: float, overlap: int, *, most: float, closes: bool) -> _Path | None:
    """The cheapest path at a tempo, shot by shot; None if all cost more than `most`."""
    total = sum(shot.frames for shot in shots) - overlap * (len(shots) - 1)
    paths, limit = [_Path()], most + _ROUNDING
    for number, shot in enumerate(shots[:-1]):
        # What a cut in the middle of a crossfade leaves of a shot: the first one has no crossfade before it.
        hidden = overlap - overlap // 2 if number == 0 else overlap
        strong = shots[number + 1].is_strong
        limits = shot.range
        best: dict[tuple[int, int, int], _Path] = {}
        for path in paths:
            for longer in _longer(path, shot.frames, limits, tempo, hidden, strong=strong):
                known = best.get(longer.place)
                if longer.cost <= limit and (known is None or longer.cost < known.cost):
                    best[longer.place] = longer
        paths = list(best.values())
    ended = [_ended(path, shots[-1], total, overlap // 2 if len(shots) > 1 else 0, closes=closes) for path in paths]
    return min(ended, key=lambda path: path.cost, default=None)


def _longer(
    path: _Path, frames: int, limits: tuple[int, int], tempo: float, hidden: int, *, strong: bool
) -> Iterator[_Path]:
    """The path with one more shot of about so many frames, whose end is on a beat, or where it is planned."""
    shortest, longest = limits
    beat_frames = 60 * FPS / tempo
    first = math.ceil((path.cut + shortest - hidden - 0.5) / beat_frames)
    last = math.floor((path.cut + longest - hidden + 0.5) / beat_frames)
    for beat in range(max(first, path.beat + 1), last + 1):
        cut = round(beat * beat_frames)
        length = cut - path.cut + hidden
        if shortest <= length <= longest:
            cost = path.cost + math.log(length / frames) ** 2
            yield _Path((*path.lengths, length), cut, beat, beat if strong else path.strong, cost)
    cut = path.cut + frames - hidden
    yield _Path((*path.lengths, frames), cut, path.beat, path.strong, path.cost + _MISSED)


def _ended(path: _Path, shot: ShotLength, total: int, hidden: int, *, closes: bool) -> _Path:
    """The path with the last shot, which fills the film; one of a length that it may not have costs more than any other."""
    shortest, longest = shot.range
    length = total - path.cut + hidden
    cost = path.cost + (math.log(length / shot.frames) ** 2 if length > 0 else 0)
    if not shortest <= length <= longest:
        cost = math.inf
    if closes:
        bars = path.beat - (path.strong if path.strong is not None else path.beat)
        cost += _OFFBEAT[bars % BEATS_PER_BAR] + _PICKUP * _OFFBEAT[path.beat % BEATS_PER_BAR]
    return _Path((*path.lengths, length), total, path.beat, path.strong, cost)
