"""Finds faces, so that no framing cuts a head: the YuNet network, run by OpenCV."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import cv2
import numpy as np

from adreel.domain.films.box import Box
from adreel.providers.local.drawing.raster import fit_within
from adreel.providers.local.drawing.still import U8, Floats
from adreel.providers.local.photo.network import Network

_SIDE = 320
"""Side of the network's square input: it finds faces from about a thirtieth of the photo's longer side."""

_STRIDES = (8, 16, 32)
"""Pixels per cell of the network's three grids."""

_SURE = 0.75
"""Score from which a find counts. A face that is missed leaves the framing to the mask; a dial taken for a face would move it."""

_OVERLAP = 0.3
"""Overlap (IoU) above which two finds are the same face."""

_HAIR, _CHIN, _ASIDE = 0.55, 0.2, 0.3
"""A head beyond its face: above, below and on either side, as fractions of the face's height and width."""


class FaceFinder:
    """Finds faces by the network. Thread-safe."""

    def __init__(self, model: Path) -> None:
        self._network = Network(model)

    def heads(self, rgb: U8) -> tuple[Box, ...]:
        """Bounds of the heads whose face is seen, in pixels of `rgb` (height, width, 3), the surest first."""
        small = fit_within(rgb, _SIDE)
        height, width = small.shape[:2]
        square = cv2.copyMakeBorder(small, 0, _SIDE - height, 0, _SIDE - width, cv2.BORDER_CONSTANT)
        found = _distinct(_decoded(self._outputs(np.asarray(square, np.uint8))))
        scale = rgb.shape[1] / width
        whole = Box(0, 0, rgb.shape[1], rgb.shape[0])
        return tuple(_head(face).scaled(scale).clipped(whole) for face, _ in found)

    def _outputs(self, square: U8) -> list[tuple[Floats, Floats, Floats]]:
        """For each grid: class scores and object scores (cells,), and boxes (cells, 4)."""
        names = [f"{kind}_{stride}" for stride in _STRIDES for kind in ("cls", "obj", "bbox")]
        flat = self._network(cast("Floats", cv2.dnn.blobFromImage(square, swapRB=True)), names)
        return [
            (flat[at].reshape(-1), flat[at + 1].reshape(-1), flat[at + 2].reshape(-1, 4))
            for at in range(0, len(names), 3)
        ]


def _decoded(outputs: Sequence[tuple[Floats, Floats, Floats]]) -> list[tuple[Box, float]]:
    """Faces and their scores: a cell gives its offset and the logarithm of its size, in cells of its grid."""
    found: list[tuple[Box, float]] = []
    for stride, (kind, object_, boxes) in zip(_STRIDES, outputs, strict=True):
        scores = np.sqrt(np.clip(kind, 0, 1) * np.clip(object_, 0, 1))
        for cell in np.flatnonzero(scores >= _SURE):
            row, column = divmod(int(cell), _SIDE // stride)
            across, down, wide, tall = (float(value) for value in boxes[cell])
            x, y = (column + across) * stride, (row + down) * stride
            half_wide, half_tall = 0.5 * stride * float(np.exp(wide)), 0.5 * stride * float(np.exp(tall))
            found.append((Box(x - half_wide, y - half_tall, x + half_wide, y + half_tall), float(scores[cell])))
    return sorted(found, key=lambda face: -face[1])


def _distinct(found: Sequence[tuple[Box, float]]) -> list[tuple[Box, float]]:
    """The surest of the finds that overlap."""
    kept: list[tuple[Box, float]] = []
    for face in found:
        if all(_shared(face[0], other) < _OVERLAP for other, _ in kept):
            kept.append(face)
    return kept


def _shared(first: Box, second: Box) -> float:
    both = first.clipped(second)
    area = max(both.width, 0.0) * max(both.height, 0.0)
    return area / (first.width * first.height + second.width * second.height - area)


def _head(face: Box) -> Box:
    return Box(
        face.left - _ASIDE * face.width,
        face.top - _HAIR * face.height,
        face.right + _ASIDE * face.width,
        face.bottom + _CHIN * face.height,
    )
