"""Lazy cut-outs of the product of an opaque photo, in two ways: freed from its ground, or divided by it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar, cast

import cv2
import numpy as np

from adreel.domain.films.box import Box, box_around
from adreel.providers.local.drawing.raster import blur, dilate, erode, fit_within, greatest_channel
from adreel.providers.local.photo.cutout import Cutout, crop_around, cut_free, cut_from_light, is_colored
from adreel.providers.local.photo.ground import Ground
from adreel.providers.local.photo.matte import Matte, mask_box
from adreel.providers.local.photo.proof import Proof, left_out, overlap, prove
from adreel.providers.local.photo.route import LIGHT, PLAIN, Measures, matte_is_good

if TYPE_CHECKING:
    from adreel.providers.local.drawing.still import U8, Floats


T = TypeVar("T")


class Lazy(Generic[T]):
    """A value computed once, at its first use. Thread-safe: concurrent callers share one computation.

    An exception propagates to the caller; the next call computes again.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._lock = threading.Lock()
        self._make: Callable[[], T] | None = make
        self._made: list[T] = []

    def __call__(self) -> T:
        with self._lock:
            if self._make is not None:
                self._made.append(self._make())
                # Frees the inputs that the function holds.
                self._make = None
            return self._made[0]


_MARGIN = 0.45
"""Margin around a product, for its shadow, as a fraction of its longer side."""

_GLANCE = 512
"""Longer side of two masks for their comparison."""

_COMPLETION = 0.97
"""Smallest overlap (IoU) of a mask with its completion."""

_PARTS = 64
"""Scale of the ratios of a photo to its ground: the sum of three of them, of up to 255, fits 16 bits."""


def no_cutout() -> None:
    """Stands in for a cut-out that cannot be made."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A photo with all that is known of its product. `look_again` gives the network's mask of the mirrored photo."""

    rgb: U8
    matte: Matte
    ground: Ground
    measures: Measures
    look_again: Callable[[], U8]

    def proof(self, mask: U8, *, thorough: bool) -> Proof:
        """Measures a mask. Not `thorough`: without a second look, which costs as much as the first one, where there was none."""
        small = self.matte.small
        height, width = small.shape[:2]
        again = self.matte.again
        if again is None and thorough:
            again = self.look_again()
        empty = self.ground.picture(width, height)
        return prove(small, fit_within(mask, max(width, height)), self.matte.network, again, empty)

    def left_out(self, mask: U8) -> Box | None:
        """Bounds of what stands on the ground beside a mask, in the mask's pixels."""
        small = self.matte.small
        height, width = small.shape[:2]
        beside = left_out(small, fit_within(mask, max(width, height)), self.ground.picture(width, height))
        box = mask_box(beside)
        return None if box is None else box.scaled(mask.shape[1] / width)


class _Found:
    """A photo with the completed mask of its product and the mask's bounds. `proven`: the mask may be shown as an outline."""

    def __init__(self, evidence: Evidence, *, thorough: bool) -> None:
        rgb = evidence.rgb
        self._rgb, self._background = rgb, evidence.ground.picture(rgb.shape[1], rgb.shape[0])
        good = matte_is_good(evidence.measures)
        self.mask = (
            _completed(evidence.matte.alpha, rgb, self._background) if good else _differing(rgb, self._background)
        )
        self.proven = good and evidence.proof(self.mask, thorough=thorough).holds
        self.box = mask_box(self.mask > 100)
        beside = None if self.proven or self.box is None else evidence.left_out(self.mask)
        if self.box is not None and beside is not None:
            # What the mask misses, or has at its side, must not fade with the ground around the product.
            self.box = box_around([self.box, beside])
        self.cut_below = is_cut(self.mask[-2:])

    def within(self, box: Box, margin: float) -> Box:
        """The box in pixels of what `near` gives."""
        rows, columns = crop_around(self.mask, box, margin)
        return box.moved(-columns.start, -rows.start)

    def near(self, box: Box, margin: float) -> tuple[U8, U8, U8]:
        """Photo, mask and ground around the product. The photo is not copied: a cut-out shares its pixels with the study."""
        rows, columns = crop_around(self.mask, box, margin)
        mask, ground = (
            np.ascontiguousarray(self.mask[rows, columns]),
            np.ascontiguousarray(self._background[rows, columns]),
        )
        return self._rgb[rows, columns], mask, ground


