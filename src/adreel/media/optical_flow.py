"""Where every part of a picture went until the next one, and how far that can be believed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Luma = npt.NDArray[np.uint8]
    Floats = npt.NDArray[np.float32]

_SIDE = 640
"""Motion is looked for in pictures of this longer side, half the width that hosted models draw: 1080p at half its size
costs twice as much and gains 0.4 dB."""

_SMALLEST = 32
"""Shorter side, in pixels, below which there is nothing to look for; the search itself needs a few patches."""

_ERROR = 0.5
_ERROR_OF_MOTION = 0.02
"""Squared pixels by which forth and back may disagree, and how much more of the squared way: twice that is hardly believed."""

_LEAST_LIKE = 0.21
"""Likeness below which two pictures do not show the same scene. Cuts between photos measured 0.16 at most, nearly all below
0.05; moves of a twentieth of the width 0.43 and more. What is mistaken for a cut is held, as without interpolation."""

_GONE = 0.25
_NOISE = 6
"""A change is gone when a quarter of it is left, or 6 code values, which noise and rounding may take."""

_DETAIL = 8
"""Detail is what differs from a blur of this many pixels (sigma): a change of light is no change of it."""


@dataclass(frozen=True, slots=True)
class Motion:
    """Ways from the left picture to the right (`forth`) and from the right to the left (`back`), both of shape (h, w, 2):
    x and y in pixels of a picture of that size. `forth_trust` and `back_trust`, (h, w), run from 0 to 1. `likeness` says
    how much alike the pictures are once one is carried to the other, 1 for equal ones.
    """

    forth: Floats
    back: Floats
    forth_trust: Floats
    back_trust: Floats
    likeness: float

    @property
    def is_cut(self) -> bool:
        """Whether the two pictures have too little in common to be blended."""
        return self.likeness < _LEAST_LIKE


class MotionFinder:
    """Finds the motion between two pictures; for one thread, because it keeps its buffers."""

    def __init__(self) -> None:
        self._search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        # What neighbours found misleads where there is little detail, as in studio shots: weakest frames lose 1.5 dB by it.
        self._search.setUseSpatialPropagation(False)

    def find(self, left: Luma, right: Luma) -> Motion | None:
        """The motion between two luma pictures of one size, or None for pictures too small to look into."""
        if min(left.shape) < _SMALLEST:
            return None
        before, after = _shrunk(left), _shrunk(right)
        forth, back = self._ways(before, after), self._ways(after, before)
        forth_trust, back_trust = _trust(forth, back), _trust(back, forth)
        likeness = min(_likeness(before, after, forth, forth_trust), _likeness(after, before, back, back_trust))
        return Motion(forth, back, forth_trust, back_trust, likeness)

    def _ways(self, start: Luma, end: Luma) -> Floats:
        return np.asarray(self._search.calc(start, end, cast("Floats", None)), np.float32)


def _shrunk(luma: Luma) -> Luma:
    height, width = luma.shape
    factor = _SIDE / max(height, width)
    if factor >= 1:
        return np.ascontiguousarray(luma)
    size = max(_SMALLEST, round(width * factor)), max(_SMALLEST, round(height * factor))
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8)


def _likeness(start: Luma, end: Luma, ways: Floats, trust: Floats) -> float:
    """Mean of the share of change that is gone once `end` is carried back, and of the correlation of detail; both count only
    what is believed."""
    first, last = start.astype(np.float32), end.astype(np.float32)
    carried = look_up(last, positions(*ways.shape[:2]) + ways)
    change = np.abs(first - last)
    gone = np.abs(first - carried) < _GONE * change + _NOISE
    detail, other = _detail(first), _detail(carried)
    alike = _ratio((detail * other * trust).sum(), np.sqrt((detail**2).sum() * (other**2).sum()))
    return (_ratio((change * trust * gone).sum(), change.sum()) + alike) / 2


def _detail(luma: Floats) -> Floats:
    return luma - np.asarray(cv2.GaussianBlur(luma, (0, 0), _DETAIL), np.float32)


def _ratio(part: np.floating, whole: np.floating) -> float:
    """1 where there is nothing to compare."""
    return float(part / whole) if whole else 1.0


def _trust(ways: Floats, others: Floats) -> Floats:
    """1 where following `ways` and then `others` leads back to the start, towards 0 where it does not."""
    returned = look_up(others, positions(*ways.shape[:2]) + ways)
    error = _squared(ways + returned)
    return np.exp(-error / (_ERROR + _ERROR_OF_MOTION * (_squared(ways) + _squared(returned))))


def _squared(ways: Floats) -> Floats:
    return np.einsum("hwc,hwc->hw", ways, ways)


def positions(height: int, width: int) -> Floats:
    """The place of every pixel, (height, width, 2), x first."""
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return np.dstack((x, y))


def look_up(values: Floats, places: Floats) -> Floats:
    """`values` at `places`, linear between pixels; beyond the edge, what is at the edge."""
    found = cv2.remap(values, places, cast("Floats", None), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.float32)
