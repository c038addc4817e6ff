"""Converts HDR photos (ITU-R BT.2100) to sRGB, a strip at a time. Imports NumPy, so that only HDR photos load this."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np
from PIL import Image

from adreel.media.photos.color_spaces import ColorSpace, Hdr, to_srgb_light, to_xyz

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

WHITE_NITS = 203
"""HDR reference white in cd/m² (ITU-R BT.2408), which becomes white."""
_PEAK = 1000 / WHITE_NITS
"""Brighter light becomes white, as this does: photos and films are rarely mastered beyond 1000 cd/m²."""
_KNEE = 0.8
"""Light up to this share of white stays exact; brighter values are compressed so that the peak becomes white."""
_STRIP_PIXELS = 2**18
_DEEP = 65535
_HLG_GAMMA = 1.2
"""System gamma of a display of 1000 cd/m² (ITU-R BT.2100, table 5)."""


def to_srgb(image: Image.Image, space: ColorSpace, low: Image.Image | None = None) -> Image.Image:
    """An RGB picture of the same size in sRGB. `low` holds the low bytes of a picture with 16 bits."""
    converted = Image.new("RGB", image.size)
    rows = max(1, _STRIP_PIXELS // image.width)
    for top in range(0, image.height, rows):
        box = (0, top, image.width, min(top + rows, image.height))
        light = _light(_values(image.crop(box), low and low.crop(box), space), space)
        converted.paste(Image.fromarray(_encoded(_tone_mapped(light))), (0, top))
    return converted


def _values(strip: Image.Image, low: Image.Image | None, space: ColorSpace) -> Floats:
    """The coded values, 0 to 1."""
    codes = np.asarray(strip, np.float32)
    values = codes / 255 if low is None else (codes * 256 + np.asarray(low, np.float32)) / _DEEP
    limited = values if space.full_range else ((values * 255 - 16) / 219).clip(0, 1)
    return limited.astype(np.float32, copy=False)


def _light(values: Floats, space: ColorSpace) -> Floats:
    """Linear sRGB light, white at 1; negative outside of sRGB's colours."""
    light = _pq_light(values) if space.transfer is Hdr.PQ else _hlg_light(values, space)
    return light @ np.asarray(to_srgb_light(space.primaries), np.float32).T


def _pq_light(values: Floats) -> Floats:
    """ITU-R BT.2100, table 4."""
    root = values ** np.float32(1 / 78.84375)
    ratio = np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)
    return cast("Floats", 10_000 / WHITE_NITS * ratio ** np.float32(1 / 0.1593017578125))


def _hlg_light(values: Floats, space: ColorSpace) -> Floats:
    """ITU-R BT.2100, table 5: scene light, then the display's system gamma on its luminance."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = np.where(values <= 0.5, values**2 / 3, (np.exp((values - c) / a) + b) / 12)
    luminance = scene @ np.asarray(to_xyz(space.primaries)[1], np.float32)
    gain = np.maximum(luminance, 1e-6)[..., None] ** (_HLG_GAMMA - 1)
    return (_PEAK * scene * gain).astype(np.float32, copy=False)


def _tone_mapped(light: Floats) -> Floats:
    """Compresses values above the knee, by the brightest channel, so that the hue stays."""
    brightest = light.max(axis=2, keepdims=True)
    factor = _compressed(brightest) / np.maximum(brightest, _KNEE)
    return light * np.where(brightest > _KNEE, factor, 1)


def _compressed(light: Floats) -> Floats:
    """A hyperbola through the knee, with slope 1 there, and through white at the peak (FFmpeg's "mobius")."""
    a = -(_KNEE**2) * (_PEAK - 1) / (_KNEE**2 - 2 * _KNEE + _PEAK)
    b = (_KNEE**2 - 2 * _KNEE * _PEAK + _PEAK) / (_PEAK - 1)
    factor = (b**2 + 2 * b * _KNEE + _KNEE**2) / (b - a)
    return (factor * (light + a) / (light + b)).astype(np.float32, copy=False)


def _encoded(light: Floats) -> npt.NDArray[np.uint8]:
    """IEC 61966-2-1."""
    inside = light.clip(0, 1)
    coded = np.where(inside <= 0.0031308, inside * 12.92, 1.055 * inside ** np.float32(1 / 2.4) - 0.055)
    return (coded * 255 + 0.5).astype(np.uint8)
