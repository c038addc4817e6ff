"""Measures the pictures of a film: black and empty frames at its ends, bars, frozen stretches, a cut just before the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from adreel.domain.errors import ClipError, ToolError
from adreel.media.ffmpeg.process import Limits, run
from adreel.placements.commands import BLOCKS, strips_args
from adreel.placements.streams import FilmFacts

Strip = npt.NDArray[np.uint8]

_BLACK_LUMA = 16 + 12
_BLACK_SHARE = 0.98
"""A picture is black when 98 % of it is within 12 of limited-range black."""

_EMPTY_SPREAD = 1.0
"""Standard deviation of a picture's luma up to which it shows nothing: one colour, with the noise of its codec."""

_FROZEN_CHANGE = 0.3
"""Largest mean luma change (0-255) from the first picture of a frozen stretch, as in `media.segments.inspect`."""

_BAR_LUMA = 16 + 24
"""Luma up to which a row at the edge may be a bar: next to a bright picture its codec lightens it."""
_BAR_STEP = 24
_BAR_EDGE = 4
_BAR_EDGE_SHARE = 0.75
"""A bar ends within 4 rows by a step of 24 in three quarters of the row: neither a dark scene nor a product on black has that."""
_BAR_SHARE = 0.98
_WIDEST_BAR = 0.45
_WIDEST_SINGLE = 0.2
"""Shares of the side: of a bar, and of one without a bar on the opposite side, which is rather a dark ground."""

_CUT = 25.0
"""Mean luma change between two pictures from which the second begins another shot."""
_CUT_SECONDS = 0.5
_SECONDS_PER_SECOND = 20.0


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """Frames at the ends, bars in pixels, the longest frozen stretch in frames, and whether a shot begins in the last half
    second."""

    black_start: int
    black_end: int
    empty_start: int
    empty_end: int
    bars: tuple[int, int, int, int]
    frozen: int
    abrupt: bool
    frames: int


@dataclass(slots=True)
class StripReader:
    """Collects the facts of consecutive strips of one film. `height` and `width` are those of the picture."""

    height: int
    width: int
    black: list[bool] = field(default_factory=list[bool])
    empty: list[bool] = field(default_factory=list[bool])
    changes: list[float] = field(default_factory=list[float])
    longest: int = 0
    _rest: bytes = b""
    _run: int = 0
    _first: Strip | None = None
    _before: Strip | None = None
    _rows: Strip | None = None
    _columns: Strip | None = None

    def feed(self, chunk: bytes) -> None:
        """Takes any number of bytes of the strips of `strips_args`."""
        data = self._rest + chunk
        size = BLOCKS * (self.height + self.width)
        whole = len(data) // size * size
        for at in range(0, whole, size):
            self.add(np.frombuffer(data, np.uint8, size, at).reshape(-1, BLOCKS))
        self._rest = data[whole:]

    def add(self, strips: Strip) -> None:
        rows, columns = strips[: self.height], strips[self.height :]
        black = bool(np.count_nonzero(rows <= _BLACK_LUMA) >= _BLACK_SHARE * rows.size)
        self.black.append(black)
        self.empty.append(not black and float(rows.std()) <= _EMPTY_SPREAD)
        self._follow(rows)
        if not black:
            self._rows = rows.copy() if self._rows is None else np.maximum(self._rows, rows)
            self._columns = columns.copy() if self._columns is None else np.maximum(self._columns, columns)

    def _follow(self, rows: Strip) -> None:
        change = 0.0 if self._before is None else cv2.norm(rows, self._before, cv2.NORM_L1) / rows.size
        self.changes.append(change)
        still = self._first is not None and cv2.norm(rows, self._first, cv2.NORM_L1) <= _FROZEN_CHANGE * rows.size
        self._run = self._run + 1 if still else 1
        if not still:
            self._first = rows.copy()
        self._before = rows.copy()
        self.longest = max(self.longest, self._run)

    def facts(self, rate: float) -> PictureFacts:
        last = max(1, round(_CUT_SECONDS * rate))
        return PictureFacts(
            black_start=_leading(self.black),
            black_end=_leading(self.black[::-1]),
            empty_start=_leading(self.empty),
            empty_end=_leading(self.empty[::-1]),
            bars=(*_bars(self._rows), *_bars(self._columns)),
            frozen=self.longest,
            abrupt=len(self.changes) > last and any(change > _CUT for change in self.changes[-last:]),
            frames=len(self.black),
        )


def measure_pictures(ffmpeg: Path, path: Path, facts: FilmFacts) -> PictureFacts:
    """Decodes every picture of a film once, in a process with limits. Raises ClipError for a film that does not decode."""
    width, height = facts.stored
    reader = StripReader(height, width)
    limits = Limits(seconds=60 + _SECONDS_PER_SECOND * facts.seconds)
    try:
        run(strips_args(ffmpeg, path, facts), limits=limits, on_output=reader.feed)
    except ToolError as error:
        raise ClipError(f"{path} does not decode ({error}); export it again") from error
    if not reader.black:
        raise ClipError(f"{path} holds no picture that can be decoded; export it again")
    return reader.facts(float(facts.rate or 1))


def _leading(flags: list[bool]) -> int:
    return sum(1 for _ in takewhile(bool, flags))


def _bars(brightest: Strip | None) -> tuple[int, int]:
    """The bars at both ends of the axis, in pixels, by the brightest values that each place ever has."""
    if brightest is None:
        return 0, 0
    shown = brightest[:, _between_bars(brightest)]
    first, last = _bar(shown), _bar(shown[::-1])
    most = _WIDEST_SINGLE * len(brightest)
    return (first, last) if first and last else (first if first <= most else 0, last if last <= most else 0)


def _between_bars(brightest: Strip) -> slice:
    """The blocks of a row between dark ones that are equally wide on both sides, as those beside a picture with bars on all sides
    are; else all."""
    bright = np.flatnonzero(brightest.max(axis=0) > _BAR_LUMA)
    if not len(bright) or abs(int(bright[0]) - (BLOCKS - 1 - int(bright[-1]))) > 1:
        return slice(None)
    return slice(int(bright[0]), int(bright[-1]) + 1)


def _bar(brightest: Strip) -> int:
    blocks = brightest.shape[1]
    dark = np.count_nonzero(brightest <= _BAR_LUMA, axis=1) >= _BAR_SHARE * blocks
    length = int(np.argmin(dark)) if not dark.all() else 0
    if not 0 < length <= _WIDEST_BAR * len(brightest):
        return 0
    inside = brightest[length : length + _BAR_EDGE].max(axis=0).astype(int)
    steps = inside - brightest[length - 1]
    return length if np.count_nonzero(steps >= _BAR_STEP) >= _BAR_EDGE_SHARE * blocks else 0
