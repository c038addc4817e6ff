"""Makes small but real films and pictures, so plain that a test can say where each came from.

The upper half of a picture has the mean colour of the image that was given, the lower half a colour of the seed; a white
square wanders across, so that no two frames are the same.
"""

from __future__ import annotations

import colorsys
import hashlib
import io
from functools import lru_cache
from typing import TYPE_CHECKING

import av
import numpy as np
from PIL import Image

if TYPE_CHECKING:
    import numpy.typing as npt

    Picture = npt.NDArray[np.uint8]

Colour = tuple[int, int, int]
"""Red, green, blue, 0–255."""

_SQUARE = 24


def seed_colour(seed: int | None) -> Colour:
    """The colour of a seed: one of many hues, never near white or black."""
    hue = int.from_bytes(hashlib.sha256(str(seed).encode()).digest()[:2]) / 65536
    red, green, blue = colorsys.hls_to_rgb(hue, 0.45, 0.7)
    return round(red * 255), round(green * 255), round(blue * 255)


def image_colour(content: bytes) -> tuple[Colour, tuple[int, int]]:
    """The mean colour of a picture, and its width and height. Raises OSError when it is not a picture."""
    with Image.open(io.BytesIO(content)) as image:
        small = np.asarray(image.convert("RGB").resize((16, 16)), np.float64)
        red, green, blue = small.reshape(-1, 3).mean(axis=0)
        return (round(red), round(green), round(blue)), image.size


def text_colour(text: str) -> Colour:
    """A colour for an image that is known by its address only."""
    return seed_colour(int.from_bytes(hashlib.sha256(text.encode()).digest()[:4]))


def fitted(width: int, height: int, longest: int = 320) -> tuple[int, int]:
    """The size brought down to at most `longest` pixels, both sides even."""
    scale = longest / max(width, height)
    return max(48, round(width * scale / 2) * 2), max(48, round(height * scale / 2) * 2)


@lru_cache(maxsize=64)
def film(top: Colour, bottom: Colour, size: tuple[int, int], frames: int, rate: int, *, moves: bool = True) -> bytes:
    """An MP4 file (H.264) of exactly `frames` pictures at `rate` per second, all the same unless it `moves`."""
    width, height = size
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=rate, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for index in range(frames):
            picture = _halves(top, bottom, width, height)
            left = (width - _SQUARE) * index // max(1, frames - 1)
            middle = height // 2
            if moves:
                picture[middle - _SQUARE // 2 : middle + _SQUARE // 2, left : left + _SQUARE] = 250
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return target.getvalue()


@lru_cache(maxsize=32)
def picture(top: Colour, bottom: Colour, size: tuple[int, int], kind: str) -> bytes:
    """A still of the same halves; `kind` is png, jpg or webp."""
    target = io.BytesIO()
    halves = Image.fromarray(_halves(top, bottom, *size))
    halves.save(target, {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}[kind])
    return target.getvalue()


def _halves(top: Colour, bottom: Colour, width: int, height: int) -> Picture:
    halves = np.empty((height, width, 3), np.uint8)
    halves[: height // 2] = top
    halves[height // 2 :] = bottom
    return halves
