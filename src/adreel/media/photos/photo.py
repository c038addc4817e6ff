"""Reads photos of any common format as upright 8-bit sRGB, with bounded memory and actionable errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from adreel.media.photos.opening import MAX_PIXELS, MIN_SIDE
from adreel.media.photos.pixels import VERIFYING_SIDE, WORKING_SIDE, PhotoInfo, Pixels, read_info, read_pixels

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

__all__ = [
    "MAX_PIXELS",
    "MIN_SIDE",
    "WORKING_SIDE",
    "Photo",
    "PhotoInfo",
    "check_photo",
    "load_photo",
    "photo_of",
    "verify_photo",
]


@dataclass(frozen=True, slots=True)
class Photo:
    """A decoded photo, upright, sRGB. `rgb` is (height, width, 3), `alpha` (height, width) or None when nothing is transparent.

    `digest` is the SHA-256 of the file in hexadecimal. The longest side is at most `side` of `load_photo`. `note`: what is
    missing of the picture, "" when nothing is.
    """

    rgb: npt.NDArray[np.uint8]
    alpha: npt.NDArray[np.uint8] | None
    digest: str
    note: str = ""


def check_photo(path: Path) -> PhotoInfo:
    """Reads the header only: cheap enough to check every photo before any work. Raises PhotoError."""
    return read_info(path)


def verify_photo(path: Path) -> PhotoInfo:
    """Decodes the whole photo in this process and discards the pixels. Raises PhotoError."""
    return read_pixels(path, VERIFYING_SIDE)[0]


def load_photo(path: Path, side: int = WORKING_SIDE) -> Photo:
    """Decodes a photo in this process, longest side at most `side` pixels; the first frame of an animated file.

    Raises PhotoError, also for damage beyond the header.
    """
    info, pixels = read_pixels(path, side)
    return photo_of(pixels, info.digest, info.note)


def photo_of(pixels: Pixels, digest: str, note: str = "") -> Photo:
    """Wraps decoded pixels as arrays without copying."""
    rgb = np.frombuffer(pixels.rgb, np.uint8).reshape(pixels.height, pixels.width, 3)
    if pixels.alpha is None:
        return Photo(rgb, None, digest, note)
    return Photo(rgb, np.frombuffer(pixels.alpha, np.uint8).reshape(pixels.height, pixels.width), digest, note)
