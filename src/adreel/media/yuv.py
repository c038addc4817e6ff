"""Conversion between RGB and the pixel format of all segments: I420, bt709, limited range."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from adreel.domain.films.formats import FrameSize

if TYPE_CHECKING:
    import numpy.typing as npt

    from adreel.domain.ports import YuvFrame

    Plane = npt.NDArray[np.uint8]

BT709_LIMITED = np.array(
    [
        [0.2126 * 219, 0.7152 * 219, 0.0722 * 219, 16 * 255],
        [-0.2126 / 1.8556 * 224, -0.7152 / 1.8556 * 224, 0.9278 / 1.8556 * 224, 128 * 255],
        [0.7874 / 1.5748 * 224, -0.7152 / 1.5748 * 224, -0.0722 / 1.5748 * 224, 128 * 255],
    ],
    dtype=np.float32,
) / np.float32(255)
"""Y'CbCr = matrix @ (R, G, B, 1), 8-bit values (ITU-R BT.709-6, items 3.2 to 3.4, 8-bit quantisation)."""


_DECODE = np.linalg.inv(BT709_LIMITED[:, :3].astype(np.float64))
_TO_RGB = np.hstack([_DECODE, -_DECODE @ BT709_LIMITED[:, 3:]]).astype(np.float32)


def i420_to_rgb(frame: YuvFrame, width: int | None = None) -> npt.NDArray[np.uint8]:
    """Converts a contiguous I420 frame to (height, width, 3) RGB, scaled to `width` pixels unless None."""
    size = FrameSize(frame.shape[1], frame.shape[0] * 2 // 3)
    wide = size.width if width is None else width
    target = (wide, max(1, round(size.height * wide / size.width)))
    # Scaling each plane before the conversion gives the same result for a fraction of the work.
    planes = np.dstack([_scaled(plane, target) for plane in plane_views(frame, size)]).astype(np.float32)
    return _quantise(np.asarray(cv2.transform(planes, _TO_RGB), np.float32))


def scaled(frame: YuvFrame, size: FrameSize) -> YuvFrame:
    """A contiguous I420 frame in another size, even in both directions."""
    planes = plane_views(frame, FrameSize(frame.shape[1], frame.shape[0] * 2 // 3))
    half = (size.width // 2, size.height // 2)
    targets = ((size.width, size.height), half, half)
    return join_planes(*(_scaled(plane, target) for plane, target in zip(planes, targets, strict=True)))


def _scaled(plane: Plane, target: tuple[int, int]) -> Plane:
    way = cv2.INTER_AREA if target[0] < plane.shape[1] else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(plane, target, interpolation=way), np.uint8)


def join_planes(y: Plane, u: Plane, v: Plane) -> YuvFrame:
    """One contiguous I420 array from a Y plane and two planes of half its width and height."""
    height, width = y.shape
    frame = np.empty((height * 3 // 2, width), np.uint8)
    for view, plane in zip(plane_views(frame, FrameSize(width, height)), (y, u, v), strict=True):
        view[:] = plane
    return frame


def plane_views(frame: YuvFrame, size: FrameSize) -> tuple[Plane, Plane, Plane]:
    """Writable views of Y, U and V of a contiguous I420 frame."""
    u, v = frame[size.height :].reshape(2, size.height // 2, size.width // 2)
    return frame[: size.height], u, v


def _quantise(plane: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    return np.rint(plane).clip(0, 255).astype(np.uint8)
