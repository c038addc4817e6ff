"""Getting to know a photo, once: what is product, what is ground, how far that can be trusted, which colours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from adreel.providers.local.cutout import (
    Cutout,
    crop_around,
    cut_free,
    cut_from_light,
    cut_transparent,
    detail_point,
)
from adreel.providers.local.geometry import Box
from adreel.providers.local.ground import Ground, measure_ground
from adreel.providers.local.matte import Matte, Matter, mask_box
from adreel.providers.local.palette import Palette, measure_palette
from adreel.providers.local.raster import blur, dilate, erode, fit_within, greatest_channel
from adreel.providers.local.route import LIGHT, PLAIN, Measures, matte_is_good

if TYPE_CHECKING:
    from adreel.providers.local.still import U8, Floats, Still

CUTOUT_SIDE = 2560
"""Longest side of a photo whose product is cut out: enough for close-ups at 1080p."""

_GLANCE_SIDE = 640
"""Longest side of the photo as it is measured."""

_MARGIN = 0.45
"""Neighbourhood kept around a product, for its shadow, in parts of its longer side."""

_PARTS = 64
"""Ratios of a photo to its ground are counted in parts of this: three of them, of up to 255, still fit 16 bits."""


@dataclass(frozen=True, slots=True)
class Study:
    """`rgb` is the photo, transparency laid over white; `mask` is the product (0-255), of the photo's shape but maybe
    smaller, when it can be trusted;
    `subject` its bounds and `detail` its most interesting point, in pixels of `rgb`; `free` and `divided`: the product
    taken out, see `cut_free` and `cut_from_light`, when that can be done."""

    rgb: U8
    measures: Measures
    palette: Palette
    mask: U8 | None
    subject: Box | None
    detail: tuple[float, float]
    free: Cutout | None
    divided: Cutout | None

    def whole(self) -> Box:
        """The photo's own bounds."""
        height, width = self.rgb.shape[:2]
        return Box(0, 0, width, height)


def study_photo(photo: Still, matter: Matter) -> Study:
    """About 1 to 2 CPU seconds for a photo without transparency."""
    if photo.alpha is not None and _is_cut_out(photo.alpha):
        return _study_transparent(photo.rgb, photo.alpha)
    rgb = photo.rgb if photo.alpha is None else _over_white(photo.rgb, photo.alpha)
    return _study_opaque(rgb, matter)


def _is_cut_out(alpha: U8) -> bool:
    """Whether transparency outlines a product, rather than being a rounded corner or a stray pixel."""
    coverage = float((alpha > 128).mean())
    ring = np.concatenate([alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]])
    return 0.01 <= coverage <= 0.97 and float((ring < 128).mean()) > 0.3


def _over_white(rgb: U8, alpha: U8) -> U8:
    part = alpha.astype(np.float32)[:, :, None] / 255
    return (rgb * part + 255 * (1 - part) + 0.5).astype(np.uint8)


def _study_transparent(rgb: U8, alpha: U8) -> Study:
    rgb, alpha = fit_within(rgb, CUTOUT_SIDE), fit_within(alpha, CUTOUT_SIDE)
    cutout = cut_transparent(*_cropped(rgb, alpha, 0.02))
    coverage = float((alpha > 128).mean())
    measures = Measures(1.0, 255.0, coverage, 1.0, 1.0, has_alpha=True, cut_sides=0)
    return Study(rgb, measures, measure_palette(rgb, alpha), alpha, mask_box(alpha > 128), cutout.detail, cutout, None)


def _cropped(rgb: U8, mask: U8, margin: float) -> tuple[U8, U8]:
    box = mask_box(mask > 100) or Box(0, 0, mask.shape[1], mask.shape[0])
    rows, columns = crop_around(mask, box, margin)
    return np.ascontiguousarray(rgb[rows, columns]), np.ascontiguousarray(mask[rows, columns])