def cutouts_of(evidence: Evidence) -> tuple[Callable[[], Cutout | None], Callable[[], Cutout | None]]:
    """The cut-outs freed from the ground, if the mask proves itself, and divided by the ground, if that is light. Lazy."""
    measures = evidence.measures

    def free() -> Cutout | None:
        found = _Found(evidence, thorough=True)
        return cut_free(*found.near(found.box, 0.03), cut_below=found.cut_below) if found.proven and found.box else None

    def divided() -> Cutout | None:
        found = _Found(evidence, thorough=False)
        if not found.proven and is_colored(evidence.ground.picture(64, 64)):
            # Divided by a coloured ground, a product without a solid part would lose its own colour.
            return None
        return found.box and cut_from_light(
            *found.near(found.box, _MARGIN),
            solid=found.proven,
            cut_below=found.cut_below,
            box=found.within(found.box, _MARGIN),
        )

    is_plain, is_light = measures.plainness > PLAIN, measures.lightness > LIGHT
    good = matte_is_good(measures)
    return Lazy(free) if is_plain and good else no_cutout, Lazy(divided) if is_plain and is_light else no_cutout


def shown_mask(evidence: Evidence) -> U8 | None:
    """The mask (0-255) along which the product would be cut out, or None if it does not prove itself."""
    found = _Found(evidence, thorough=True) if matte_is_good(evidence.measures) else None
    return found.mask if found is not None and found.proven else None


def _completed(alpha: U8, rgb: U8, background: U8) -> U8:
    """The mask with missed parts; without them if they change the product so much that they are the ground's own structure."""
    whole = _with_missed(alpha, rgb, background)
    return (
        whole if overlap(fit_within(alpha, _GLANCE) > 127, fit_within(whole, _GLANCE) > 127) >= _COMPLETION else alpha
    )


def is_cut(strip: U8) -> bool:
    """Whether the product reaches this strip of the mask (pixels across, length) along a border of the photo."""
    return float((strip.max(axis=0) > 128).mean()) > 0.04


def _with_missed(alpha: U8, rgb: U8, background: U8) -> U8:
    """The mask extended by missed parts: areas that touch it and differ from the ground more than a shadow does."""
    box = mask_box(alpha > 100)
    if box is None:
        return alpha
    # Toward the foot, shadows are as dark and coloured as the product: thresholds rise there, without a step in the outline.
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
    """1 where, relative to the ground, the smallest channel is below `dark` or a channel differs by `colored` from their mean;
    both are per row."""
    ratio = cv2.divide(rgb, background, scale=_PARTS, dtype=cv2.CV_16U)
    red, green, blue = cv2.split(ratio)
    least, greatest = cv2.min(cv2.min(red, green), blue), cv2.max(cv2.max(red, green), blue)
    total = cv2.add(cv2.add(red, green), blue)
    tint = cv2.max(cv2.subtract(cv2.multiply(greatest, 3.0), total), cv2.subtract(total, cv2.multiply(least, 3.0)))  # pyright: ignore[reportCallIssue, reportArgumentType]
    low, high = np.round(_PARTS * dark).astype(np.uint16), np.round(3 * _PARTS * colored).astype(np.uint16)
    return ((np.asarray(least) < low[:, None]) | (np.asarray(tint) > high[:, None])).astype(np.uint8)


def _differing(rgb: U8, background: U8) -> U8:
    """Everything that clearly differs from the ground, without specks."""
    away = greatest_channel(cast("U8", cv2.absdiff(rgb, background)))
    return dilate(erode(((away > 24) * 255).astype(np.uint8), 2), 2)
