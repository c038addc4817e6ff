"""Light on the product: the set's key light and rim light, and a soft band of light that sweeps over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np

from adreel.domain.films.box import Box
from adreel.providers.local.drawing.areas import region, visible_area
from adreel.providers.local.drawing.geometry import Matrix
from adreel.providers.local.drawing.quads import QuadSource, lay_pairs, pairs
from adreel.providers.local.drawing.raster import blur, grid, stretch, to_u8
from adreel.providers.local.drawing.still import U8, Floats
from adreel.providers.local.drawing.yuv import BLACK, WHITE
from adreel.providers.local.photo.matte import mask_box
from adreel.providers.local.shot.sets import Set

_WIDTH = 0.09
"""Standard deviation of the band, as a fraction of its path."""

_UNSEEN = 4
"""Strength of moving light (0-255) below which it adds nothing."""


def lit(color: U8, alpha: Floats, surrounds: Floats, style: Set, side: int, *, tinted: bool) -> U8:
    """The product's colours (height, width, 3) as lit in a set: light from `side`, some of the set's colour, a bright rim.

    `surrounds` is the mean colour of the set around it. `tinted`: the set replaces the photo's light ground and tints the
    product slightly.
    """
    part = 0.5 if tinted and not style.dark else 0.10
    bounce = 1 - part + part * surrounds / max(float(surrounds.max()), 1.0)
    key = 255 * _key_light(alpha, style, side)
    gains = cv2.merge([to_u8(key * np.float32(strength)) for strength in bounce])
    shaded = cv2.multiply(color, gains, scale=1 / 255)
    if style.rim > 0:
        tone = 255 * (0.55 + 0.45 * style.glow / max(float(style.glow.max()), 1.0))
        rim = to_u8(255 * style.rim * _rim(alpha, side))
        missing = cv2.subtract(np.append(tone, 0.0), shaded)
        cv2.add(shaded, cv2.multiply(missing, cv2.merge([rim] * 3), scale=1 / 255), dst=shaded)
    return cast("U8", shaded)


def _key_light(alpha: Floats, style: Set, side: int) -> Floats:
    """1 on the lit side, falling off across the product and a little downward."""
    box = mask_box(alpha > 0.5)
    if box is None:
        return np.ones_like(alpha)
    columns, rows = grid(alpha.shape[1], alpha.shape[0])
    across = np.clip(0.5 - side * (columns - box.center[0]) / max(box.width, 1.0), 0, 1)
    down = np.clip((rows - box.top) / max(box.height, 1.0), 0, 1)
    return ((1 - style.key * across**1.3) * (1 - 0.5 * style.key * down)).astype(np.float32)


def _rim(alpha: Floats, side: int) -> Floats:
    """Rim light along the inside of the outline: strong opposite the key light and on top, none below."""
    height, width = alpha.shape
    tall = float(np.count_nonzero((alpha > 0.5).any(axis=1)))
    outside = cast("U8", cv2.convertScaleAbs(blur(alpha, max(1.2, 0.009 * tall)), alpha=-255, beta=255))
    edge = cast("Floats", cv2.multiply(alpha, cast("Floats", cv2.LUT(outside, _NEAR_EDGE))))
    # The outline's direction varies slowly: a quarter of the size is enough.
    small = cast("Floats", cv2.resize(alpha, (max(1, width // 4), max(1, height // 4)), interpolation=cv2.INTER_AREA))
    wide = blur(small, max(0.5, 0.0075 * tall))
    across = cast("Floats", cv2.Sobel(wide, cv2.CV_32F, 1, 0, ksize=3))
    down = cast("Floats", cv2.Sobel(wide, cv2.CV_32F, 0, 1, ksize=3))
    length = np.sqrt(across * across + down * down) + 4e-4
    toward = np.clip(side * across / length, 0, 1) + 0.45 * np.clip(-side * across / length, 0, 1)
    facing = np.clip(toward + 0.5 * np.clip(down / length, 0, 1), 0, 1).astype(np.float32)
    return cast("Floats", cv2.multiply(edge, stretch(facing, width, height)))


_NEAR_EDGE = (np.clip(2 * np.arange(256) / 255, 0, 1) ** 1.6).astype(np.float32)
"""Degree to which a pixel counts as edge, by the share of its surroundings that is outside (0-255)."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """`path` and `gains`, at half a layer's size, (height, width): a pixel's position on the band's path (0-255), and the half
    luma steps that it can gain (0-255); `maps`: both in pairs. `start` and `end` of the path over the clip, 0-255.
    `low` and `high` (width): the range of `path` in a column among pixels that can gain."""

    path: U8
    gains: U8
    maps: QuadSource
    start: float
    end: float
    low: U8
    high: U8

    def table(self, progress: float) -> U8:
        """Strength of the light, 0-255, at each of the 256 positions on the path."""
        center = self.start + (self.end - self.start) * progress
        place = np.arange(256, dtype=np.float32) / 255
        return (255 * np.exp(-0.5 * ((place - center) / _WIDTH) ** 2) + 0.5).astype(np.uint8)

    def band(self, table: U8) -> Box | None:
        """The bounds, in the layer's pixels, of visible light of `table`, or None."""
        lit_ways = np.flatnonzero(table >= _UNSEEN)
        if lit_ways.size == 0:
            return None
        columns = np.flatnonzero((self.high >= lit_ways[0]) & (self.low <= lit_ways[-1]))
        return Box(columns[0], 0, columns[-1] + 1, len(self.path)).scaled(2) if columns.size else None


