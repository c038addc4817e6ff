"""Draws the subjects of the set: products and people with a known outline.

Each function returns R'G'B' (side, side, 3) and opacity (side, side), both 0-255; `rng` varies colours and proportions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

U8 = npt.NDArray[np.uint8]
Subject = Callable[[np.random.Generator, int], tuple[U8, U8]]
Color = tuple[int, int, int]

_FINE = 2
"""Everything is drawn at twice the size and shrunk: soft edges as a lens gives them."""


class _Sketch:
    """A drawing with opacity. Coordinates are fractions of the side."""

    def __init__(self, side: int) -> None:
        self._side = side
        self._size = side * _FINE
        self.color = np.zeros((self._size, self._size, 3), np.uint8)
        self.alpha = np.zeros((self._size, self._size), np.uint8)

    def polygon(self, points: Sequence[tuple[float, float]], color: Color) -> None:
        corners = [np.array([(self._at(x), self._at(y)) for x, y in points], np.int32)]
        cv2.fillPoly(self.color, corners, color, cv2.LINE_AA)
        cv2.fillPoly(self.alpha, corners, 255)

    def box(self, left: float, top: float, right: float, bottom: float, color: Color) -> None:
        self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], color)

    def oval(self, x: float, y: float, wide: float, tall: float, color: Color) -> None:
        for plane, value in ((self.color, color), (self.alpha, 255)):
            cv2.ellipse(
                plane, (self._at(x), self._at(y)), (self._at(wide), self._at(tall)), 0, 0, 360, cast("Color", value), -1
            )

    def line(self, points: Sequence[tuple[float, float]], width: float, color: Color) -> None:
        path = [np.array([(self._at(x), self._at(y)) for x, y in points], np.int32)]
        thick = max(1, self._at(width))
        cv2.polylines(self.color, path, False, color, thick, cv2.LINE_AA)
        cv2.polylines(self.alpha, path, False, 255, thick)

    def ring(self, x: float, y: float, wide: float, tall: float, width: float, color: Color) -> None:
        angles = np.linspace(0, 2 * np.pi, 73)
        self.line([(x + wide * np.cos(a), y + tall * np.sin(a)) for a in angles], width, color)

    def erase(self, x: float, y: float, wide: float, tall: float) -> None:
        cv2.ellipse(self.alpha, (self._at(x), self._at(y)), (self._at(wide), self._at(tall)), 0, 0, 360, 0, -1)

    def shrunk(self, *, lit: bool = True) -> tuple[U8, U8]:
        color = _shaded(self.color, self.alpha) if lit else self.color
        size = (self._side, self._side)
        small = cv2.resize(_spread(color, self.alpha), size, interpolation=cv2.INTER_AREA)
        return cast("U8", small), cast("U8", cv2.resize(self.alpha, size, interpolation=cv2.INTER_AREA))

    def _at(self, part: float) -> int:
        return round(part * self._size)


def _shaded(color: U8, alpha: U8) -> U8:
    """Light from the left that falls off across the subject, as on something round."""
    left, _, width, _ = cv2.boundingRect(alpha)
    across = (np.arange(color.shape[1]) - left) / max(width, 1)
    light = 0.62 + 0.48 * np.sin(np.pi * np.clip(0.18 + 0.72 * across, 0, 1))
    return np.clip(color * light[None, :, None], 0, 255).astype(np.uint8)


def _spread(color: U8, alpha: U8) -> U8:
    """Continues the subject's colours outward, so that its soft edge is not dark."""
    inside = (alpha > 0).astype(np.float32)
    near = cv2.blur(color.astype(np.float32) * inside[:, :, None], (9, 9))
    total = np.asarray(cv2.blur(inside, (9, 9)))[:, :, None]
    return np.where(alpha[:, :, None] > 0, color, near / np.maximum(total, 1e-3)).astype(np.uint8)


def _vivid(rng: np.random.Generator) -> Color:
    hue, value = int(rng.integers(0, 180)), int(rng.integers(90, 210))
    color = cv2.cvtColor(np.array([[[hue, 190, value]]], np.uint8), cv2.COLOR_HSV2RGB)[0, 0]
    return int(color[0]), int(color[1]), int(color[2])


_WHITE, _DARK, _LABEL = (246, 245, 243), (32, 31, 34), (236, 228, 214)


