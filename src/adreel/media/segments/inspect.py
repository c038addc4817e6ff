"""Inspects every decoded frame of a new segment once, so that a film joined from it need not be decoded again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from adreel.domain.errors import RenderError
from adreel.domain.films.formats import FPS, FrameSize
from adreel.media.segments import decode

if TYPE_CHECKING:
    import av

_STEP = 8
"""One luma sample of 64 is inspected: enough to detect black and frozen pictures, at a hundredth of the cost."""

_BLACK_LUMA = 16 + 10
_BLACK_SHARE = 0.995
"""A picture is black when 99.5 % of it is within 10 of limited-range black: a dark set with a lit product is not."""

_FROZEN_CHANGE = 0.3
"""Largest mean luma change (0–255) from the first picture of a frozen run. A still picture changes by up to 0.26 at a key frame;
the local engine's slowest and darkest moves change more within nine pictures."""

_FROZEN_RUN = FPS - 1
"""A frozen run of a second is a fault: thirty equal pictures, twenty-nine after the first."""


@dataclass(frozen=True, slots=True)
class Inspection:
    frames: int
    black: int
    frozen: int
    digest: str


class StillDetector:
    """Counts black frames and frames within frozen runs of a second or more, over consecutive luma pictures."""

    def __init__(self) -> None:
        self.frames = 0
        self.black = 0
        self.frozen = 0
        self._run = 0
        self._first: np.ndarray | None = None

    def add(self, luma: np.ndarray) -> None:
        """Counts the next picture. `luma` is subsampled and always of the same shape."""
        self.frames += 1
        copy = luma.copy()  # the caller overwrites its array
        self.black += bool(np.count_nonzero(copy <= _BLACK_LUMA) >= _BLACK_SHARE * copy.size)
        self._count_frozen(copy)

    def _count_frozen(self, luma: np.ndarray) -> None:
        same = self._first is not None and cv2.norm(luma, self._first, cv2.NORM_L1) <= _FROZEN_CHANGE * luma.size
        self._run = self._run + 1 if same else 0
        if not same:
            self._first = luma
        if self._run == _FROZEN_RUN:
            self.frozen += _FROZEN_RUN
        elif self._run > _FROZEN_RUN:
            self.frozen += 1


def inspect_segment(path: Path, size: FrameSize, frames: int) -> Inspection:
    """Decodes the whole segment. Raises RenderError unless it holds exactly `frames` undamaged pictures of `size`."""
    detector, coded = StillDetector(), decode.read_coded(path)
    for luma in decode.decode_luma(coded, path, size, _STEP):
        detector.add(luma)
    if detector.frames != frames:
        raise RenderError(f"segment {path.name} holds {detector.frames} frames instead of {frames}")
    return Inspection(detector.frames, detector.black, detector.frozen, packets_digest(coded.packets))


def packets_digest(coded: Iterable[av.Packet[Any]]) -> str:
    """SHA-256 of coded pictures or coded sound, in decoding order."""
    digest = hashlib.sha256()
    for packet in coded:
        digest.update(bytes(packet))
    return digest.hexdigest()
