"""Sets the lines of a caption, and finds its words in them, so that the spoken one can have another colour."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np

from adreel.domain.films.color import Color
from adreel.domain.scripts.reading_time import count_words
from adreel.media.cards.plate import Rectangle, filled, over, rounded_mask
from adreel.media.overlays.caption_style import CaptionStyle
from adreel.media.overlays.ink import CapRange, Ink, set_ink
from adreel.media.overlays.style import RoleStyle

if TYPE_CHECKING:
    from adreel.media.cards.plate import Layer, Mask

_LEAST = 0.6
"""The smallest letters, as a share of the style's."""
_LINE = 2.3
"""From one line to the next, in heights of capitals."""
_ROOM = 1.9
"""Height in which one line fits and two do not, in heights of capitals."""
_PADDING = (0.7, 0.62)
"""Room on a plate left and right of the letters, above and below them, in heights of capitals."""
_LEAST_PADDING = 0.5
"""Share of the room above and below that every ink keeps, also that of accents and descenders."""
_OUTLINE = 0.11
_RADIUS = 0.5
_DISTINCT = 1.3
"""How much wider the narrowest space between words is than the widest between letters where it shows the words."""


@dataclass(frozen=True, slots=True)
class CaptionLine:
    """`alpha` are the letters, 0-1; `cap_top` and `baseline` as in `Ink`. `spans` are the columns of its words in reading order,
    empty where they cannot be found."""

    alpha: Mask
    cap_top: float
    baseline: float
    spans: tuple[tuple[int, int], ...]


def set_lines(lines: Sequence[str], style: CaptionStyle, width: int, unit: float) -> tuple[list[CaptionLine], float]:
    """Sets lines, all as large as the one with the least room; returns them and the height of their capitals. Raises TextError
    for letters that no font shows and lines that do not fit."""
    inks = [_ink(line, style, width, style.cap * unit) for line in lines]
    cap = min(ink.cap for ink in inks)
    if max(ink.cap for ink in inks) > cap + 0.5:
        inks = [_ink(line, style, width, cap) for line in lines]
    return [_line(text, ink) for text, ink in zip(lines, inks, strict=True)], cap


def _ink(text: str, style: CaptionStyle, width: int, cap: float) -> Ink:
    role = RoleStyle(style.face, style.cap, math.floor(_LEAST * style.cap))
    room = round(_ROOM * cap)
    return set_ink(text, role, width, room, CapRange(cap, min(cap, _LEAST * cap)), style.ink, centered=True)


def _line(text: str, ink: Ink) -> CaptionLine:
    alpha = np.divide(ink.rgba[:, :, 3], 255, dtype=np.float32)
    spans = tuple(_spans(alpha, len(text.split()))) if _is_spaced(text) else ()
    if ink.right_to_left:
        spans = spans[::-1] if _is_one_way(text) else ()
    return CaptionLine(alpha, ink.cap_top, ink.baseline, spans)


def _is_spaced(text: str) -> bool:
    """Whether a line is of a script that parts its words by spaces, or has some: a Thai or Chinese line without is no word."""
    return " " in text or all(count_words(char) in (0, 1) for char in text)


def _is_one_way(text: str) -> bool:
    """Whether all words of a line from right to left are: numbers and Latin words in it stand the other way round."""
    return not any(unicodedata.bidirectional(char) in ("L", "EN", "AN") for char in text)


def _spans(alpha: Mask, words: int) -> Iterator[tuple[int, int]]:
    """The columns of each word from left to right: words are parted by the widest gaps."""
    inked = np.flatnonzero(alpha.max(axis=0) > 0.02)
    gaps = sorted(((int(b - a), int(a), int(b)) for a, b in pairwise(inked) if b - a > 1), reverse=True)
    chosen, others = gaps[: words - 1], gaps[words - 1 :]
    if len(chosen) < words - 1 or (others and chosen and chosen[-1][0] < _DISTINCT * others[0][0]):
        return
    middles = sorted((a + b) // 2 for _, a, b in chosen)
    yield from pairwise([0, *middles, alpha.shape[1]])


@dataclass(frozen=True, slots=True)
class CaptionBlock:
    """The lines of one caption below one another. `tops` and `lefts` are the places of the lines in its layer."""

    lines: tuple[CaptionLine, ...]
    lefts: tuple[int, ...]
    tops: tuple[int, ...]
    width: int
    height: int
    cap: float

    @property
    def words(self) -> int:
        """How many words were found; 0 unless all were."""
        return sum(len(line.spans) for line in self.lines) if all(line.spans for line in self.lines) else 0


def set_block(lines: Sequence[str], style: CaptionStyle, width: int, unit: float) -> CaptionBlock:
    """Sets a caption in a width in pixels. Raises TextError, RenderError."""
    probe = style.cap * unit
    side, above = (math.ceil(share * probe) for share in _PADDING)
    placed, cap = set_lines(lines, style, width - 2 * side, unit)
    wide = max(line.alpha.shape[1] for line in placed) + 2 * side
    baselines = [above + cap + place * _LINE * cap for place in range(len(placed))]
    tops = [round(base - line.baseline) for base, line in zip(baselines, placed, strict=True)]
    # Letters that are higher or lower than Latin ones, such as those of Hindi, keep from the edges too.
    least = math.ceil(_LEAST_PADDING * above)
    highest = min(0, *(top - least for top in tops))
    lowest = max(top + line.alpha.shape[0] + least for top, line in zip(tops, placed, strict=True))
    height = max(round(baselines[-1] + above), lowest) - highest
    lefts = tuple((wide - line.alpha.shape[1]) // 2 for line in placed)
    return CaptionBlock(tuple(placed), lefts, tuple(top - highest for top in tops), wide, height, cap)


def caption_layer(block: CaptionBlock, style: CaptionStyle, spoken: int | None) -> Layer:
    """The caption as a layer, with the word of this number in its colour."""
    letters = np.zeros((block.height, block.width), np.float32)
    marked = np.zeros_like(letters)
    first = 0
    for line, left, top in zip(block.lines, block.lefts, block.tops, strict=True):
        height, width = line.alpha.shape
        letters[top : top + height, left : left + width] = np.maximum(
            letters[top : top + height, left : left + width], line.alpha
        )
        if spoken is not None and first <= spoken < first + len(line.spans):
            low, high = line.spans[spoken - first]
            marked[top : top + height, left + low : left + high] = line.alpha[:, low:high]
        first += len(line.spans)
    layer = over(filled(letters, style.ink), _ground(letters, block, style))
    return layer if style.spoken is None else over(filled(marked, style.spoken), layer)


def _ground(letters: Mask, block: CaptionBlock, style: CaptionStyle) -> Layer:
    if style.plate is not None:
        shape = letters.shape[0], letters.shape[1]
        mask = rounded_mask(shape, Rectangle(0, 0, shape[1], shape[0]), _RADIUS * block.cap)
        return filled(mask, style.plate, style.opacity)
    side = 2 * max(2, round(_OUTLINE * block.cap)) + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    wider = np.asarray(cv2.GaussianBlur(cv2.dilate(letters, kernel), (3, 3), 0), np.float32)
    return filled(wider, style.outline or Color(0, 0, 0))
