"""The product of an opaque photo, taken out of its ground in either way, when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from adreel.providers.local.cutout import Cutout, crop_around, cut_free, cut_from_light
from adreel.providers.local.ground import Ground
from adreel.providers.local.matte import Matte, mask_box
from adreel.providers.local.once import Once
from adreel.providers.local.raster import blur, dilate, erode, greatest_channel
from adreel.providers.local.route import LIGHT, PLAIN, Measures, matte_is_good

if TYPE_CHECKING:
    from adreel.providers.local.geometry import Box
    from adreel.providers.local.still import U8, Floats

_MARGIN = 0.45
"""Neighbourhood kept around a product, for its shadow, in parts of its longer side."""

_PARTS = 64
"""Ratios of a photo to its ground are counted in parts of this: three of them, of up to 255, still fit 16 bits."""


def nothing() -> None:
    """In place of a cut-out that cannot be made."""


class _Found:
    """A photo with what is product in it: the mask, completed, and its bounds."""

    def __init__(self, rgb: U8, matte: Matte, ground: Ground, *, good: bool) -> None:
        self._rgb, self._background = rgb, ground.picture(rgb.shape[1], rgb.shape[0])
        self._mask = _with_missed(matte.alpha, rgb, self._background) if good else _differing(rgb, self._background)
        self.box = mask_box(self._mask > 100)
        self.cut_below = is_cut(self._mask[-2:])

    def near(self, box: Box, margin: float) -> tuple[U8, U8, U8]:
        """Photo, mask and ground around the product."""
        rows, columns = crop_around(self._mask, box, margin)
        photo, part = np.ascontiguousarray(self._rgb[rows, columns]), np.ascontiguousarray(self._mask[rows, columns])
        return photo, part, np.ascontiguousarray(self._background[rows, columns])


def cutouts_of(
    rgb: U8, matte: Matte, ground: Ground, measures: Measures
) -> tuple[Callable[[], Cutout | None], Callable[[], Cutout | None]]:
    """Free of its ground, when the mask can be trusted, and divided by its ground, when that is light."""
    good = matte_is_good(measures)

    def free() -> Cutout | None:
        found = _Found(rgb, matte, ground, good=True)
        return found.box and cut_free(*found.near(found.box, 0.03), cut_below=found.cut_below)

    def divided() -> Cutout | None:
        found = _Found(rgb, matte, ground, good=good)
        return found.box and cut_from_light(*found.near(found.box, _MARGIN), solid=good, cut_below=found.cut_below)

    is_plain, is_light = measures.plainness > PLAIN, measures.lightness > LIGHT
    return Once(free) if is_plain and good else nothing, Once(divided) if is_plain and is_light else nothing


def is_cut(strip: U8) -> bool:
    """Whether the product reaches this strip of the mask, (pixels across, length), along a border of the photo."""
    return float((strip.max(axis=0) > 128).mean()) > 0.04


def _with_missed(alpha: U8, rgb: U8, background: U8) -> U8:
    """The mask and what it has missed: parts that border on it and differ from the ground more than a shadow does."""
    box = mask_box(alpha > 100)
    if box is None:
        return alpha
    # Toward the foot, shadows are as dark and as coloured as anything: ever more is asked, without a step in the outline.
    heights = (box.bottom - np.arange(len(alpha), dtype=np.float32)) / box.height
    dark = np.interp(heights, (0.2, 0.25, 0.6), (0.0, 0.5, 0.88))
    colored = np.interp(heights, (0.2, 0.25, 0.6), (2.0, 0.13, 0.08))
    inner = (alpha > 128).astype(np.uint8)
    solid = _differs(rgb, background, dark, colored)
    together = np.maximum(erode(dilate(solid, 1), 2), inner)
    count, found = cv2.connectedComponents(together, connectivity=8)
    labels = np.asarray(found, dtype=np.int32)
    touching = np.bincount(labels[erode(inner, 2) > 0], minlength=count) > 0
    touching[0] = False
    whole = cv2.morphologyEx(touching.astype(np.uint8)[labels], cv2.MORPH_CLOSE, np.ones((7, 7)))
    missed = (np.asarray(whole) > 0) & (alpha < 128)
    soft = blur((255 * dilate(missed.astype(np.uint8), 1)).astype(np.uint8), 0.8)
    return np.maximum(alpha, soft)


def _differs(rgb: U8, background: U8, dark: Floats, colored: Floats) -> U8:
    """1 where, in parts of the ground, the least channel is below `dark` or a channel is `colored` away from their mean; both
    are given for each row."""
    ratio = cv2.divide(rgb, background, scale=_PARTS, dtype=cv2.CV_16U)
    red, green, blue = cv2.split(ratio)
    least, greatest = cv2.min(cv2.min(red, green), blue), cv2.max(cv2.max(red, green), blue)
    total = cv2.add(cv2.add(red, green), blue)
    tint = cv2.max(cv2.subtract(cv2.multiply(greatest, 3.0), total), cv2.subtract(total, cv2.multiply(least, 3.0)))  # pyright: ignore[reportCallIssue, reportArgumentType]
    low, high = np.round(_PARTS * dark).astype(np.uint16), np.round(3 * _PARTS * colored).astype(np.uint16)
    return ((np.asarray(least) < low[:, None]) | (np.asarray(tint) > high[:, None])).astype(np.uint8)


def _differing(rgb: U8, background: U8) -> U8:
    """Everything that is clearly not the ground, without specks."""
    away = greatest_channel(cast("U8", cv2.absdiff(rgb, background)))
    return dilate(erode(((away > 24) * 255).astype(np.uint8), 2), 2)