def bottle(rng: np.random.Generator, side: int) -> tuple[U8, U8]:
    art, half = _Sketch(side), 0.13 + 0.05 * rng.random()
    art.box(0.5 - 0.3 * half, 0.10, 0.5 + 0.3 * half, 0.30, _DARK)
    art.polygon([(0.5 - 0.3 * half, 0.26), (0.5 + 0.3 * half, 0.26), (0.5 + half, 0.42), (0.5 + half, 0.92),
                 (0.5 - half, 0.92), (0.5 - half, 0.42)], _vivid(rng))  # fmt: skip
    art.box(0.5 - 0.85 * half, 0.52, 0.5 + 0.85 * half, 0.78, _LABEL)
    art.line([(0.5 - 0.6 * half, 0.62), (0.5 + 0.6 * half, 0.62)], 0.012, _DARK)
    return art.shrunk()


def carton(rng: np.random.Generator, side: int) -> tuple[U8, U8]:
    art, color = _Sketch(side), _vivid(rng)
    front, flank = tuple(min(255, value + 30) for value in color), tuple(value * 2 // 3 for value in color)
    art.polygon([(0.2, 0.3), (0.62, 0.26), (0.62, 0.9), (0.2, 0.84)], cast("Color", front))
    art.polygon([(0.62, 0.26), (0.8, 0.32), (0.8, 0.82), (0.62, 0.9)], cast("Color", flank))
    art.box(0.28, 0.48, 0.54, 0.56, _LABEL)
    return art.shrunk(lit=False)


def mug(rng: np.random.Generator, side: int) -> tuple[U8, U8]:
    art, color = _Sketch(side), _vivid(rng)
    art.ring(0.70, 0.55, 0.11, 0.15, 0.045, color)
    art.box(0.26, 0.34, 0.70, 0.80, color)
    art.oval(0.48, 0.80, 0.22, 0.05, color)
    art.oval(0.48, 0.34, 0.22, 0.05, _LABEL)
    return art.shrunk()


def white_mug(rng: np.random.Generator, side: int) -> tuple[U8, U8]:
    art = _Sketch(side)
    art.ring(0.70, 0.55, 0.11, 0.15, 0.045, _WHITE)
    art.box(0.26, 0.34, 0.70, 0.80, _WHITE)
    art.oval(0.48, 0.80, 0.22, 0.05, _WHITE)
    art.oval(0.48, 0.34, 0.22, 0.05, (226, 224, 221))
    art.oval(0.44, 0.56, 0.05, 0.05, _vivid(rng))
    color, alpha = art.shrunk()
    return np.maximum(color, 205), alpha


def glass(rng: np.random.Generator, side: int) -> tuple[U8, U8]:
    """A tumbler with a drink: `composed` lets the ground shine through what is pale."""
    art, drink = _Sketch(side), _vivid(rng)
    art.polygon([(0.30, 0.16), (0.70, 0.16), (0.65, 0.90), (0.35, 0.90)], (225, 230, 234))
    art.polygon([(0.325, 0.46), (0.675, 0.46), (0.65, 0.84), (0.352, 0.84)], drink)
    art.line([(0.31, 0.17), (0.36, 0.89)], 0.008, (120, 128, 134))
    art.line([(0.69, 0.17), (0.64, 0.89)], 0.008, (255, 255, 255))
    art.ring(0.5, 0.16, 0.2, 0.02, 0.006, (150, 156, 160))
    return art.shrunk(lit=False)


def ring(rng: np.random.Generator, side: int) -> tuple[U8, U8]:
    art, gold = _Sketch(side), (206, 166, 84)
    art.ring(0.5, 0.6, 0.2, 0.22, 0.035, gold)
    art.polygon([(0.42, 0.30), (0.58, 0.30), (0.62, 0.36), (0.5, 0.44), (0.38, 0.36)], _vivid(rng))
    return art.shrunk()


def strap_bag(rng: np.random.Generator, side: int) -> tuple[U8, U8]:
    art, color = _Sketch(side), _vivid(rng)
    for shift in (0.0, 0.05):
        art.line([(0.28 + shift, 0.55), (0.36 + shift, 0.14), (0.60 - shift, 0.12), (0.72 - shift, 0.55)], 0.009, color)
    art.polygon([(0.2, 0.52), (0.8, 0.52), (0.74, 0.88), (0.26, 0.88)], color)
    art.box(0.46, 0.56, 0.54, 0.62, (206, 166, 84))
    return art.shrunk()


def sandal(rng: np.random.Generator, side: int) -> tuple[U8, U8]:
    art, color = _Sketch(side), _vivid(rng)
    art.polygon([(0.12, 0.80), (0.86, 0.74), (0.90, 0.80), (0.88, 0.86), (0.12, 0.86)], _DARK)
    for x in (0.25, 0.38, 0.5):
        art.line([(x - 0.06, 0.80), (x, 0.62), (x + 0.10, 0.62), (x + 0.16, 0.78)], 0.014, color)
    art.line([(0.70, 0.76), (0.72, 0.5), (0.84, 0.5), (0.86, 0.76)], 0.014, color)
    return art.shrunk()


def chair(rng: np.random.Generator, side: int) -> tuple[U8, U8]:
    art, color = _Sketch(side), _vivid(rng)
    for x, y in ((0.30, 0.92), (0.68, 0.92), (0.38, 0.86), (0.60, 0.86)):
        art.line([(0.34 if x < 0.5 else 0.64, 0.56), (x, y)], 0.016, (120, 84, 52))
    art.polygon([(0.26, 0.52), (0.72, 0.52), (0.70, 0.60), (0.28, 0.60)], color)
    art.polygon([(0.30, 0.14), (0.66, 0.14), (0.70, 0.54), (0.28, 0.54)], color)
    return art.shrunk()


def shirt(rng: np.random.Generator, side: int) -> tuple[U8, U8]:
    art, color = _Sketch(side), _vivid(rng)
    art.polygon([(0.36, 0.16), (0.64, 0.16), (0.88, 0.32), (0.78, 0.46), (0.70, 0.40), (0.71, 0.88),
                 (0.29, 0.88), (0.30, 0.40), (0.22, 0.46), (0.12, 0.32)], color)  # fmt: skip
    art.erase(0.5, 0.15, 0.09, 0.05)
    art.oval(0.5, 0.5, 0.08, 0.08, _LABEL)
    return art.shrunk()


def plant(rng: np.random.Generator, side: int) -> tuple[U8, U8]:
    art = _Sketch(side)
    for _ in range(26):
        angle, length = rng.uniform(-2.7, -0.45), rng.uniform(0.2, 0.42)
        tip = (0.5 + length * np.cos(angle), 0.6 + length * np.sin(angle))
        width, across = 0.022, (np.sin(angle), -np.cos(angle))
        middle = (0.5 + 0.6 * (tip[0] - 0.5), 0.6 + 0.6 * (tip[1] - 0.6))
        art.polygon([(0.5, 0.6), (middle[0] + width * across[0], middle[1] + width * across[1]), tip,
                     (middle[0] - width * across[0], middle[1] - width * across[1])],
                    (int(rng.integers(30, 80)), int(rng.integers(90, 150)), 50))  # fmt: skip
    art.polygon([(0.36, 0.6), (0.64, 0.6), (0.60, 0.9), (0.40, 0.9)], _vivid(rng))
    return art.shrunk()


def person(rng: np.random.Generator, side: int) -> tuple[U8, U8]:
    """Head, loose hair and shoulders; the lower border cuts the body."""
    art = _Sketch(side)
    skin, hair = ((226, 178, 150), (142, 94, 66), (240, 200, 172))[int(rng.integers(3))], (44, 30, 26)
    art.oval(0.5, 0.34, 0.135, 0.19, hair)
    for _ in range(60):
        x = rng.uniform(0.36, 0.64)
        bend = 0.05 * rng.normal()
        art.line([(x, 0.26), (x + bend, 0.42), (x + 1.8 * bend + 0.03 * rng.normal(), 0.56)], 0.003, hair)
    art.polygon([(0.24, 0.66), (0.42, 0.58), (0.58, 0.58), (0.76, 0.66), (0.84, 1.0), (0.16, 1.0)], _vivid(rng))
    art.box(0.45, 0.46, 0.55, 0.6, tuple(round(value * 0.86) for value in skin))  # type: ignore[arg-type]
    art.oval(0.5, 0.36, 0.1, 0.14, skin)
    art.oval(0.5, 0.235, 0.095, 0.05, hair)
    for x in (0.458, 0.542):
        art.oval(x, 0.345, 0.02, 0.009, (250, 250, 250))
        art.oval(x, 0.345, 0.009, 0.009, _DARK)
        art.line([(x - 0.026, 0.318), (x + 0.026, 0.316)], 0.009, hair)
    art.line([(0.5, 0.35), (0.49, 0.395), (0.508, 0.4)], 0.006, tuple(round(value * 0.72) for value in skin))  # type: ignore[arg-type]
    art.oval(0.5, 0.44, 0.034, 0.012, (170, 70, 76))
    return art.shrunk()


SUBJECTS: dict[str, Subject] = {
    "bottle": bottle,
    "carton": carton,
    "mug": mug,
    "white mug": white_mug,
    "glass": glass,
    "ring": ring,
    "strap bag": strap_bag,
    "sandal": sandal,
    "chair": chair,
    "shirt": shirt,
    "plant": plant,
    "person": person,
}
