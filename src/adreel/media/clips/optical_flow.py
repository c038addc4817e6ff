"""Optical flow between two pictures with its confidence, and intermediate pictures drawn from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from adreel.domain.films.formats import FrameSize
from adreel.media.yuv import join_planes, plane_views

if TYPE_CHECKING:
    import numpy.typing as npt

    from adreel.domain.ports import YuvFrame

    Plane = npt.NDArray[np.uint8]
    Floats = npt.NDArray[np.float32]
    Luma = Plane


_SIDE = 640
"""Flow is computed on pictures of this longer side, half the width that hosted models draw: 1080p at half its size costs twice
as much and gains 0.4 dB."""

_SMALLEST = 32
"""Smallest shorter side in pixels for flow; the search needs a few patches."""

_ERROR = 0.5
_ERROR_OF_MOTION = 0.02
"""Tolerated forward-backward error in squared pixels, and its growth with the squared motion; twice that means low trust."""

_LEAST_LIKE = 0.21
"""Likeness below which two pictures show different scenes. Cuts between photos measured at most 0.16, nearly all below 0.05;
moves of a twentieth of the width 0.43 and more. A false cut repeats pictures, as without interpolation."""

_GONE = 0.25
_NOISE = 6
"""A change counts as explained when at most a quarter of it is left, or 6 code values for noise and rounding."""

_DETAIL = 8
"""Detail is the difference from a blur of this sigma in pixels, which ignores changes of light."""


@dataclass(frozen=True, slots=True)
class Motion:
    """Flow from the left picture to the right (`forth`) and from the right to the left (`back`), both of shape (h, w, 2):
    x and y in pixels at that size. `forth_trust` and `back_trust`, (h, w), are confidences from 0 to 1. `likeness` is the
    similarity of the pictures after motion compensation, 1 when equal.
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
    """Finds the motion between two pictures. Not thread-safe: it reuses its buffers."""

    def __init__(self) -> None:
        self._search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        # Spatial propagation misleads where there is little detail, as in studio shots: the weakest frames lose 1.5 dB.
        self._search.setUseSpatialPropagation(False)

    def find(self, left: Luma, right: Luma) -> Motion | None:
        """The motion between two luma pictures of the same size, or None when they are too small."""
        if min(left.shape) < _SMALLEST:
            return None
        before, after = _shrunk(left), _shrunk(right)
        forth, back = self._flow(before, after), self._flow(after, before)
        forth_trust, back_trust = _trust(forth, back), _trust(back, forth)
        likeness = min(_likeness(before, after, forth, forth_trust), _likeness(after, before, back, back_trust))
        return Motion(forth, back, forth_trust, back_trust, likeness)

    def _flow(self, start: Luma, end: Luma) -> Floats:
        return np.asarray(self._search.calc(start, end, cast("Floats", None)), np.float32)


def _shrunk(luma: Luma) -> Luma:
    height, width = luma.shape
    factor = _SIDE / max(height, width)
    if factor >= 1:
        return np.ascontiguousarray(luma)
    size = max(_SMALLEST, round(width * factor)), max(_SMALLEST, round(height * factor))
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8)


def _likeness(start: Luma, end: Luma, flow: Floats, trust: Floats) -> float:
    """Mean of the share of change explained by warping `end` back, and of the correlation of detail; both weighted by trust."""
    first, last = start.astype(np.float32), end.astype(np.float32)
    warped = look_up(last, positions(*flow.shape[:2]) + flow)
    change = np.abs(first - last)
    gone = np.abs(first - warped) < _GONE * change + _NOISE
    detail, other = _detail(first), _detail(warped)
    alike = _ratio((detail * other * trust).sum(), np.sqrt((detail**2).sum() * (other**2).sum()))
    return (_ratio((change * trust * gone).sum(), change.sum()) + alike) / 2


def _detail(luma: Floats) -> Floats:
    return luma - np.asarray(cv2.GaussianBlur(luma, (0, 0), _DETAIL), np.float32)


def _ratio(part: np.floating, whole: np.floating) -> float:
    """1 when `whole` is 0."""
    return float(part / whole) if whole else 1.0


def _trust(flow: Floats, reverse: Floats) -> Floats:
    """1 where `flow` followed by `reverse` returns to the start, towards 0 where it does not."""
    returned = look_up(reverse, positions(*flow.shape[:2]) + flow)
    error = _squared(flow + returned)
    return np.exp(-error / (_ERROR + _ERROR_OF_MOTION * (_squared(flow) + _squared(returned))))


