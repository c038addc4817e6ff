"""Small pictures of photos, and of films and segments of ours, for lists and posters."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from adreel.domain.errors import RenderError
from adreel.media import decode
from adreel.media.photos import load_photo
from adreel.media.yuv import i420_to_rgb

if TYPE_CHECKING:
    import numpy.typing as npt

SIDE = 480
"""Longest side, pixels."""

CONTENT_TYPE = "image/webp"

_GROUND = 236
"""Grey under transparent pictures: white and dark products are both seen on it."""

_QUALITY = 82


def of_photo(path: Path) -> bytes:
    """A photo, upright, in WebP, at most `SIDE` long; what is transparent stands on light grey. Raises PhotoError."""
    photo = load_photo(path, SIDE)
    if photo.alpha is None:
        return _encoded(photo.rgb)
    return _encoded(_grounded(photo.rgb, photo.alpha))


def of_film(path: Path) -> bytes:
    """The picture in the middle of a film or segment of ours, in WebP, at most `SIDE` long. Raises RenderError."""
    middle = _frames(path) // 2
    frame = next(decode.decode_frames(path, middle, middle + 1), None)
    if frame is None:
        raise RenderError(f"{path} has no picture in its middle")
    width, height = frame.shape[1], frame.shape[0] * 2 // 3
    return _encoded(i420_to_rgb(frame, round(width * min(1.0, SIDE / max(width, height)))))


def _encoded(rgb: npt.NDArray[np.uint8]) -> bytes:
    file = BytesIO()
    Image.fromarray(rgb).save(file, "WEBP", quality=_QUALITY)
    return file.getvalue()


def _grounded(rgb: npt.NDArray[np.uint8], alpha: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    share = alpha[:, :, None].astype(np.float32) / 255
    return np.rint(rgb * share + _GROUND * (1 - share)).astype(np.uint8)


def _frames(path: Path) -> int:
    with decode.open_mp4(path, packets_only=True) as container:
        if not container.streams.video:
            raise RenderError(f"{path} has no picture")
        return container.streams.video[0].frames
