"""The first seconds of a film, which decide whether it is watched: what they show, as figures, and how far two of them differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from adreel.domain.films.formats import FPS
from adreel.media.segments.decode import decode_frames
from adreel.media.yuv import i420_to_rgb

SECONDS = 3.0
"""Platforms count a view, and most viewers have decided, after about so long."""

_STEP = 6
"""Frames between two looks."""

_WIDTH, _SIDE, _BINS = 64, 16, 6

Floats = npt.NDArray[np.float32]

PICTURE, COLOR, MOTION, WORDS = 0.35, 0.15, 0.15, 0.35
"""Weights of the parts of a distance."""

_UNLIKE_PICTURES = 0.25
"""Mean difference of brightness at which two pictures have nothing in common: that of two photos of different products."""


@dataclass(frozen=True, slots=True)
class Opening:
    """`pictures` has shape (looks, 16, 16): brightness of 0 to 1. `colors` is the share of each of 36 classes of colour. `motion`
    is the mean change of brightness from one look to the next. `words` are those on the screen, in small letters."""

    pictures: Floats
    colors: Floats
    motion: float
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Distance:
    """How far two openings differ, each part and the whole 0 to 1."""

    picture: float
    color: float
    motion: float
    words: float

    @property
    def whole(self) -> float:
        return PICTURE * self.picture + COLOR * self.color + MOTION * self.motion + WORDS * self.words


def look_at(film: Path, words: frozenset[str]) -> Opening:
    """Looks at the first seconds of a film made by adreel. Raises RenderError."""
    looks = list(_looks(film))
    pictures = np.stack([_brightness(rgb) for rgb in looks])
    colors = np.stack([_colors(rgb) for rgb in looks]).mean(axis=0, dtype=np.float32)
    motion = float(np.abs(np.diff(pictures, axis=0)).mean()) if len(looks) > 1 else 0.0
    return Opening(pictures, colors, motion, words)


def distance(one: Opening, other: Opening) -> Distance:
    """Compares two openings look by look."""
    count = min(len(one.pictures), len(other.pictures))
    unlike = float(np.abs(one.pictures[:count] - other.pictures[:count]).mean())
    most = max(one.motion, other.motion)
    said = one.words | other.words
    return Distance(
        picture=min(1.0, unlike / _UNLIKE_PICTURES),
        color=float(np.abs(one.colors - other.colors).sum()) / 2,
        motion=abs(one.motion - other.motion) / most if most else 0.0,
        words=1 - len(one.words & other.words) / len(said) if said else 0.0,
    )


def _looks(film: Path) -> Iterator[npt.NDArray[np.uint8]]:
    for number, frame in enumerate(decode_frames(film, 0, round(SECONDS * FPS))):
        if number % _STEP == 0:
            yield i420_to_rgb(frame, _WIDTH)


def _brightness(rgb: npt.NDArray[np.uint8]) -> Floats:
    grey = cv2.resize(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(grey, dtype=np.float32) / np.float32(255)


def _colors(rgb: npt.NDArray[np.uint8]) -> Floats:
    lab = cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB)
    found: Floats = np.asarray(cv2.calcHist([lab], [1, 2], None, [_BINS, _BINS], [64, 192, 64, 192]), dtype=np.float32)
    return (found / max(1.0, float(found.sum()))).astype(np.float32)
