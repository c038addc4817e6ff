"""Makes a photo wider than it was taken: its soft surroundings go on, out of focus, beyond both sides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import cv2
import numpy as np

from adreel.domain.formats import FrameSize
from adreel.providers.local.geometry import Box
from adreel.providers.local.raster import blur, dilate, luma, shrink_or_grow, smoothstep, stretch
from adreel.providers.local.still import U8, Floats
from adreel.providers.local.study import Study

_SPARE = 1.25
"""Width made, in parts of what the frame shows, so that the subject can stand aside."""

_LARGEST_ADDITION = 0.62
"""Part of the frame that may be made up."""

_TALLEST = 0.86
"""Height of the subject, in parts of the photo's, that leaves the camera room to move."""

_CALM = 2.5
"""Mean contrast of neighbouring pixels at the photo's sides, luma steps at a height of 600 pixels, up to which they count as
out of focus. Sharp surroundings would visibly end where the photo does."""


def widened(study: Study, size: FrameSize) -> Study | None:
    """The same photo with more surroundings, in the frame's shape or wider, or None where that would not look right."""
    whole = study.whole()
    if whole.width * size.height > whole.height * size.width:
        turned = widened(_turned(study), FrameSize(size.height, size.width))
        return _turned(turned) if turned is not None else None
    if study.subject is None or study.mask is None or not _suits(study, study.subject, size):
        return None
    height = min(round(whole.height), round(1.3 * size.height)) // 4 * 4
    scale = height / whole.height
    width = round(whole.width * scale / 4) * 4
    extra = max(0, round((_SPARE * height * size.width / size.height - width) / 8) * 4)
    photo = shrink_or_grow(study.rgb, width, height)
    mask = stretch(study.mask, width, height)
    subject = study.subject.scaled(scale).moved(extra, 0)
    detail = (study.detail[0] * scale + extra, study.detail[1] * scale)
    rim = cast("U8", cv2.copyMakeBorder(mask, 0, 0, extra, extra, cv2.BORDER_CONSTANT, value=0))
    return replace(study, rgb=_continued(photo, mask, extra), mask=rim, subject=subject, detail=detail)


def _turned(study: Study) -> Study:
    """Rows for columns."""
    subject = study.subject
    return replace(
        study,
        rgb=np.ascontiguousarray(study.rgb.transpose(1, 0, 2)),
        mask=None if study.mask is None else np.ascontiguousarray(study.mask.T),
        subject=None if subject is None else Box(subject.top, subject.left, subject.bottom, subject.right),
        detail=(study.detail[1], study.detail[0]),
    )


def _suits(study: Study, subject: Box, size: FrameSize) -> bool:
    whole = study.whole()
    added = 1 - whole.width / (whole.height * size.width / size.height)
    free = subject.left > 0.02 * whole.width and subject.right < 0.98 * whole.width
    return (
        added <= _LARGEST_ADDITION and free and subject.height <= _TALLEST * whole.height and sides_are_calm(study.rgb)
    )


def sides_are_calm(rgb: U8) -> bool:
    """Whether the outer tenth at the left and right is out of focus or plain."""
    height, width = rgb.shape[:2]
    grey = luma(shrink_or_grow(rgb, max(20, round(width * 600 / height)), 600)).astype(np.float32)
    edge = grey.shape[1] // 10
    fine = np.abs(grey - blur(grey, 1.5))
    return max(float(fine[:, :edge].mean()), float(fine[:, -edge:].mean())) < _CALM


def _continued(photo: U8, mask: U8, extra: int) -> U8:
    """Mirrored at its sides, and the more out of focus the farther outside. The subject is kept out of what is blurred.

    Height, width and `extra` are multiples of 4.
    """
    height, width = photo.shape[:2]
    border = cv2.BORDER_REFLECT_101
    picture = cast("U8", cv2.copyMakeBorder(photo, 0, 0, extra, extra, border))
    ground = cv2.copyMakeBorder(255 - dilate(mask, max(2, height // 90)), 0, 0, extra, extra, border)
    total = width + 2 * extra
    small = shrink_or_grow(picture, total // 4, height // 4).astype(np.float32)
    counts = shrink_or_grow(np.asarray(ground, np.uint8), total // 4, height // 4).astype(np.float32) / 255 + 1e-3
    layers = [
        (_without_subject(small, counts.astype(np.float32), sigma * height), start, end)
        for sigma, start, end in ((0.009, -0.065, -0.01), (0.046, -0.046, 0.075), (0.13, 0.037, 0.28))
    ]
    # Between the sides everything stays as it is.
    side = extra + round(0.065 * height / 4) * 4
    outside = (extra - np.arange(side, dtype=np.float32)) / height
    for columns, away in ((slice(0, side), outside), (slice(total - side, total), outside[::-1])):
        picture[:, columns] = _softened(picture[:, columns], layers, columns, away)
    return picture


def _softened(strip: U8, layers: Sequence[tuple[Floats, float, float]], columns: slice, outside: Floats) -> U8:
    """The part `columns` of the picture. `layers`: ever softer ones of a quarter of the size, and where each comes in;
    `outside`: how far outside the photo a column lies, in parts of the height."""
    picture = strip.astype(np.float32)
    for soft, start, end in layers:
        part = soft[:, columns.start // 4 : columns.stop // 4]
        mixed = stretch(np.ascontiguousarray(part), strip.shape[1], strip.shape[0])
        mixed -= picture
        mixed *= smoothstep(start, end, outside)[None, :, None]
        picture += mixed
    picture *= (1 - 0.25 * np.clip(outside / 0.56, 0, 1))[None, :, None]
    return np.clip(picture + 0.5, 0, 255).astype(np.uint8)


def _without_subject(small: Floats, counts: Floats, sigma: float) -> Floats:
    """A blur, its width that of the whole size, of what counts, spread over what does not; less high than wide."""
    across, down = sigma / 4, 0.1 * sigma
    soft = blur(small * counts[:, :, None], across, down)
    soft /= blur(counts, across, down)[:, :, None]
    return soft
