"""Getting to know a photo, once: what is product, what is ground, how far that can be trusted, which colours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from adreel.providers.local.cutout import Cutout, crop_around, cut_transparent, detail_point
from adreel.providers.local.cutouts import cutouts_of, is_cut, nothing
from adreel.providers.local.geometry import Box
from adreel.providers.local.ground import Ground, measure_ground
from adreel.providers.local.matte import Matte, Matter, mask_box
from adreel.providers.local.palette import Palette, measure_palette
from adreel.providers.local.raster import dilate, erode, fit_within, greatest_channel
from adreel.providers.local.route import Measures, matte_is_good

if TYPE_CHECKING:
    from adreel.providers.local.still import U8, Still

CUTOUT_SIDE = 2560
"""Longest side of a photo whose product is cut out: enough for close-ups at 1080p."""

_GLANCE_SIDE = 640
"""Longest side of the photo as it is measured."""


@dataclass(frozen=True, slots=True)
class Study:
    """`rgb` is the photo, transparency laid over white; `mask` is the product (0-255), of the photo's shape but maybe
    smaller, when it can be trusted;
    `subject` its bounds and `detail` its most interesting point, in pixels of `rgb`; `free` and `divided`: the product
    taken out, see `cut_free` and `cut_from_light`, when that can be done; a film needs one of them, so each is made when asked
    for."""

    rgb: U8
    measures: Measures
    palette: Palette
    mask: U8 | None
    subject: Box | None
    detail: tuple[float, float]
    free: Callable[[], Cutout | None]
    divided: Callable[[], Cutout | None]

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
    palette = measure_palette(rgb, alpha)
    return Study(rgb, measures, palette, alpha, mask_box(alpha > 128), cutout.detail, lambda: cutout, nothing)


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
    free, divided = cutouts_of(small, matte, ground, measures)
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
        cut_sides=sum(is_cut(side) for side in (matte.alpha[:2], matte.alpha[:, :2].T, matte.alpha[:, -2:].T)),
    )


def _edge_contrast(rgb: U8, alpha: U8, ground: Ground) -> float:
    """Part of the outline, seen from just inside, that differs clearly from the ground."""
    small, mask = rgb, fit_within(alpha, _GLANCE_SIDE)
    solid = (mask > 128).astype(np.uint8)
    band = (erode(solid, 2) > 0) & (erode(solid, 5) == 0)
    if not band.any():
        return 0.0
    away = greatest_channel(cast("U8", cv2.absdiff(small, ground.picture(small.shape[1], small.shape[0]))))
    return float((away[band] > 20).mean())
