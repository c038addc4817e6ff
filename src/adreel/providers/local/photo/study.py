"""Analyses a photo once: product, ground, reliability of both, colours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import cv2
import numpy as np

from adreel.domain.films.box import Box, box_around
from adreel.providers.local.drawing.raster import dilate, erode, fit_within, greatest_channel, shrink_or_grow
from adreel.providers.local.photo.bars import without_bars
from adreel.providers.local.photo.cutout import Cutout, crop_around, cut_transparent, detail_point
from adreel.providers.local.photo.cutouts import Evidence, Lazy, cutouts_of, is_cut, no_cutout
from adreel.providers.local.photo.faces import FaceFinder
from adreel.providers.local.photo.ground import Ground, measure_ground
from adreel.providers.local.photo.matte import Matte, Matter, mask_box
from adreel.providers.local.photo.palette import Palette, measure_palette
from adreel.providers.local.photo.proof import odd_rim
from adreel.providers.local.photo.route import Measures, matte_is_good

if TYPE_CHECKING:
    from adreel.providers.local.drawing.still import U8, Still

CUTOUT_SIDE = 2560
"""Longest side of a photo for cutting out its product: enough for close-ups at 1080p."""

_STRIP = 256
"""Rows that are composited over white at a time."""

_SURE = 0.9
"""Agreement of a mask from which its bounds decide a framing: less moves a little with depth, and may have missed a part."""

_SMALLEST, _LARGEST = 0.04, 0.45
"""Part of the photo that a subject fills which is set apart from its surroundings: of a smaller one it is not seen, behind a
larger one too much of them must be made up."""

_RIM_SIDE = 320
"""Longest side of the photo in which the rim of an outline is looked at."""

_ODD_RIM = 0.05
"""Largest part of the rim that may not continue the surroundings."""

_GLANCE_SIDE = 640
"""Longest side of the photo for measurements."""


def never() -> bool:
    """Of a photo whose subject is not set apart from its surroundings."""
    return False


@dataclass(frozen=True, slots=True)
class Study:
    """`rgb` is the photo between its bars, transparency composited over white; `mask` is the product (0-255), in the photo's
    shape but possibly smaller, if reliable; `subject` its bounds, if very reliable, and `detail` its most interesting point, in
    pixels of `rgb`; `free` and `divided`: the cut-outs of `cut_free` and `cut_from_light`, if possible. A film needs only one of
    them, so both are lazy. `heads`: bounds of the heads whose faces are seen; `focus`: what a framing must show above all: the
    heads, else the subject; `rough`: bounds of the mask, reliable or not. `stands_out`: whether the mask is good enough to be
    shown as the outline of the subject in its own photo."""

    rgb: U8
    measures: Measures
    palette: Palette
    mask: U8 | None
    subject: Box | None
    detail: tuple[float, float]
    free: Callable[[], Cutout | None]
    divided: Callable[[], Cutout | None]
    heads: tuple[Box, ...] = ()
    focus: Box | None = None
    rough: Box | None = None
    stands_out: Callable[[], bool] = never

    @property
    def known(self) -> Box | None:
        """Bounds of a reliable mask, very reliable or not."""
        return self.rough if self.mask is not None else None

    def whole(self) -> Box:
        """The photo's own bounds."""
        height, width = self.rgb.shape[:2]
        return Box(0, 0, width, height)


def study_photo(photo: Still, matter: Matter, faces: FaceFinder) -> Study:
    """Analyses a photo: about 1 to 2 CPU seconds without transparency."""
    if photo.alpha is not None and _is_cut_out(photo.alpha):
        return _study_transparent(photo.rgb, photo.alpha)
    rgb = photo.rgb if photo.alpha is None else _over_white(photo.rgb, photo.alpha)
    return _study_opaque(_between_bars(rgb), matter, faces)


def _between_bars(rgb: U8) -> U8:
    part = without_bars(rgb)
    if part.width >= rgb.shape[1] and part.height >= rgb.shape[0]:
        return rgb
    return np.ascontiguousarray(rgb[round(part.top) : round(part.bottom), round(part.left) : round(part.right)])


def _is_cut_out(alpha: U8) -> bool:
    """Whether transparency outlines a product and is not just a rounded corner or a stray pixel."""
    coverage = float((alpha > 128).mean())
    ring = np.concatenate([alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]])
    return 0.01 <= coverage <= 0.97 and float((ring < 128).mean()) > 0.3