def make_sweep(luma: U8, alpha: Floats, strength: float, seed: int) -> Sweep:
    """The sweep for a layer's luma (0-219 above black) and opacity (0-1), both at half its size. Blends white in screen mode, so
    that labels stay legible."""
    random = np.random.default_rng(seed + 17)
    side = 1 if random.random() < 0.5 else -1
    height, width = alpha.shape
    columns, rows = grid(width, height)
    covered = np.flatnonzero((alpha > 0.5).any(axis=0)), np.flatnonzero((alpha > 0.5).any(axis=1))
    left, right = (float(covered[0][0]), float(covered[0][-1])) if covered[0].size else (0.0, float(width))
    top, bottom = (float(covered[1][0]), float(covered[1][-1])) if covered[1].size else (0.0, float(height))
    tall, wide = max(bottom - top, 1.0), max(right - left, 1.0)
    position = side * (columns - (left + right) / 2) / wide + 0.35 * (rows - (top + bottom) / 2) / max(tall, wide)
    position = 0.5 + 0.62 * position + 0.10 * side * _slope(alpha, 0.10 * min(tall, wide))
    gain = strength * alpha * np.asarray(cv2.LUT(luma, _GAIN))
    start, end = -0.25 - 0.3 * float(random.random()), 1.25 + 0.3 * float(random.random())
    path, gains = to_u8(255 * position), to_u8(2 * gain)
    gaining = gains > 0
    low, high = np.where(gaining, path, 255).min(axis=0), np.where(gaining, path, 0).max(axis=0)
    return Sweep(path, gains, pairs(path, gains, 2, 1.0, 0), start, end, low, high)


_SPAN = WHITE - BLACK
_LEVELS = np.clip(np.arange(256) / _SPAN, 0, 1)
_GAIN = ((0.10 + 0.90 * _LEVELS**1.2) * _SPAN * (1 - _LEVELS)).astype(np.float32)
"""Luma steps that white light adds, by luma above black: most where the surface already shines."""


def _slope(alpha: Floats, sigma: float) -> Floats:
    """Horizontal component of the surface normal when the outline is inflated like a balloon, -1 to 1."""
    height = np.sqrt(np.clip(blur(alpha, sigma), 0, 1))
    slope = cast("Floats", cv2.Sobel(height, cv2.CV_32F, 1, 0, ksize=3)) / 8 * sigma * 4
    return np.clip(-slope, -1, 1) * alpha


def shine(luma: U8, sweep: Sweep, table: U8, mapping: Matrix) -> None:
    """Adds the light of `table` to a frame's `luma`, in place. `mapping` maps the layer's pixels to pairs of chroma's size."""
    band = sweep.band(table)
    height, width = luma.shape[0] // 2, -(-luma.shape[1] // 4)
    area = visible_area(mapping, band, np.broadcast_to(np.uint8(0), (height, width))) if band is not None else None
    if area is None:
        return
    found = region(sweep.maps.groups, mapping @ sweep.maps.place, area, (0, 0, 0, 0))
    places, gains = (np.empty((found.shape[0], 2 * found.shape[1]), np.uint8) for _ in range(2))
    lay_pairs(found, places, gains)
    light = cv2.multiply(cast("U8", cv2.LUT(places, table)), gains, scale=1 / 510)
    rows, columns = area
    below = luma[2 * rows.start : 2 * rows.stop, 4 * columns.start : 4 * columns.stop]
    full = cv2.resize(light, (2 * light.shape[1], 2 * light.shape[0]), interpolation=cv2.INTER_LINEAR)
    cv2.add(below, full[:, : below.shape[1]], dst=below)
