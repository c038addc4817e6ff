"""Paints studio sets procedurally: wall and floor in the product's colours, light and shapes by mood."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from adreel.domain.films.box import Box
from adreel.domain.films.scene import Mood
from adreel.providers.local.drawing.raster import blur, grid, smoothstep, stretch
from adreel.providers.local.drawing.still import Floats
from adreel.providers.local.photo.palette import Palette, lab_color, purest_lightness

_WARM = math.radians(75)
_CORAL = math.radians(48)
"""Hue of lively sets for products without colour."""

_LIVELY = frozenset({Mood.ENERGETIC, Mood.PLAYFUL})

_VIOLET = math.radians(295)


@dataclass(frozen=True, slots=True)
class Set:
    """A set and its lighting. `wall`, `floor`, `glow`: R'G'B' 0-255; `shadow` and `mirror`: strength of the contact
    shadow and of the reflection, 0-1; `rim`: strength of light along the product's outline; `key`: fall-off of the
    light across it; `sweep`: strength of the moving light."""

    wall: Floats
    floor: Floats
    glow: Floats
    accent: Floats
    glow_strength: float
    shadow: float
    mirror: float
    rim: float
    key: float
    sweep: float
    dark: bool


def choose_set(mood: Mood, palette: Palette) -> Set:
    if not palette.chroma and mood in _LIVELY:
        palette = replace(palette, hue=_CORAL, chroma=40.0)
    hue = palette.hue if palette.chroma else _WARM
    colorful = min(palette.chroma, 45.0) / 45.0
    # A light product on a light set needs some difference in lightness.
    bright = max(0.0, palette.lightness - 60) / 40

    def tone(lightness: float, grey: float, color: float, turn: float = 0.0) -> Floats:
        return lab_color(lightness, grey + color * colorful, hue + turn)

    match mood:
        case Mood.LUXURY:
            return _dark(tone(6, 3, 7), tone(9, 3, 8), tone(36, 7, 20))
        case Mood.NIGHT:
            return _dark(lab_color(6, 12, _VIOLET), lab_color(8, 14, _VIOLET), tone(34, 18, 32))
        case Mood.ENERGETIC:
            level = min(max(purest_lightness(hue), 46.0), 76.0)
            return _brand(
                tone(level, 10, 60), tone(level + 3, 10, 54), tone(min(level + 18, 92), 10, 30), tone(level, 10, 40)
            )
        case Mood.PLAYFUL:
            return _brand(tone(82, 12, 26), tone(85, 10, 24), tone(92, 8, 14, -0.55), tone(74, 10, 36, 2.6))
        case Mood.CALM:
            return _light(tone(87 - 7 * bright, 7, 8), tone(92 - 6 * bright, 5, 6), lab_color(97, 5, _WARM))
        case _:
            return _light(tone(87 - 8 * bright, 4, 9), tone(92 - 6 * bright, 3, 6), tone(97.5, 2, 3))


def _light(wall: Floats, floor: Floats, glow: Floats) -> Set:
    return Set(wall, floor, glow, glow, 0.85, shadow=0.55, mirror=0.10, rim=0.0, key=0.05, sweep=0.20, dark=False)


def _brand(wall: Floats, floor: Floats, glow: Floats, accent: Floats) -> Set:
    return Set(wall, floor, glow, accent, 0.9, shadow=0.6, mirror=0.16, rim=0.10, key=0.08, sweep=0.28, dark=False)


def _dark(wall: Floats, floor: Floats, glow: Floats) -> Set:
    return Set(wall, floor, glow, glow, 0.95, shadow=0.8, mirror=0.36, rim=0.70, key=0.20, sweep=0.42, dark=True)


def paint_set(
    style: Set, mood: Mood, area: Box, product: Box, short: float, seed: int, *, shapes: bool = True
) -> Floats:
    """The empty set over `area` (composed-frame pixels, sides multiples of 4), gathered around `product`.

    Without `shapes` a neutral set has no edges behind the product.
    At half that size: (height / 2, width / 2, 3), R'G'B' 0-255.
    """
    canvas = _Canvas.of(area, product, short, seed, 2)
    # Wall, floor and lamps are soft: they are painted at half that size again.
    room = _room(style, _Canvas.of(area, product, short, seed, 4)).astype(np.float32)
    picture = stretch(room, canvas.x.shape[1], canvas.x.shape[0])
    match mood:
        case Mood.CALM:
            picture = _window_light(picture, canvas)
        case Mood.ENERGETIC | Mood.PLAYFUL:
            picture = _color_blocks(picture, style, canvas, playful=mood is Mood.PLAYFUL)
        case Mood.NIGHT:
            picture = _neon(picture, style, canvas)
        case Mood.NEUTRAL if shapes:
            picture = _arch(picture, style, canvas)
        case _:
            pass
    vignette = 1 - (0.35 if style.dark else 0.12) * smoothstep(0.5, 1.5, canvas.away(0.5, 0.5, 1.0, 1.0))
    return np.clip(picture * vignette[:, :, None], 0, 255).astype(np.float32)


@dataclass(frozen=True, slots=True)
class _Canvas:
    """Every second or fourth pixel of a set: `x`, `y` in composed-frame pixels; `unit` is the frame's shorter side."""

    x: Floats
    y: Floats
    area: Box
    product: Box
    unit: float
    side: int

    @classmethod
    def of(cls, area: Box, product: Box, short: float, seed: int, step: int) -> _Canvas:
        columns, rows = grid(int(area.width) // step, int(area.height) // step)
        middle = (step - 1) / 2
        x, y = np.broadcast_arrays(
            step * columns + np.float32(area.left + middle), step * rows + np.float32(area.top + middle)
        )
        side = 1 if np.random.default_rng(seed).random() < 0.5 else -1
        return cls(x.astype(np.float32), y.astype(np.float32), area, product, short, side)

    def away(self, x: float, y: float, width: float, height: float) -> Floats:
        """Elliptic distance from a point, in half-sizes; both are fractions of the area."""
        across = (self.x - self.area.left - x * self.area.width) / (0.5 * width * self.area.width)
        down = (self.y - self.area.top - y * self.area.height) / (0.5 * height * self.area.height)
        return np.sqrt(across * across + down * down)

    def glow(self, x: float, y: float, width: float, height: float) -> Floats:
        """A soft spot, 1 in the middle; position and spread in composed-frame pixels."""
        return np.exp(-0.5 * (((self.x - x) / width) ** 2 + ((self.y - y) / height) ** 2)).astype(np.float32)


def _mix(first: Floats, second: Floats, part: Floats) -> Floats:
    mixed = np.multiply(second - first, part[:, :, None], dtype=np.float32)
    mixed += first
    return mixed


def _room(style: Set, canvas: _Canvas) -> Floats:
    """Wall and floor meeting in a soft curve behind the product, a pool of light on both."""
    product, unit = canvas.product, canvas.unit
    seam = product.bottom - 0.06 * unit
    floor = smoothstep(-0.10 * unit, 0.10 * unit, canvas.y - np.float32(seam))
    picture = _mix(np.broadcast_to(style.wall, (*canvas.x.shape, 3)), style.floor[None, None], floor)
    x, y = product.center
    spread = max(0.30 * unit, 0.55 * max(product.width, product.height))
    lamp = canvas.glow(x - 0.08 * unit * canvas.side, y - 0.12 * unit, 1.25 * spread, spread) * (1 - floor)
    picture = _mix(picture, style.glow[None, None], style.glow_strength * (0.75 if style.dark else 0.8) * lamp)
    pool = canvas.glow(x, product.bottom + 0.01 * unit, 0.62 * product.width + 0.22 * unit, 0.10 * unit) * floor
    return _mix(picture, style.glow[None, None], (0.38 if style.dark else 0.5) * pool)


def _arch(picture: Floats, style: Set, canvas: _Canvas) -> Floats:
    """A round-headed niche in the wall behind a product with room around it, a shade darker, one edge in soft shadow."""
    product, unit = canvas.product, canvas.unit
    x, _ = product.center
    radius = max(0.70 * product.width, 0.42 * product.height, 0.22 * unit)
    if radius > 0.50 * unit:
        # Close up it would be two hard lines beside the product.
        return picture
    top = product.top - 0.16 * unit + radius
    seam = product.bottom - 0.06 * unit

    def niche(shift: float, soft: float) -> Floats:
        across, down = canvas.x - np.float32(x + shift), np.minimum(canvas.y - np.float32(top), 0)
        inside = 1 - smoothstep(radius - soft, radius + soft, np.hypot(across, down))
        return inside * (1 - smoothstep(seam - 0.03 * unit, seam + 0.03 * unit, canvas.y))

    recess = niche(0, 0.003 * unit)
    shade = recess * (1 - niche(0.04 * unit * canvas.side, 0.07 * unit))
    panel = _mix(picture, 0.91 * style.wall[None, None], 0.95 * recess)
    return panel * (1 - 0.09 * shade)[:, :, None]


def _window_light(picture: Floats, canvas: _Canvas) -> Floats:
    """Sunlight through a window with two bars, slanted on the wall, with soft edges."""
    unit, (x, y) = canvas.unit, canvas.product.center
    slant = (canvas.x - x) * canvas.side + 0.45 * (canvas.y - y)
    u, v = slant / unit, (canvas.y - y - 0.12 * (canvas.x - x) * canvas.side) / unit
    pane = smoothstep(-0.62, -0.56, u) * (1 - smoothstep(0.30, 0.36, u))
    pane *= smoothstep(-0.66, -0.62, v) * (1 - smoothstep(0.52, 0.60, v))
    bars = (1 - smoothstep(0.012, 0.035, np.abs(u + 0.13))) + (1 - smoothstep(0.012, 0.035, np.abs(v + 0.12)))
    light = blur(np.clip(pane - np.clip(bars, 0, 1), 0, 1).astype(np.float32), 0.006 * unit)
    sun = np.array([1.07, 1.045, 0.99], dtype=np.float32)
    shade = np.array([0.915, 0.915, 0.925], dtype=np.float32)
    return picture * _mix(shade[None, None], sun[None, None], light)


def _color_blocks(picture: Floats, style: Set, canvas: _Canvas, *, playful: bool) -> Floats:
    """A large disc behind the product; playful sets have a second, smaller one that half overlaps it."""
    product, unit = canvas.product, canvas.unit
    x, y = product.center
    radius = min(max(0.36 * unit, 0.56 * max(product.height, 0.8 * product.width)), 0.62 * unit)
    picture = _disc(picture, style.glow, canvas, (x, y - 0.05 * unit), radius)
    if playful:
        small = 0.30 * radius
        aside = x - canvas.side * 1.02 * radius
        aside = min(max(aside, canvas.area.left + 1.5 * small), canvas.area.right - 1.5 * small)
        picture = _disc(picture, style.accent, canvas, (aside, y - 0.74 * radius), small)
    return picture


def _disc(picture: Floats, color: Floats, canvas: _Canvas, center: tuple[float, float], radius: float) -> Floats:
    distance = np.hypot(canvas.x - center[0], canvas.y - center[1])
    return _mix(picture, color[None, None], (1 - smoothstep(radius - 2.5, radius + 2.5, distance)) * np.float32(0.92))


def _neon(picture: Floats, style: Set, canvas: _Canvas) -> Floats:
    """Two coloured lamps out of frame left and right, added as light."""
    unit, (x, y) = canvas.unit, canvas.product.center
    left = canvas.glow(x - 0.85 * unit * canvas.side, y - 0.25 * unit, 0.42 * unit, 0.62 * unit)[:, :, None]
    right = canvas.glow(x + 0.85 * unit * canvas.side, y + 0.05 * unit, 0.36 * unit, 0.55 * unit)[:, :, None]
    violet = lab_color(38, 58, _VIOLET + 0.25)
    return picture + 0.6 * left * style.glow + 0.55 * right * violet


def toned_down(style: Set) -> Set:
    """The set with less shadow and no reflection, for a photo with its own shadow."""
    return replace(style, shadow=0.35 * style.shadow, mirror=0.0)
