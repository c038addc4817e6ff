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

_BELIEVED = 0.5
_LEAST_BELIEVED = 0.4
"""Pictures of which less than this share is believed do not show the same scene. Fast true motion keeps about 0.8, a cut
between unlike scenes 0.1."""


@dataclass(frozen=True, slots=True)
class Motion:
    """Ways from the left picture to the right (`forth`) and from the right to the left (`back`), both of shape (h, w, 2):
    x and y in pixels of a picture of that size. `forth_trust` and `back_trust`, (h, w), run from 0 to 1.
    """

    forth: Floats
    back: Floats
    forth_trust: Floats
    back_trust: Floats

    @property
    def is_cut(self) -> bool:
        """Whether the two pictures have too little in common to be blended."""
        return min(_share(self.forth_trust), _share(self.back_trust)) < _LEAST_BELIEVED


def _share(trust: Floats) -> float:
    return float(np.mean(trust > _BELIEVED))


class MotionFinder:
    """Finds the motion between two pictures; for one thread, because it keeps its buffers."""

    def __init__(self) -> None:
        self._search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        # With it, the result depends on the number of processors, and is no better.
        self._search.setUseSpatialPropagation(False)

    def find(self, left: Luma, right: Luma) -> Motion | None:
        """The motion between two luma pictures of one size, or None for pictures too small to look into."""
        if min(left.shape) < _SMALLEST:
            return None
        before, after = _shrunk(left), _shrunk(right)
        forth, back = self._ways(before, after), self._ways(after, before)
        return Motion(forth, back, _trust(forth, back), _trust(back, forth))

    def _ways(self, start: Luma, end: Luma) -> Floats:
        return np.asarray(self._search.calc(start, end, cast("Floats", None)), np.float32)


def _shrunk(luma: Luma) -> Luma:
    height, width = luma.shape
    factor = _SIDE / max(height, width)
    if factor >= 1:
        return np.ascontiguousarray(luma)
    size = max(_SMALLEST, round(width * factor)), max(_SMALLEST, round(height * factor))
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8)


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
