"""The brand's logo over every frame of a shot: in which corner, in which version, and on a plate where it needs one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from adreel.domain.films.box import Box, box_around
from adreel.domain.films.color import Color
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.logo import LogoCorner, LogoMark
from adreel.domain.films.subject import Subject
from adreel.media.cards.logo import color_of, on_plate, read_logo, scaled
from adreel.media.overlays.backing import MeasureBeneath
from adreel.media.overlays.beneath import MARGIN, Beneath
from adreel.media.overlays.safe_area import safe_area

if TYPE_CHECKING:
    import numpy.typing as npt

    from adreel.media.cards.plate import Layer

_HIGH, _WIDE = 0.06, 0.16
"""The largest mark: share of the frame's shorter side, and of its width."""

_LEAST = 3.0
"""Contrast of a graphic against what is beside it (WCAG 2.2, success criterion 1.4.11)."""

_SEEN = 0.7
"""Share of a logo's area that must have this contrast: a logo may have parts that are meant to be faint."""

_SHADES = 24
"""Steps of luminance in which a logo is measured."""

_DARK = 0.18
"""Mean luminance below which a picture is dark."""

_BLACK, _WHITE = Color(0, 0, 0), Color(255, 255, 255)


@dataclass(frozen=True, slots=True)
class PlacedMark:
    """A logo as a layer (premultiplied, 0-1) and where it stands, in pixels of the frame."""

    layer: Layer
    box: Box


def place_marks(
    mark: LogoMark, size: FrameSize, subject: Subject | None, measure: MeasureBeneath
) -> Iterator[PlacedMark]:
    """The mark in each corner where it may stand, the best first: that of the mark, others free of the product, others free of
    its label. In each, the version that is seen against the frames beneath; on a plate where none is. Raises PhotoError."""
    for corner in _corners(mark, size, subject):
        yield _placed(mark, corner, size, measure)


def _corners(mark: LogoMark, size: FrameSize, subject: Subject | None) -> list[LogoCorner]:
    rgba = read_logo(mark.logo.files[0])
    layer = on_plate(_sized(rgba, size), _WHITE)
    boxes = {corner: _box(layer, corner, size) for corner in (mark.corner, *LogoCorner)}
    if subject is None:
        return list(boxes)
    product, label = ([box_around(each)] if each else [] for each in (subject.boxes, subject.labels))
    free = [corner for corner, box in boxes.items() if not any(box.meets(each) for each in (*product, *label))]
    return free or [corner for corner, box in boxes.items() if not any(box.meets(each) for each in label)]


def _placed(mark: LogoMark, corner: LogoCorner, size: FrameSize, measure: MeasureBeneath) -> PlacedMark:
    versions = [read_logo(file) for file in mark.logo.files]
    for rgba in versions:
        layer = _sized(rgba, size)
        box = _box(layer, corner, size)
        if _is_seen(rgba, measure(box)):
            return PlacedMark(layer, box)
    layer = _sized(versions[0], size)
    is_dark = measure(_box(layer, corner, size)).lightness() < _DARK
    rgba = read_logo(mark.logo.for_ground(is_dark=is_dark))
    layer = on_plate(_sized(rgba, size), max((_WHITE, _BLACK), key=color_of(rgba).contrast))
    return PlacedMark(layer, _box(layer, corner, size))


def _sized(rgba: npt.NDArray[np.uint8], size: FrameSize) -> Layer:
    high = min(_HIGH * min(size.width, size.height), _WIDE * size.width * rgba.shape[0] / rgba.shape[1])
    return scaled(rgba, max(2, round(high)))


def _box(layer: Layer, corner: LogoCorner, size: FrameSize) -> Box:
    safe, (high, wide) = safe_area(size), layer.shape[:2]
    left = -(-safe.left // 1) if corner.is_left else safe.right // 1 - wide
    top = -(-safe.top // 1) if corner.is_top else safe.bottom // 1 - high
    return Box(left, top, left + wide, top + high)


def _is_seen(rgba: npt.NDArray[np.uint8], beneath: Beneath) -> bool:
    """Whether enough of a logo stands out from every cell of the frames beneath it."""
    shares = [(shade, weight) for shade, weight in _shades(rgba) if beneath.contrast(shade) >= _LEAST * MARGIN]
    return sum(weight for _, weight in shares) >= _SEEN


def _shades(rgba: npt.NDArray[np.uint8]) -> Iterator[tuple[Color, float]]:
    """The colours of a logo in steps of lightness, each the mean of its pixels, with their shares of what is seen."""
    weights = rgba[:, :, 3].astype(np.float64)
    steps = rgba[:, :, :3].max(axis=2).astype(int) * _SHADES // 256
    for step in np.unique(steps[weights > 0]):
        here = weights * (steps == step)
        red, green, blue = ((rgba[:, :, :3] * here[:, :, None]).sum(axis=(0, 1)) / here.sum()).round().astype(int)
        yield Color(int(red), int(green), int(blue)), float(here.sum() / weights.sum())
