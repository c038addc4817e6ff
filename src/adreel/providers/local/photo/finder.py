"""Finds where the product is in a picture of a clip."""

from __future__ import annotations

import cv2
import numpy as np

from adreel.domain.films.box import Box
from adreel.providers.local.drawing.still import U8
from adreel.providers.local.photo.matte import Matter

_SURE = 127
_LEAST, _MOST = 0.004, 0.9
"""Shares of the picture that a product covers: less is a speck, more is the whole scene."""


class ProductFinder:
    """A `FindProduct` by the network that selects products. Thread-safe."""

    def __init__(self, matter: Matter) -> None:
        self._matter = matter

    def __call__(self, rgb: U8) -> Box | None:
        mask = (self._matter.second_look(rgb) > _SURE).astype(np.uint8)
        count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
        if count < 2:
            return None
        largest = max(range(1, count), key=lambda label: int(stats[label, cv2.CC_STAT_AREA]))
        parts = [
            label
            for label in range(1, count)
            if stats[label, cv2.CC_STAT_AREA] >= 0.2 * stats[largest, cv2.CC_STAT_AREA]
        ]
        share = float(sum(int(stats[label, cv2.CC_STAT_AREA]) for label in parts)) / mask.size
        if not _LEAST <= share <= _MOST:
            return None
        left, top = (min(int(stats[label, side]) for label in parts) for side in (cv2.CC_STAT_LEFT, cv2.CC_STAT_TOP))
        right = max(int(stats[label, cv2.CC_STAT_LEFT] + stats[label, cv2.CC_STAT_WIDTH]) for label in parts)
        bottom = max(int(stats[label, cv2.CC_STAT_TOP] + stats[label, cv2.CC_STAT_HEIGHT]) for label in parts)
        return Box(left, top, right, bottom)