def _squared(flow: Floats) -> Floats:
    return np.einsum("hwc,hwc->hw", flow, flow)


def positions(height: int, width: int) -> Floats:
    """Coordinates of every pixel, (height, width, 2), x first."""
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return np.dstack((x, y))


def look_up(values: Floats, places: Floats) -> Floats:
    """Samples `values` at `places`, linear between pixels, edges extended."""
    found = cv2.remap(values, places, cast("Floats", None), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.float32)


_SEARCH_STEPS = 2
"""Corrections to the first estimate of a pixel's origin, which is exact for uniform motion. The second gains 0.3 dB, a third
nothing."""

_LEAST_WEIGHT = 0.01
"""Weight of a picture where neither is trusted: there both count by their distance in time."""

_ARRIVED = 0.5
"""Squared pixels by which an origin may miss its target pixel."""


class Between:
    """Draws pictures between two I420 pictures of `size`."""

    def __init__(self, left: YuvFrame, right: YuvFrame, size: FrameSize, motion: Motion) -> None:
        self._motion = motion
        self._left = plane_views(left, size)
        self._right = plane_views(right, size)
        height, width = motion.forth.shape[:2]
        self._grid = positions(height, width)
        self._luma_grid = positions(size.height, size.width)
        self._chroma_grid = positions(size.height // 2, size.width // 2)
        self._scale = np.array([size.width / width, size.height / height], np.float32)

    def at(self, position: float) -> YuvFrame:
        """The I420 picture at `position`, 0 to 1.

        Warps both pictures along their motion and blends them by distance in time and by trust, so that parts hidden in one are
        taken from the other.
        """
        motion = self._motion
        near, near_trust = self._origins(motion.forth, motion.forth_trust, position)
        far, far_trust = self._origins(motion.back, motion.back_trust, 1 - position)
        weights = (near_trust + _LEAST_WEIGHT) * (1 - position), (far_trust + _LEAST_WEIGHT) * position
        luma = [_Warp(shift, weight, self._luma_grid) for shift, weight in zip((near, far), weights, strict=True)]
        halves = near * np.float32(0.5), far * np.float32(0.5)
        chroma = [_Warp(shift, weight, self._chroma_grid) for shift, weight in zip(halves, weights, strict=True)]
        planes = [
            _mixed(warps, left, right)
            for warps, left, right in zip((luma, chroma, chroma), self._left, self._right, strict=True)
        ]
        return join_planes(planes[0], planes[1], planes[2])

    def _origins(self, flow: Floats, trust: Floats, part: float) -> tuple[Floats, Floats]:
        """For each pixel, the shift to its origin after `part` of the motion, and the trust in it.

        Shifts are in pixels of the full picture, on the small grid.
        """
        moved: Floats = np.multiply(flow, part, dtype=np.float32)
        origins = self._grid - moved
        for _ in range(_SEARCH_STEPS):
            origins = self._grid - look_up(moved, origins)
        missed = origins + look_up(moved, origins) - self._grid
        trusted = look_up(trust, origins) * np.exp(-np.einsum("hwc,hwc->hw", missed, missed) / np.float32(_ARRIVED))
        return (origins - self._grid) * self._scale, trusted * self._inside(origins)

    def _inside(self, origins: Floats) -> Floats:
        height, width = origins.shape[:2]
        last = np.array([width - 1, height - 1], np.float32)
        return np.all((origins > -0.5) & (origins < last + 0.5), axis=2).astype(np.float32)


class _Warp:
    """Warps planes of the size of `grid` along a field of shifts (in pixels of that size, on a smaller grid)."""

    def __init__(self, shifts: Floats, weight: Floats, grid: Floats) -> None:
        height, width = grid.shape[:2]
        grown = _grown(shifts, width, height)
        self._places = np.add(grown, grid, out=grown)
        self.weight = _grown(weight, width, height)

    def warped(self, plane: Plane) -> Plane:
        """Cubic, so that intermediate pictures are as sharp as their neighbours."""
        moved = cv2.remap(plane, self._places, cast("Plane", None), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(moved, np.uint8)


def _grown(values: Floats, width: int, height: int) -> Floats:
    return np.asarray(cv2.resize(values, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)


def _mixed(warps: list[_Warp], left: Plane, right: Plane) -> Plane:
    near, far = warps
    return np.asarray(cv2.blendLinear(near.warped(left), far.warped(right), near.weight, far.weight), np.uint8)
