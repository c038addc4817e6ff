"""Footage made of numbers: grounds of every kind with a product in front of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from adreel.domain.films.box import Box
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.subject import Subject
from adreel.media.yuv import BT709_LIMITED, join_planes

Picture = npt.NDArray[np.uint8]

GROUNDS = ("bright", "dark", "busy", "halves", "grey")


@dataclass(frozen=True)
class MadeFootage:
    """`count` frames of a ground that drifts by a pixel a frame, with a red product where `subject` says."""

    ground: str
    size: FrameSize
    count: int
    subject: Subject | None
    seed: int = 0

    def samples(self, indexes: Sequence[int]) -> Iterator[Picture]:
        wide = self._wide()
        return (self._frame(wide, index) for index in indexes)

    def frames(self) -> Iterator[Picture]:
        return self.samples(range(self.count))

    def _frame(self, wide: Picture, index: int) -> Picture:
        rgb = np.ascontiguousarray(wide[:, index : index + self.size.width])
        if self.subject is not None and self.subject.boxes:
            box = self.subject.boxes[min(index, len(self.subject.boxes) - 1)]
            corners = [round(edge) for edge in (box.left, box.top, box.right, box.bottom)]
            rgb[corners[1] : corners[3], corners[0] : corners[2]] = (190, 40, 30)
        return i420(rgb)

    def _wide(self) -> Picture:
        shape = (self.size.height, self.size.width + self.count, 3)
        if self.ground == "busy":
            small = np.random.default_rng(self.seed).integers(0, 256, (shape[0] // 40, shape[1] // 40, 3), np.uint8)
            return np.asarray(cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), np.uint8)
        level = {"bright": 244, "dark": 14, "grey": 118, "halves": 238}[self.ground]
        rgb = np.full(shape, level, np.uint8)
        if self.ground == "halves":
            rgb[:, : shape[1] // 4] = 20
        return rgb


def i420(rgb: Picture) -> Picture:
    """An RGB picture with even sides as I420."""
    planes = cv2.transform(rgb.astype(np.float32), BT709_LIMITED)
    full = np.rint(np.asarray(planes)).clip(0, 255).astype(np.uint8)
    half = np.asarray(cv2.resize(full, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
    return join_planes(full[:, :, 0], half[:, :, 1], half[:, :, 2])


def standing(box: Box, frames: int, drift: float = 0.2) -> Subject:
    """A subject that drifts to the right by `drift` pixels a frame, its label in its middle."""
    boxes = tuple(
        Box(box.left + drift * index, box.top, box.right + drift * index, box.bottom) for index in range(frames)
    )
    return Subject(boxes, tuple(each.resized(0.4) for each in boxes))
