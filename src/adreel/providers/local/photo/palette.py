"""The product's colours: the dominant hue, lightness, and a colour for title cards derived from them. Pure.

Converts to CIELAB and back itself: OpenCV's first conversion spends a tenth of a second on tables.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from adreel.domain.films.color import Color
from adreel.providers.local.drawing.raster import fit_within, greatest_channel, quantile, stretch
from adreel.providers.local.drawing.still import U8, Floats, Still
from adreel.providers.local.photo.ground import measure_ground

_WHITE = np.array([0.95047, 1.0, 1.08883])
"""White point of illuminant D65, as in sRGB."""

_TO_XYZ = (
    np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
    / _WHITE[:, None]
)
"""Linear sRGB to CIE XYZ relative to white (IEC 61966-2-1)."""

_TO_RGB = np.linalg.inv(_TO_XYZ)
_DARK, _SLOPE = 216 / 24389, 24389 / 27
"""Threshold below which CIELAB's cube root becomes linear, and that slope (CIE 15)."""


def lab_of(rgb: Floats) -> Floats:
    """Converts (count, 3) R'G'B' 0-1 to L* 0-100, a*, b*."""
    linear = np.where(rgb > 0.04045, ((np.maximum(rgb, 0) + 0.055) / 1.055) ** 2.4, rgb / 12.92)
    xyz = linear @ _TO_XYZ.T
    roots = np.where(xyz > _DARK, np.cbrt(xyz), (_SLOPE * xyz + 16) / 116)
    x, y, z = roots[:, 0], roots[:, 1], roots[:, 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1).astype(np.float32)


def rgb_of(lab: Floats) -> Floats:
    """Converts (count, 3) L*, a*, b* to R'G'B' 0-1, clipped to the sRGB gamut."""
    y = (lab[:, 0] + 16) / 116
    roots = np.stack([y + lab[:, 1] / 500, y, y - lab[:, 2] / 200], axis=1)
    xyz = np.where(roots**3 > _DARK, roots**3, (116 * roots - 16) / _SLOPE)
    linear = np.clip(xyz @ _TO_RGB.T, 0, 1)
    return np.where(linear > 0.0031308, 1.055 * linear ** (1 / 2.4) - 0.055, 12.92 * linear).astype(np.float32)


_PIXELS = 6000
_NOTICEABLE = 14.0
"""Chroma (CIELAB) from which a colour looks coloured rather than grey."""

_GLOWING = 40.0
"""Chroma from which a yellow or orange stays bright."""

_AMBER = math.radians(75)

WHITE_TEXT = Color(255, 255, 255)
_READABLE = 5.5
"""Required contrast of white text, slightly above the 4.5 of WCAG 2.2."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Hue (radians in CIELAB) and chroma of the most salient colour; chroma 0 means a product without colour.
    `lightness` is the product's mean, 0-100."""

    hue: float
    chroma: float
    lightness: float


def lab_color(lightness: float, chroma: float, hue: float) -> Floats:
    """R'G'B' 0-255 of a CIELAB colour; lowers chroma until the colour is in the sRGB gamut."""
    for part in (1.0, 0.85, 0.7, 0.55, 0.4, 0.25, 0.1, 0.0):
        a, b = part * chroma * math.cos(hue), part * chroma * math.sin(hue)
        rgb = rgb_of(np.array([[lightness, a, b]], dtype=np.float32))
        back = lab_of(rgb)[0]
        if abs(float(back[0]) - lightness) + abs(float(back[1]) - a) + abs(float(back[2]) - b) < 2.5:
            break
    return (rgb[0] * 255).astype(np.float32)


def purest_lightness(hue: float) -> float:
    """The lightness at which a hue has its highest chroma in sRGB: light for yellow and cyan, dark for blue."""
    best, purest = 60.0, -1.0
    for lightness in range(40, 93, 4):
        rgb = lab_color(float(lightness), 80.0, hue)
        lab = lab_of(rgb[None] / 255)[0]
        chroma = math.hypot(float(lab[1]), float(lab[2]))
        if chroma > purest + 0.5:
            best, purest = float(lightness), chroma
    return best


