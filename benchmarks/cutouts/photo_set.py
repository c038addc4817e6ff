"""Composes the set: every subject on six grounds, as a camera would see it, with the subject's true opacity."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.cutouts.subjects import SUBJECTS

U8 = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]
Ground = Callable[[np.random.Generator, int, int], Floats]

WIDTH, HEIGHT = 840, 700
_SUBJECT = 640


@dataclass(frozen=True, slots=True)
class MadePhoto:
    """`truth`: the subject's opacity in the photo, 0-255; None for a photo of the user's, whose truth is not known."""

    name: str
    rgb: U8
    truth: U8 | None


def _plain(width: int, height: int, color: tuple[int, int, int], fall: float) -> Floats:
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    light = 1 - fall * (((x / width - 0.4) ** 2) + (y / height - 0.35) ** 2)
    return (light[:, :, None] * np.array(color, np.float32)).astype(np.float32)


def white(_rng: np.random.Generator, width: int, height: int) -> Floats:
    return _plain(width, height, (253, 253, 252), 0.06)


def sweep(rng: np.random.Generator, width: int, height: int) -> Floats:
    """A studio's paper in a muted colour, darker toward the corners."""
    color = ((214, 204, 192), (168, 186, 200), (222, 196, 172), (150, 150, 154))[int(rng.integers(4))]
    return _plain(width, height, color, 0.35)


def wall(rng: np.random.Generator, width: int, height: int) -> Floats:
    """A wall of painted panels: strong colour, joints with screws, faint stains."""
    color = ((246, 184, 6), (214, 74, 60), (64, 142, 150), (150, 176, 84))[int(rng.integers(4))]
    picture = _plain(width, height, color, 0.12)
    stains = cv2.resize(rng.normal(0, 1, (9, 11)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
    picture *= (1 + 0.03 * stains)[:, :, None]
    for x in np.linspace(0.12, 0.9, 4):
        cv2.line(picture, (round(x * width), 0), (round(x * width), height), tuple(0.9 * v for v in color), 2)
        for y in range(30, height, 90):
            cv2.circle(picture, (round(x * width) + 6, y), 3, tuple(0.6 * v for v in color), -1)
    return picture


def table(rng: np.random.Generator, width: int, height: int) -> Floats:
    """A wooden table in front of a blurred wall."""
    picture = _plain(width, height, (176, 170, 160), 0.4)
    horizon = round(0.62 * height)
    grain = cv2.GaussianBlur(rng.normal(0, 1, (height, width)).astype(np.float32), (0, 0), 18, sigmaY=0.9)
    wood = np.array((150, 104, 66), np.float32) * (1 + 1.6 * grain[:, :, None])
    picture[horizon:] = wood[horizon:]
    return picture.astype(np.float32)


def bokeh(rng: np.random.Generator, width: int, height: int) -> Floats:
    picture = _plain(width, height, (92, 74, 64), 0.5)
    for _ in range(34):
        at = (int(rng.integers(0, width)), int(rng.integers(0, height)))
        color = tuple(float(v) for v in rng.integers(90, 250, 3))
        layer = picture.copy()
        cv2.circle(layer, at, int(rng.integers(14, 46)), color, -1, cv2.LINE_AA)
        picture = (0.55 * picture + 0.45 * layer).astype(np.float32)
    return cast("Floats", cv2.GaussianBlur(picture, (0, 0), 3))


def room(rng: np.random.Generator, width: int, height: int) -> Floats:
    """A busy room: shelves, frames, books, a window, everything in focus."""
    picture = _plain(width, height, (188, 178, 164), 0.3)
    picture[round(0.74 * height) :] = (122, 92, 70)
    for _ in range(46):
        x, y = int(rng.integers(-40, width)), int(rng.integers(-40, height))
        wide, tall = int(rng.integers(16, 150)), int(rng.integers(16, 150))
        color = tuple(float(v) for v in rng.integers(30, 245, 3))
        cv2.rectangle(picture, (x, y), (x + wide, y + tall), color, -1)
        cv2.rectangle(picture, (x, y), (x + wide, y + tall), (60.0, 54.0, 48.0), 2)
    return picture


GROUNDS: dict[str, Ground] = {
    "white": white,
    "sweep": sweep,
    "wall": wall,
    "table": table,
    "bokeh": bokeh,
    "room": room,
}


def made_photos(side: float = 1.0) -> Iterator[MadePhoto]:
    """Every subject on every ground: 72 photos, always the same. `side` scales their size."""
    for number, (subject, draw) in enumerate(SUBJECTS.items()):
        for other, (name, ground) in enumerate(GROUNDS.items()):
            rng = np.random.default_rng([7, number, other])
            color, alpha = draw(rng, round(_SUBJECT * side))
            empty = ground(rng, round(WIDTH * side), round(HEIGHT * side))
            yield _composed(f"{subject} on {name}", color, alpha, empty, rng, clear=subject == "glass")


def _composed(name: str, color: U8, alpha: U8, empty: Floats, rng: np.random.Generator, *, clear: bool) -> MadePhoto:
    """The subject at the lower middle of its ground, with a soft shadow, the camera's noise and JPEG."""
    height, width = empty.shape[:2]
    side = alpha.shape[0]
    top, left = height - side, (width - side) // 2
    truth = np.zeros((height, width), np.uint8)
    truth[top:, left : left + side] = alpha
    picture = empty * _shadow(truth)[:, :, None]
    area, part = picture[top:, left : left + side], alpha.astype(np.float32)[:, :, None] / 255
    # What is pale in a glass is its ground, a little darker.
    through = np.clip((color.min(axis=2, keepdims=True).astype(np.float32) - 170) / 60, 0, 0.8) if clear else 0.0
    seen = color * (1 - through) + area * (0.92 * through)
    area[:] = area * (1 - part) + seen * part
    noisy = np.clip(picture + rng.normal(0, 1.6, picture.shape), 0, 255).astype(np.uint8)
    coded = cv2.imencode(".jpg", noisy, [cv2.IMWRITE_JPEG_QUALITY, 88])[1]
    return MadePhoto(name, cast("U8", cv2.imdecode(coded, cv2.IMREAD_COLOR)), truth)


def _shadow(truth: U8) -> Floats:
    """Transmitted light under a soft contact shadow and a wider one to the right."""
    height = truth.shape[0]
    solid = truth.astype(np.float32) / 255
    low = np.array(solid)
    low[: round(0.62 * height)] = 0
    # A shadow continues below the photo where the subject does: nothing comes back in at the top.
    down = np.pad(low, ((round(0.012 * height), 0), (0, 0)))[:height]
    near = cv2.GaussianBlur(down, (0, 0), 0.012 * height)
    far = cv2.GaussianBlur(np.roll(low, round(0.05 * height), axis=1), (0, 0), 0.05 * height)
    return (1 - 0.35 * near - 0.2 * far).astype(np.float32)
