"""Decides whether a cut-out may be shown: it must prove itself, or the whole photo is shown instead. All at a small size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from adreel.providers.local.drawing.raster import blur, dilate, erode, greatest_channel
from adreel.providers.local.drawing.still import U8


@dataclass(frozen=True, slots=True)
class Proof:
    """What speaks for and against a mask.

    `agreement`: overlap (IoU) of the final mask with the network's; `stability`: with the network's on the mirrored photo;
    `roughness`: how much longer the outline is than a smoothed one; `specks`: islands and small holes, as a fraction of the
    product; `ground_inside`: area well inside the mask that looks like the ground (a ring's hole, glass), as such a fraction;
    `contrast`: fraction of the outline at which the product differs from its ground; `left_out`: sharp edges on the ground
    beside the mask (legs, straps, a second thing), relative to the length of the mask's outline.
    """

    agreement: float
    stability: float
    roughness: float
    specks: float
    ground_inside: float
    contrast: float
    left_out: float = 0.0

    @property
    def holds(self) -> bool:
        return not self.doubts

    @property
    def doubts(self) -> tuple[str, ...]:
        """Names of the figures that are not good enough."""
        return tuple(
            name
            for name, bad in (
                ("agreement", self.agreement < _AGREEMENT),
                ("stability", self.stability < _STABILITY),
                ("roughness", self.roughness > _ROUGHNESS),
                ("specks", self.specks > _SPECKS),
                ("ground_inside", self.ground_inside > _GROUND_INSIDE),
                ("contrast", self.contrast < _CONTRAST),
                ("left_out", self.left_out > _LEFT_OUT),
            )
            if bad
        )


_AGREEMENT, _STABILITY = 0.92, 0.92
_ROUGHNESS, _SPECKS, _GROUND_INSIDE = 0.1, 0.015, 0.01
_CONTRAST, _LEFT_OUT = 0.93, 1.0
"""Limits between the good and the bad masks of `make cutouts` (docs/cutouts.md)."""

_ALIKE, _DIFFERENT = 9, 20
"""Differences from the ground, per channel 0-255, below which a pixel looks like it and above which it certainly does not."""

_SHARP, _BESIDE = 56, 6
"""Step of that difference between neighbouring pixels that no shadow has, and the distance from a mask from which it counts."""


def prove(rgb: U8, mask: U8, network: U8, again: U8 | None, ground: U8) -> Proof:
    """Measures a mask of the photo `rgb`: `network` and `again` are the network's masks of the photo and of its mirror image
    (None: not looked at again, which leaves `stability` at 1), `ground` is the fitted background.

    All have the same size, that of `Matte.small`, and values 0-255.
    """
    solid = (mask > 127).astype(np.uint8)
    away = greatest_channel(cast("U8", cv2.absdiff(rgb, ground)))
    return Proof(
        agreement=overlap(solid, network > 127),
        stability=1.0 if again is None else overlap(solid, again > 127),
        roughness=_roughness(mask),
        specks=_specks(solid),
        ground_inside=_ground_inside(away, solid),
        contrast=_contrast(away, solid),
        left_out=int(_sharp_beside(away, solid).sum()) / max(_outline_length(mask), 1.0),
    )


def left_out(rgb: U8, mask: U8, ground: U8) -> U8:
    """1 where something with sharp edges stands on the ground beside the mask. Sizes and values as in `prove`."""
    return _sharp_beside(greatest_channel(cast("U8", cv2.absdiff(rgb, ground))), (mask > 127).astype(np.uint8))


def _sharp_beside(away: U8, solid: U8) -> U8:
    steps = np.asarray(cv2.morphologyEx(away, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)))
    return ((steps > _SHARP) & (away > _DIFFERENT) & (dilate(solid, _BESIDE) == 0)).astype(np.uint8)


def overlap(first: object, second: object) -> float:
    """Intersection over union of two masks, 0-1."""
    a, b = np.asarray(first, dtype=bool), np.asarray(second, dtype=bool)
    union = int((a | b).sum())
    return int((a & b).sum()) / union if union else 0.0


def _roughness(mask: U8) -> float:
    smooth = blur(mask, 3.0)
    return _outline_length(mask) / max(_outline_length(smooth), 1.0) - 1


def _outline_length(mask: U8) -> float:
    # The photo's border is no outline.
    inner = np.pad(blur(mask, 0.7)[2:-2, 2:-2], 2, mode="edge")
    contours, _ = cv2.findContours((inner > 127).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)
    return sum(float(cv2.arcLength(contour, True)) for contour in contours)


def _specks(solid: U8) -> float:
    """Area of all islands but the largest part and of holes too small to be meant, relative to the product."""
    area = int(solid.sum())
    count, _, stats, _ = cv2.connectedComponentsWithStats(solid, connectivity=8)
    islands = area - max((int(stats[part, cv2.CC_STAT_AREA]) for part in range(1, count)), default=0)
    holes, _, inside, _ = cv2.connectedComponentsWithStats(1 - solid, connectivity=4)
    small = [int(inside[part, cv2.CC_STAT_AREA]) for part in range(1, holes)]
    return (islands + sum(size for size in small if size < 0.004 * area)) / max(area, 1)


def _ground_inside(away: U8, solid: U8) -> float:
    inner = erode(solid, 4) > 0
    return float((inner & (blur(away, 1.5) < _ALIKE)).sum()) / max(int(solid.sum()), 1)


def _contrast(away: U8, solid: U8) -> float:
    band = (erode(solid, 2) > 0) & (erode(solid, 5) == 0)
    return float((away[band] > _DIFFERENT).mean()) if band.any() else 0.0


_RIM, _BEYOND = 2, 7
"""Pixels beyond an outline, of a photo with a longest side of 320: where its surroundings are looked at, and from where on they
are certainly nothing of the product."""

_ODD = 26
"""Difference per channel, 0-255, from what the surroundings farther away lead to."""

_STANDING = 0.18
"""Lower part of a subject, as a fraction of its height, around which the ground has its shadow."""


def odd_rim(rgb: U8, mask: U8) -> float:
    """The share of the rim around an outline that does not look like a continuation of the surroundings: a part of the product
    that the mask misses, or something that ends just there. The rim below, with the shadow of the product, does not count."""
    solid = (mask > 100).astype(np.uint8)
    rows = np.flatnonzero(solid.any(axis=1))
    if not rows.size:
        return 1.0
    expected = cv2.inpaint(rgb, dilate(solid, _BEYOND), 3, cv2.INPAINT_TELEA)
    rim = (dilate(solid, _RIM + 2) > 0) & (dilate(solid, _RIM) == 0)
    rim[round(rows[-1] - _STANDING * (rows[-1] - rows[0])) :] = False
    if not rim.any():
        return 1.0
    away = greatest_channel(cast("U8", cv2.absdiff(rgb, expected)))
    return float((away[rim] > _ODD).mean())
