"""Converts sRGB to the planes of a film: bt709, limited range, 4:2:0, with dither against banding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from adreel.providers.local.drawing.raster import channel, halve, to_u8
from adreel.providers.local.drawing.still import U8, Floats

BLACK, WHITE, GREY, CHROMA_HIGH = 16, 235, 128, 240
"""Limits of luma, neutral chroma, upper limit of chroma; its lower one is that of luma (ITU-R BT.709, 8 bit)."""

_KR, _KB = 0.2126, 0.0722
_KG = 1 - _KR - _KB
_LUMA, _CHROMA = 219 / 255, 112 / 255
RGB_TO_YUV = np.array(
    [
        [_KR * _LUMA, _KG * _LUMA, _KB * _LUMA, BLACK],
        [-_KR / (1 - _KB) * _CHROMA, -_KG / (1 - _KB) * _CHROMA, _CHROMA, GREY],
        [_CHROMA, -_KG / (1 - _KR) * _CHROMA, -_KB / (1 - _KR) * _CHROMA, GREY],
    ],
    dtype=np.float32,
)
"""Full-range R'G'B' 0-255 to limited-range Y'CbCr (ITU-R BT.709, items 3.2 to 3.4)."""


@dataclass(frozen=True, slots=True)
class Planes:
    """A 4:2:0 picture: y of shape (height, width), u and v of half that size in each direction."""

    y: U8
    u: U8
    v: U8


def to_yuv(rgb: Floats) -> Floats:
    """Converts (height, width, 3) R'G'B' 0-255 to unrounded Y'CbCr of the same shape."""
    return cast("Floats", cv2.transform(rgb, RGB_TO_YUV))


def noise(height: int, width: int, seed: int) -> Floats:
    """Triangular dither of ±1 step, deterministic per seed, tiled every 512 pixels."""
    random = np.random.default_rng(seed)
    tile = random.random((512, 512), dtype=np.float32) - random.random((512, 512), dtype=np.float32)
    rows, columns = -(-height // 512), -(-width // 512)
    return np.tile(tile, (rows, columns))[:height, :width]


def photo_planes(rgb: U8) -> Planes:
    """Film planes of a photo with even sides."""
    yuv = cast("U8", cv2.transform(rgb, RGB_TO_YUV))
    return Planes(channel(yuv, 0), halve(channel(yuv, 1)), halve(channel(yuv, 2)))


def planes_of(rgb: Floats, dither: float = 0.0, seed: int = 0) -> Planes:
    """Film planes of an opaque picture with even sides. `dither` is the strength of the noise in luma steps."""
    yuv = to_yuv(rgb)
    height, width = yuv.shape[:2]
    luma, chroma = yuv[:, :, 0], halve(np.ascontiguousarray(yuv[:, :, 1:]))
    if dither > 0:
        grain = noise(height, width, seed)
        luma = luma + dither * grain
        chroma = chroma + np.float32(0.5) * grain[: height // 2, : width // 2, None]
    u, v = np.ascontiguousarray(chroma[:, :, 0]), np.ascontiguousarray(chroma[:, :, 1])
    return Planes(to_u8(np.ascontiguousarray(luma, dtype=np.float32)), to_u8(u), to_u8(v))


def frame_planes(frame: U8, width: int, height: int) -> Planes:
    """Views of an I420 frame of shape (height * 3 / 2, width)."""
    flat = frame.reshape(-1)
    luma, quarter = width * height, width * height // 4
    half = (height // 2, width // 2)
    u = flat[luma : luma + quarter].reshape(half)
    v = flat[luma + quarter : luma + 2 * quarter].reshape(half)
    return Planes(flat[:luma].reshape(height, width), u, v)


def legalize(planes: Planes) -> None:
    """Clips overshoot of sharp filters to the legal limits, in place."""
    np.clip(planes.y, BLACK, WHITE, out=planes.y)
    for plane in (planes.u, planes.v):
        np.clip(plane, BLACK, CHROMA_HIGH, out=plane)
