"""Where a crop is in each frame of a clip: the product stays in it, and it moves as little and as evenly as possible. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from adreel.domain.films.box import Box
from adreel.domain.films.formats import FrameSize

Floats = npt.NDArray[np.float64]

_MARGIN = 0.05
"""Room beside the product, as a share of the crop."""

_FAR = 0.2
"""Share of the shorter side of the clip by which a product does not move to and fro within two looks."""

_PULL = 1e-7
"""Weight of the middle of the product against an even speed: it decides only where nothing else does."""

_ROUNDS, _RHO, _RELAXATION = 1500, 1e-3, 1.7
"""Of the method of multipliers: bends are then within 0.01 pixels of the best ones, and bounds kept to 0.001."""

_MOST_FRAMES = 900
"""Frames of which the path is found at once; of longer clips it is found in every second, third … frame."""


@dataclass(frozen=True, slots=True)
class CropPath:
    """A region of `width` x `height` pixels of the source for each frame; `lefts` and `tops` may lie between pixels."""

    lefts: tuple[float, ...]
    tops: tuple[float, ...]
    width: float
    height: float

    def box(self, index: int) -> Box:
        left, top = self.lefts[index], self.tops[index]
        return Box(left, top, left + self.width, top + self.height)


def plan_path(
    boxes: Sequence[Box | None], step: int, frames: int, source: FrameSize, size: FrameSize
) -> CropPath | None:
    """The path of a crop in the aspect of `size`. `boxes` are where the product is in every `step`th frame, in pixels of the
    source. The crop is wider, for borders, where the product would not fit. None when no box is known."""
    wide = source.width * size.height > source.height * size.width
    known = _known(boxes, min(source.width, source.height))
    if known is None:
        return None
    if wide:
        spans, length, window = known[:, [0, 2]], source.width, source.height * size.width / size.height
    else:
        spans, length, window = known[:, [1, 3]], source.height, source.width * size.height / size.width
    window, starts = _axis(spans, step, frames, length, window)
    along, across = tuple(float(start) for start in starts), (0.0,) * frames
    if wide:
        return CropPath(along, across, window, source.height)
    return CropPath(across, along, source.width, window)


def _known(boxes: Sequence[Box | None], window: float) -> Floats | None:
    """Left, top, right and bottom of each box; one that is missing, or far from both neighbours which agree, is between them: it
    is an error of the finder."""
    places = [index for index, box in enumerate(boxes) if box is not None]
    if not places:
        return None
    sides = np.array([[box.left, box.top, box.right, box.bottom] for box in boxes if box is not None], np.float64)
    filled = np.stack([np.interp(range(len(boxes)), places, sides[:, side]) for side in range(4)], axis=1)
    if len(filled) < 3:
        return filled
    between = (filled[:-2] + filled[2:]) / 2
    agree = np.abs(filled[:-2] - filled[2:]).max(axis=1) < _FAR * window
    wrong = agree & (np.abs(filled[1:-1] - between).max(axis=1) > _FAR * window)
    filled[1:-1][wrong] = between[wrong]
    return filled


def _axis(spans: Floats, step: int, frames: int, length: float, window: float) -> tuple[float, Floats]:
    """The width of the crop along one axis, and where it starts in each frame."""
    needed = float((spans[:, 1] - spans[:, 0]).max()) + 2 * _MARGIN * window
    window = min(length, max(window, needed))
    margin = _MARGIN * window
    low = np.clip(spans[:, 1] + margin - window, 0, length - window)
    high = np.clip(spans[:, 0] - margin, 0, length - window)
    high = np.maximum(low, high)
    middles = np.clip(spans.mean(axis=1) - window / 2, low, high)
    if low.max() <= high.min():
        # A crop that stands still is the steadiest of all.
        still = float(np.clip(middles.mean(), low.max(), high.min()))
        return window, np.full(frames, still)
    every = -(-frames // _MOST_FRAMES)
    at, times = np.arange(len(spans)) * step, np.arange(0, frames + every - 1, every)
    between = [np.interp(times, at, values) for values in (middles, low, high)]
    return window, np.interp(np.arange(frames), times, _most_even(*between))


def _most_even(middles: Floats, low: Floats, high: Floats) -> Floats:
    """The path within its bounds whose speed changes least (least squares of the second differences), by the alternating
    direction method of multipliers: Boyd and others, 2011, section 5.2."""
    count = len(middles)
    bends = np.diff(np.eye(count), 2, axis=0)
    inverse = np.linalg.inv(bends.T @ bends + (_PULL + _RHO) * np.eye(count))
    held, press = np.clip(middles, low, high), np.zeros(count)
    for _ in range(_ROUNDS):
        free = inverse @ (_PULL * middles + _RHO * (held - press))
        mixed = _RELAXATION * free + (1 - _RELAXATION) * held
        held = np.clip(mixed + press, low, high)
        press += mixed - held
    return held