def measure_palette(rgb: U8, mask: U8 | None) -> Palette:
    """Measures the pixels that `mask` (same size, 0-255) marks as product, or all pixels."""
    lab = _sample(rgb, mask)
    chroma = np.hypot(lab[:, 1], lab[:, 2])
    lightness = float(lab[:, 0].mean())
    # Hues are weighted by limited chroma: a large muted body outweighs a small bright label. Near black, hue is noise.
    weight = np.clip(chroma - 4, 0, 12) * np.clip(lab[:, 0] / 18, 0, 1)
    if float((chroma > _NOTICEABLE).mean()) < 0.03:
        return Palette(math.radians(265), 0.0, lightness)
    hue = _loudest_hue(np.arctan2(lab[:, 2], lab[:, 1]), weight)
    near = (np.cos(np.arctan2(lab[:, 2], lab[:, 1]) - hue) > 0.9) & (chroma > 4)
    strong = quantile(chroma[near], 0.75) if near.any() else 0.0
    return Palette(hue, max(strong, 10.0), lightness)


def _sample(rgb: U8, mask: U8 | None) -> Floats:
    """CIELAB of up to 12000 pixels, (count, 3)."""
    small = fit_within(rgb, 256)
    pixels = small.reshape(-1, 3)
    if mask is not None:
        inside = stretch(mask, small.shape[1], small.shape[0]).reshape(-1) > 200
        pixels = pixels[inside] if int(inside.sum()) > 100 else pixels
    return lab_of(pixels[:: max(1, len(pixels) // _PIXELS)].astype(np.float32) / 255)


def _loudest_hue(hues: Floats, weight: Floats) -> float:
    """Peak of the smoothed, weighted hue histogram, refined to the mean direction around it."""
    bins = 36
    index = ((hues + math.pi) / (2 * math.pi) * bins).astype(np.int64) % bins
    votes = np.bincount(index, weights=weight, minlength=bins)
    smooth = votes + 0.8 * (np.roll(votes, 1) + np.roll(votes, -1)) + 0.4 * (np.roll(votes, 2) + np.roll(votes, -2))
    peak = (int(smooth.argmax()) + 0.5) / bins * 2 * math.pi - math.pi
    near = weight * (np.cos(hues - peak) > 0.85)
    return float(np.arctan2((near * np.sin(hues)).sum(), (near * np.cos(hues)).sum()))


def brand_color(photo: Still) -> Color:
    """A colour for title cards: the product's most salient hue, darkened until white text is readable on it; yellows and oranges,
    which would turn brown, are instead bright enough for near-black text.

    On a plain ground or with transparency, only the product counts. A product without colour gives a deep slate.
    """
    palette = measure_palette(photo.rgb, _quick_mask(photo))
    chroma = min(max(palette.chroma, 28.0), 60.0) if palette.chroma else 6.0
    if chroma > _GLOWING and purest_lightness(palette.hue) >= 68 and math.cos(palette.hue - _AMBER) > 0.7:
        return _as_color(lab_color(74.0, chroma, palette.hue))
    color = Color(0, 0, 0)
    for lightness in range(46, 10, -2):
        color = _as_color(lab_color(float(lightness), chroma, palette.hue))
        if color.contrast(WHITE_TEXT) >= _READABLE:
            break
    return color


def _as_color(rgb: Floats) -> Color:
    red, green, blue = (round(float(value)) for value in rgb)
    return Color(red, green, blue)


def _quick_mask(photo: Still) -> U8 | None:
    """The product's mask without the network: by transparency, or by difference from a plain ground."""
    if photo.alpha is not None:
        return photo.alpha
    small = fit_within(photo.rgb, 256)
    ground = measure_ground(small)
    if ground.plainness < 0.8:
        return None
    empty = ground.picture(small.shape[1], small.shape[0])
    away = greatest_channel(cast("U8", cv2.absdiff(small, empty)))
    ratio = small / empty.astype(np.float32)
    shadow = (np.ptp(ratio, axis=2) < 0.12) & (ratio.min(axis=2) > 0.35)
    return stretch((((away > 24) & ~shadow) * 255).astype(np.uint8), photo.rgb.shape[1], photo.rgb.shape[0])
