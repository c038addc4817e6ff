"""Studio sets painted by rule: wall and floor in the product's colours, light and shapes by mood."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from adreel.domain.scene import Mood
from adreel.providers.local.geometry import Box
from adreel.providers.local.palette import Palette, lab_color
from adreel.providers.local.raster import blur, grid, smoothstep, stretch
from adreel.providers.local.still import Floats

_WARM = math.radians(75)
_VIOLET = math.radians(295)


@dataclass(frozen=True, slots=True)
class Set:
    """A set and how things look in it. `wall`, `floor`, `glow`: R'G'B' 0-255; `shadow` and `mirror`: strength of the contact shadow
    and of the reflection, 0-1; `rim`: strength of light along the product's outline; `key`: fall-off of the light across it;
    `sweep`: strength of the moving light."""

    wall: Floats
    floor: Floats
    glow: Floats
    glow_strength: float
    shadow: float
    mirror: float
    rim: float
    key: float
    sweep: float
    dark: bool


def choose_set(mood: Mood, palette: Palette) -> Set:
    hue = palette.hue if palette.chroma else _WARM
    colorful = min(palette.chroma, 45.0) / 45.0
    # A light product on a light set, or a middling one on a coloured set, needs distance in lightness.
    bright = max(0.0, palette.lightness - 60) / 40
    match mood:
        case Mood.LUXURY:
            return _dark(
                lab_color(9, 4 + 8 * colorful, hue),
                lab_color(13, 4 + 9 * colorful, hue),
                lab_color(44, 8 + 22 * colorful, hue),
            )
        case Mood.NIGHT:
            glow = lab_color(46, 20 + 34 * colorful, hue)
            return _dark(lab_color(7, 12, _VIOLET), lab_color(9, 14, _VIOLET), glow)
        case Mood.ENERGETIC:
            tone = _apart(64.0, palette.lightness)
            return _brand(
                lab_color(tone, 16 + 50 * colorful, hue),
                lab_color(tone + 4, 14 + 46 * colorful, hue),
                lab_color(tone + 17, 12 + 34 * colorful, hue),
            )
        case Mood.PLAYFUL:
            tone = _apart(80.0, palette.lightness)
            return _brand(
                lab_color(tone, 14 + 26 * colorful, hue),
                lab_color(tone + 3, 12 + 24 * colorful, hue),
                lab_color(tone + 9, 14 + 26 * colorful, hue + 0.7),
            )
        case Mood.CALM:
            return _light(
                lab_color(85 - 7 * bright, 7 + 8 * colorful, hue),
                lab_color(90 - 6 * bright, 5 + 6 * colorful, hue),
                lab_color(97, 5, _WARM),
            )
        case _:
            return _light(
                lab_color(84 - 8 * bright, 4 + 9 * colorful, hue),
                lab_color(90 - 6 * bright, 3 + 6 * colorful, hue),
                lab_color(97, 2 + 3 * colorful, hue),
            )


def _apart(tone: float, product: float) -> float:
    if abs(tone - product) >= 16:
        return tone
    return product + 20 if product < 66 else product - 24


def _light(wall: Floats, floor: Floats, glow: Floats) -> Set:
    return Set(wall, floor, glow, 0.85, shadow=0.55, mirror=0.10, rim=0.0, key=0.06, sweep=0.20, dark=False)


def _brand(wall: Floats, floor: Floats, glow: Floats) -> Set:
    return Set(wall, floor, glow, 0.9, shadow=0.6, mirror=0.14, rim=0.10, key=0.10, sweep=0.28, dark=False)


def _dark(wall: Floats, floor: Floats, glow: Floats) -> Set:
    return Set(wall, floor, glow, 0.9, shadow=0.8, mirror=0.34, rim=0.55, key=0.30, sweep=0.42, dark=True)


def paint_set(style: Set, mood: Mood, area: Box, product: Box, short: float, seed: int) -> Floats:
    """The empty set over `area` (composed-frame pixels, even sides), (height, width, 3). Light and shapes gather around `product`."""
    canvas = _Canvas.of(area, product, short, seed)
    picture = _room(style, canvas)
    match mood:
        case Mood.CALM:
            picture = _window_light(picture, canvas)
        case Mood.ENERGETIC | Mood.PLAYFUL:
            picture = _color_blocks(picture, style, canvas, playful=mood is Mood.PLAYFUL)
        case Mood.NIGHT:
            picture = _neon(picture, style, canvas)
        case _:
            pass
    vignette = 1 - (0.35 if style.dark else 0.12) * smoothstep(0.5, 1.5, canvas.away(0.5, 0.5, 1.0, 1.0))
    picture = np.clip(picture * vignette[:, :, None], 0, 255).astype(np.float32)
    return stretch(picture, int(area.width), int(area.height))


@dataclass(frozen=True, slots=True)
class _Canvas:
    """Half-resolution coordinates of a set: `x`, `y` in composed-frame pixels; `unit` is the frame's shorter side."""

    x: Floats
    y: Floats
    area: Box
    product: Box
    unit: float
    side: int

    @classmethod
    def of(cls, area: Box, product: Box, short: float, seed: int) -> _Canvas:
        columns, rows = grid(int(area.width) // 2, int(area.height) // 2)
        x, y = np.broadcast_arrays(2 * columns + np.float32(area.left), 2 * rows + np.float32(area.top))
        side = 1 if np.random.default_rng(seed).random() < 0.5 else -1
        return cls(x.astype(np.float32), y.astype(np.float32), area, product, short, side)

    def away(self, x: float, y: float, width: float, height: float) -> Floats:
        """Elliptic distance from a point given in parts of the area, in half-sizes also given so."""
        across = (self.x - self.area.left - x * self.area.width) / (0.5 * width * self.area.width)
        down = (self.y - self.area.top - y * self.area.height) / (0.5 * height * self.area.height)
        return np.sqrt(across * across + down * down)

    def glow(self, x: float, y: float, width: float, height: float) -> Floats:
        """A soft spot, 1 in the middle; position and spread in composed-frame pixels."""
        return np.exp(-0.5 * (((self.x - x) / width) ** 2 + ((self.y - y) / height) ** 2)).astype(np.float32)


def _mix(first: Floats, second: Floats, part: Floats) -> Floats:
    weight = part[:, :, None]
    return first * (1 - weight) + second * weight


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


def _window_light(picture: Floats, canvas: _Canvas) -> Floats:
    """Sun through a window with two bars, thrown slantwise on the wall, edges soft with distance."""
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
    """A large disc behind the product; playful sets get a second, smaller one half out of it."""
    product, unit = canvas.product, canvas.unit
    x, y = product.center
    radius = min(max(0.36 * unit, 0.56 * max(product.height, 0.8 * product.width)), 0.62 * unit)
    picture = _disc(picture, style.glow, canvas, (x, y - 0.05 * unit), radius)
    if playful:
        picture = _disc(
            picture, style.wall * 0.86, canvas, (x - canvas.side * 1.02 * radius, y - 0.75 * radius), 0.34 * radius
        )
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
    """For a photo that brings its own shadow."""
    return replace(style, shadow=0.35 * style.shadow, mirror=0.0)
