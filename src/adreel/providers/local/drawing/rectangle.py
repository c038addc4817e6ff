"""The largest rectangle inside a shape: behind a solid part of a layer nothing needs to be drawn."""

from __future__ import annotations

import cv2
import numpy as np

from adreel.domain.films.box import Box
from adreel.providers.local.drawing.still import Floats

_BLOCK = 16


def largest_solid(alpha: Floats) -> Box | None:
    """The largest axis-parallel rectangle, to blocks of 16 pixels, in which `alpha` (height, width; 0-1) is 1."""
    height, width = alpha.shape
    rows, columns = height // _BLOCK, width // _BLOCK
    if rows == 0 or columns == 0:
        return None
    whole = cv2.erode((alpha > 0.995).astype(np.uint8), np.ones((_BLOCK, _BLOCK), np.uint8), anchor=(0, 0))
    blocks = np.asarray(whole)[: rows * _BLOCK : _BLOCK, : columns * _BLOCK : _BLOCK]
    best, area = None, 0
    heights = np.zeros(columns, dtype=np.int64)
    for row in range(rows):
        heights = (heights + 1) * blocks[row]
        for left, right, tall in _spans(heights.tolist()):
            if (right - left) * tall > area:
                area = (right - left) * tall
                best = Box(left * _BLOCK, (row + 1 - tall) * _BLOCK, right * _BLOCK, (row + 1) * _BLOCK)
    return best


def _spans(heights: list[int]) -> list[tuple[int, int, int]]:
    """All maximal rectangles (left, right, height) under a histogram, by the classic scan with a stack of rising bars."""
    found: list[tuple[int, int, int]] = []
    stack: list[tuple[int, int]] = []
    for index, height in enumerate([*heights, 0]):
        left = index
        while stack and stack[-1][1] >= height:
            left, tall = stack.pop()
            found.append((left, index, tall))
        stack.append((left, height))
    return found