def _over_white(rgb: U8, alpha: U8) -> U8:
    """Composites over white in strips: at once, a photo of 4096 pixels would need half a gigabyte of intermediates."""
    laid = np.empty_like(rgb)
    for top in range(0, rgb.shape[0], _STRIP):
        rows = slice(top, top + _STRIP)
        part = alpha[rows].astype(np.float32)[:, :, None] / 255
        laid[rows] = (rgb[rows] * part + 255 * (1 - part) + 0.5).astype(np.uint8)
    return laid


def _study_transparent(rgb: U8, alpha: U8) -> Study:
    rgb, alpha = fit_within(rgb, CUTOUT_SIDE), fit_within(alpha, CUTOUT_SIDE)
    cutout = cut_transparent(*_cropped(rgb, alpha, 0.02))
    coverage = float((alpha > 128).mean())
    measures = Measures(1.0, 255.0, coverage, 1.0, 1.0, has_alpha=True, cut_sides=0)
    palette = measure_palette(rgb, alpha)
    subject = mask_box(alpha > 128)
    return Study(rgb, measures, palette, alpha, subject, cutout.detail, lambda: cutout, no_cutout, focus=subject)


def _cropped(rgb: U8, mask: U8, margin: float) -> tuple[U8, U8]:
    box = mask_box(mask > 100) or Box(0, 0, mask.shape[1], mask.shape[0])
    rows, columns = crop_around(mask, box, margin)
    return np.ascontiguousarray(rgb[rows, columns]), np.ascontiguousarray(mask[rows, columns])


def evidence_of(rgb: U8, matter: Matter) -> Evidence:
    """Segments and measures an opaque photo, longest side at most `CUTOUT_SIDE`."""
    matte = matter(rgb)
    glance = fit_within(rgb, _GLANCE_SIDE)
    near = dilate(fit_within(matte.alpha, _GLANCE_SIDE), 6)
    ground = measure_ground(glance, near)
    return Evidence(rgb, matte, ground, _measures(glance, matte, ground), lambda: matter.second_look(matte.small))


def _study_opaque(rgb: U8, matter: Matter, faces: FaceFinder) -> Study:
    small = fit_within(rgb, CUTOUT_SIDE)
    evidence = evidence_of(small, matter)
    matte, measures = evidence.matte, evidence.measures
    good = matte_is_good(measures)
    mask = matte.alpha if good else None
    palette = measure_palette(fit_within(small, _GLANCE_SIDE), mask)
    free, divided = cutouts_of(evidence)
    scale = rgb.shape[1] / small.shape[1]
    box = mask_box(matte.alpha > 128)
    subject = box if good and matte.agreement >= _SURE else None
    whole = Box(0, 0, small.shape[1], small.shape[0])
    point = detail_point(small, mask if mask is not None else np.full(small.shape[:2], 255, np.uint8), subject or whole)
    heads = tuple(head.scaled(scale) for head in faces.heads(small))
    focus = box_around(heads) if heads else subject and subject.scaled(scale)
    return Study(
        rgb,
        measures,
        palette,
        mask,
        subject and subject.scaled(scale),
        (point[0] * scale, point[1] * scale),
        free,
        divided,
        heads,
        focus,
        box and box.scaled(scale),
        Lazy(lambda: _stands_out(evidence)) if subject is not None and not heads else never,
    )


def _stands_out(evidence: Evidence) -> bool:
    """Whether the outline of the mask may be shown in the photo itself: it need not differ from the ground, as a cut-out must."""
    measures = evidence.measures
    if measures.cut_sides or not _SMALLEST <= measures.coverage <= _LARGEST:
        return False
    small = fit_within(evidence.matte.small, _RIM_SIDE)
    if odd_rim(small, shrink_or_grow(evidence.matte.alpha, small.shape[1], small.shape[0])) > _ODD_RIM:
        return False
    doubts = evidence.proof(evidence.matte.alpha, thorough=True).doubts
    # These ask for a plain ground.
    return not set(doubts) - {"contrast", "ground_inside", "left_out"}


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
    """Fraction of the outline, measured just inside, that clearly differs from the ground."""
    small, mask = rgb, fit_within(alpha, _GLANCE_SIDE)
    solid = (mask > 128).astype(np.uint8)
    band = (erode(solid, 2) > 0) & (erode(solid, 5) == 0)
    if not band.any():
        return 0.0
    away = greatest_channel(cast("U8", cv2.absdiff(small, ground.picture(small.shape[1], small.shape[0]))))
    return float((away[band] > 20).mean())
