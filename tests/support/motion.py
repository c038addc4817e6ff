"""A moving scene of which every moment can be drawn, so that drawn in-between pictures can be held against the truth."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
from cv2.typing import MatLike

from adreel.domain.films.formats import FrameSize
from support.pictures import Picture, texture

SIZE = FrameSize(320, 180)


def scene(seconds: float, size: FrameSize = SIZE, seed: int = 1) -> Picture:
    """An I420 picture: a disc of one texture goes right and turns, over another that goes left and comes nearer."""
    height, width = size.height, size.width
    far = cv2.getRotationMatrix2D((width, height), 0, 1 + 0.05 * seconds)
    far[:, 2] -= (width * (0.5 + 0.05 * seconds), height / 2)
    near = cv2.getRotationMatrix2D((width / 2, height / 2), -8 * seconds, 1)
    near[0, 2] += width * (0.08 * seconds - 0.1)
    disc = np.zeros((height, width), np.uint8)
    cv2.circle(disc, (width // 2, height // 2), height // 4, 255, -1, cv2.LINE_AA)
    cover = _moved(disc, near, size).astype(np.float32) / 255
    front, back = texture(height, width, seed + 1), texture(2 * height, 2 * width, seed)
    luma = _moved(front, near, size) * cover + _moved(back, far, size) * (1 - cover)
    return _i420(np.rint(luma).astype(np.uint8), size)


def _moved(plane: npt.NDArray[np.uint8], by: MatLike, size: FrameSize) -> npt.NDArray[np.uint8]:
    moved = cv2.warpAffine(plane, by, (size.width, size.height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(moved, np.uint8)


def _i420(luma: npt.NDArray[np.uint8], size: FrameSize) -> Picture:
    """Chroma follows luma, so that a mistake in either shows."""
    half = np.asarray(cv2.resize(luma, (size.width // 2, size.height // 2), interpolation=cv2.INTER_AREA), np.uint8)
    picture = np.empty((size.height * 3 // 2, size.width), np.uint8)
    picture[: size.height] = luma
    u, v = picture[size.height :].reshape(2, size.height // 2, size.width // 2)
    u[:], v[:] = half, 255 - half
    return picture


def psnr(picture: Picture, truth: Picture) -> float:
    """Decibels; 99 for equal pictures."""
    error = float(np.mean(np.square(picture.astype(np.float64) - truth)))
    return 10 * np.log10(255**2 / error) if error else 99.0
