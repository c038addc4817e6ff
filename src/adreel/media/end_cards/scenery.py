"""The picture of an end card without its words: a ground, and the product on it, which grows slightly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from adreel.domain.films.box import Box
from adreel.domain.films.color import Color
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.subject import Subject
from adreel.domain.ports import ProductPicture
from adreel.media.cards.backdrop import backdrop
from adreel.media.cards.colors import card_colors
from adreel.media.cards.motion import ease_out
from adreel.media.cards.plate import Rectangle, filled, over, rounded_mask
from adreel.media.end_cards.logo import PlacedLogo
from adreel.media.overlays.movement import Pose
from adreel.media.overlays.sprite import Sprite, make_sprite
from adreel.media.overlays.style import REFERENCE

if TYPE_CHECKING:
    import numpy.typing as npt

    from adreel.domain.ports import YuvFrame
    from adreel.media.cards.plate import Layer


@dataclass(frozen=True, slots=True)
class Entrance:
    """How the product moves: its size in the first frame and its growth in the first `frames` frames; the rest of the way to 1
    is a steady drift to the end."""

    smallest: float = 0.94
    arrival: float = 0.045
    frames: int = 24


USUAL_ENTRANCE = Entrance()

_CORNER = 0.03
"""Radius of the corners of a whole photo, as a fraction of its shorter side."""

_FOOT = 0.04
"""The lowest part of a product, on which it stands, as a fraction of its height."""

_SHADOW = (0.62, 0.09, 0.42)
"""Half the width and half the height of a product's shadow as fractions of the width of its foot, and its darkest opacity."""


class EndScenery:
    """Footage of `count` frames, all the same to the same specification."""

    def __init__(
        self,
        picture: ProductPicture,
        ground: Color,
        size: FrameSize,
        count: int,
        share: float = 1.0,
        entrance: Entrance = USUAL_ENTRANCE,
        logo: PlacedLogo | None = None,
    ) -> None:
        """`share`: the product's size, 1 for the largest."""
        self._size, self._count, self._entrance = size, count, entrance
        self.logo = logo
        self._box = product_box(picture.rgba.shape[1] / picture.rgba.shape[0], size, share)
        self._still = bare_ground(ground, size)
        self._product = _product(picture, self._box, size)
        self.subject = Subject((self._box,), (self._box,), (logo.clear,) if logo else ())
        if logo is not None:
            self._still = self._still.copy()
            _sprite(logo.layer, round(logo.box.left), round(logo.box.top), size).lay(self._still, size, Pose())

    def samples(self, indexes: Sequence[int]) -> Iterator[YuvFrame]:
        return map(self._frame, indexes)

    def frames(self) -> Iterator[YuvFrame]:
        return map(self._frame, range(self._count))

    def _frame(self, index: int) -> YuvFrame:
        frame = self._still.copy()
        self._product.lay(frame, self._size, Pose(scale=scale_at(index, self._count, self._entrance)))
        return frame


def bare_ground(ground: Color, size: FrameSize) -> YuvFrame:
    """The picture of a card without its product and words."""
    return backdrop(size, card_colors(ground))


def scale_at(index: int, count: int, entrance: Entrance = USUAL_ENTRANCE) -> float:
    """The product's size in frame `index`, 1 in the last."""
    drift = 1 - entrance.smallest - entrance.arrival
    return entrance.smallest + entrance.arrival * ease_out(index / entrance.frames) + drift * index / max(1, count - 1)


def product_box(ratio: float, size: FrameSize, share: float = 1.0) -> Box:
    """Where a product of this width by height stands, at its largest: at the right in a wide frame, else below the words."""
    if size.width > 1.3 * size.height:
        x, wide, high, bottom = 0.7, 0.42, 0.72, 0.5 + 0.36 * share
    elif size.height > 1.6 * size.width:
        x, wide, high, bottom = 0.5, 0.76, 0.42, 0.88
    else:
        x, wide, high, bottom = 0.5, 0.76, 0.5, 0.93
    tall = share * min(wide * size.width / ratio, high * size.height)
    low = bottom * size.height - (high * share * size.height - tall) / 2
    left = x * size.width - ratio * tall / 2
    return Box(left, low - tall, left + ratio * tall, low)


def _product(picture: ProductPicture, box: Box, size: FrameSize) -> Sprite:
    width, height = round(box.width), round(box.height)
    layer = _premultiplied(picture.rgba, width, height)
    left, top = round(box.left), round(box.top)
    if picture.is_cut:
        layer, room = _on_its_shadow(layer)
        return _sprite(layer, left - room, top, size)
    mask = rounded_mask((height, width), Rectangle(0, 0, width, height), _CORNER * min(width, height))
    return _sprite(np.asarray(layer * mask[:, :, None], np.float32), left, top, size)


def _premultiplied(rgba: npt.NDArray[np.uint8], width: int, height: int) -> Layer:
    """Scaled after the colours are weighted by their opacity, so that nothing bleeds in from transparent parts."""
    layer = np.divide(rgba, 255, dtype=np.float32)
    layer[:, :, :3] *= layer[:, :, 3:]
    way = cv2.INTER_AREA if width < rgba.shape[1] else cv2.INTER_CUBIC
    return np.clip(np.asarray(cv2.resize(layer, (width, height), interpolation=way), np.float32), 0, 1)


def _on_its_shadow(layer: Layer) -> tuple[Layer, int]:
    """A product with a soft shadow under its foot, and the columns that were added at each side."""
    height, width = layer.shape[:2]
    feet = np.flatnonzero((layer[round((1 - _FOOT) * height) :, :, 3] > 0.5).any(axis=0))
    first, last = (int(feet[0]), int(feet[-1])) if feet.size else (0, width - 1)
    foot = last - first + 1
    half_w, half_h = _SHADOW[0] * foot, max(4.0, _SHADOW[1] * foot)
    room, below = max(0, round(half_w - foot / 2)), round(half_h)
    shape = (height + below, width + 2 * room)
    x = (np.arange(shape[1], dtype=np.float32) - room - (first + last) / 2) / half_w
    y = (np.arange(shape[0], dtype=np.float32) - height + 0.35 * half_h) / half_h
    mask = np.clip(1 - x[None, :] ** 2 - y[:, None] ** 2, 0, 1) ** 1.5
    canvas = np.zeros((*shape, 4), np.float32)
    canvas[:height, room : room + width] = layer
    return over(canvas, filled(mask.astype(np.float32), Color(0, 0, 0), _SHADOW[2])), room


def _sprite(layer: Layer, left: int, top: int, size: FrameSize) -> Sprite:
    unit = min(size.width, size.height) / REFERENCE
    return make_sprite(layer, left, top, size, unit, 0, backwards=False)