def _study_opaque(rgb: U8, matter: Matter) -> Study:
    small = fit_within(rgb, CUTOUT_SIDE)
    matte = matter(small)
    glance = fit_within(small, _GLANCE_SIDE)
    near = dilate(fit_within(matte.alpha, _GLANCE_SIDE), 6)
    ground = measure_ground(glance, near)
    measures = _measures(glance, matte, ground)
    good = matte_is_good(measures)
    mask = matte.alpha if good else None
    palette = measure_palette(glance, mask)
    free, divided = _cutouts(small, matte, ground, measures)
    scale = rgb.shape[1] / small.shape[1]
    subject = mask_box(matte.alpha > 128) if good else None
    whole = Box(0, 0, small.shape[1], small.shape[0])
    point = detail_point(small, mask if mask is not None else np.full(small.shape[:2], 255, np.uint8), subject or whole)
    box = (
        Box(*(value * scale for value in (subject.left, subject.top, subject.right, subject.bottom)))
        if subject
        else None
    )
    return Study(rgb, measures, palette, mask, box, (point[0] * scale, point[1] * scale), free, divided)


def _measures(rgb: U8, matte: Matte, ground: Ground) -> Measures:
    return Measures(
        plainness=ground.plainness,
        lightness=ground.lightness,
        coverage=matte.coverage,
        agreement=matte.agreement,
        edge_contrast=_edge_contrast(rgb, matte.alpha, ground),
        has_alpha=False,
        cut_sides=sum(_is_cut(side) for side in (matte.alpha[:2], matte.alpha[:, :2].T, matte.alpha[:, -2:].T)),
    )


def _is_cut(strip: U8) -> bool:
    return float((strip.max(axis=0) > 128).mean()) > 0.04


def _edge_contrast(rgb: U8, alpha: U8, ground: Ground) -> float:
    """Part of the outline, seen from just inside, that differs clearly from the ground."""
    small, mask = rgb, fit_within(alpha, _GLANCE_SIDE)
    solid = (mask > 128).astype(np.uint8)
    band = (erode(solid, 2) > 0) & (erode(solid, 5) == 0)
    if not band.any():
        return 0.0
    away = greatest_channel(cast("U8", cv2.absdiff(small, ground.picture(small.shape[1], small.shape[0]))))
    return float((away[band] > 20).mean())


def _cutouts(rgb: U8, matte: Matte, ground: Ground, measures: Measures) -> tuple[Cutout | None, Cutout | None]:
    """Free of its ground, when the mask can be trusted, and divided by its ground, when that is light."""
    if measures.plainness <= PLAIN:
        return None, None
    good = matte_is_good(measures)
    background = ground.picture(rgb.shape[1], rgb.shape[0])
    mask = _with_missed(matte.alpha, rgb, background) if good else _differing(rgb, background)
    box = mask_box(mask > 100)
    if box is None:
        return None, None
    cut_below = _is_cut(mask[-2:])
    free = cut_free(*_near(box, 0.03, rgb, mask, background), cut_below=cut_below) if good else None
    if measures.lightness <= LIGHT:
        return free, None
    near = _near(box, _MARGIN, rgb, mask, background)
    return free, cut_from_light(*near, solid=good, cut_below=cut_below)


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


def _near(box: Box, margin: float, rgb: U8, mask: U8, background: U8) -> tuple[U8, U8, U8]:
    rows, columns = crop_around(mask, box, margin)
    photo, part = np.ascontiguousarray(rgb[rows, columns]), np.ascontiguousarray(mask[rows, columns])
    return photo, part, np.ascontiguousarray(background[rows, columns])


def _differing(rgb: U8, background: U8) -> U8:
    """Everything that is clearly not the ground, without specks."""
    away = greatest_channel(cast("U8", cv2.absdiff(rgb, background)))
    return dilate(erode(((away > 24) * 255).astype(np.uint8), 2), 2)
