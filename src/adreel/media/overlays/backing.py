"""The ground behind words that makes them readable: nothing, a soft shade, or the style's panel."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from adreel.domain.films.box import Box
from adreel.domain.films.color import Color
from adreel.media.cards.plate import Rectangle, filled, over, rounded_mask
from adreel.media.overlays.arrange import Placed, WordsInFrame
from adreel.media.overlays.beneath import Beneath, least_contrast, readable
from adreel.media.overlays.block import Piece
from adreel.media.overlays.style import Palette

if TYPE_CHECKING:
    from adreel.media.cards.plate import Layer

_STEPS = 12
"""Opacities tried for a shade, up to the style's strongest."""

_REACH = 26
"""Pixels of a shorter side of 1080 by which a shade is full around the words."""

_SOFT = 160
"""Pixels over which it ends, where it does not reach the border of the frame."""

_AROUND = 14
"""Pixels around words in which the picture beneath is measured: what moves there between two measured frames."""

_LIGHT_FROM = 0.4
"""Luminance of a picture from which a white shade looks like its own light; on darker ones it looks like fog."""

_BLACK, _WHITE = Color(0, 0, 0), Color(255, 255, 255)

MeasureBeneath = Callable[[Box], Beneath]
"""The picture beneath an area, over the time for which words are shown."""


@dataclass(frozen=True, slots=True)
class Letters:
    """The colours of a block's letters, and the shade behind it: its colour and opacity, 0 for none."""

    palette: Palette
    shade: Color
    opacity: float


def choose_letters(blocks: Sequence[Placed], given: WordsInFrame, measure: MeasureBeneath) -> list[Letters] | None:
    """The colours, and the weakest shades, with which blocks without panels are readable all the time, all light on dark or all
    dark on light; None when not even the style's strongest shade is enough."""
    beneath = [
        [(piece, measure(_measured(placed, piece, given.unit))) for piece in placed.block.pieces] for placed in blocks
    ]
    lightness = max(below.lightness() for block in beneath for _, below in block)
    found: list[tuple[bool, float, list[Letters]]] = []
    for palette, shade in ((given.style.on_dark, _BLACK), (given.style.on_light, _WHITE)):
        letters = [_weakest(block, given, palette, shade) for block in beneath]
        made = [each for each in letters if each is not None]
        if len(made) == len(blocks):
            most = max(each.opacity for each in made)
            veiled = shade is _WHITE and most > 0 and lightness < _LIGHT_FROM
            found.append((veiled, most, made))
    return min(found, key=lambda each: each[:2])[2] if found else None


def _measured(placed: Placed, piece: Piece, unit: float) -> Box:
    return piece_box(placed, piece).grown(_AROUND * unit)


def piece_box(placed: Placed, piece: Piece) -> Box:
    """Where a piece stands in the frame."""
    left, top = placed.left + piece.left, placed.top + piece.top
    return Box(left, top, left + piece.part.width, top + piece.part.height)


def panel_box(placed: Placed, given: WordsInFrame) -> Box:
    """Where the panel of a block stands in the frame."""
    return placed.box.grown(given.style.panel.padding * given.unit)


def _weakest(
    beneath: list[tuple[Piece, Beneath]], given: WordsInFrame, palette: Palette, shade: Color
) -> Letters | None:
    """The accent gives way to the ink before the shade grows."""
    plain = replace(palette, accent=palette.ink)
    for step in range(_STEPS + 1):
        opacity = given.style.shade * step / _STEPS
        for colors in (palette, plain):
            if all(_is_readable(piece, below.shaded(shade, opacity), colors, given.unit) for piece, below in beneath):
                return Letters(colors, shade, opacity)
    return None


def _is_readable(piece: Piece, below: Beneath, colors: Palette, unit: float) -> bool:
    inks = [colors.color(tone) for tone in piece.part.tones]
    return readable(below, inks, least_contrast(piece.part.cap, unit))


@dataclass(frozen=True, slots=True)
class Behind:
    """A layer behind a block and its place in the frame."""

    layer: Layer
    left: int
    top: int


def shade_behind(placed: Placed, given: WordsInFrame, letters: Letters) -> Behind:
    """A soft shade that covers the block, and reaches the border of the frame on the sides where the block's room does."""
    reach, soft = _REACH * given.unit, _SOFT * given.unit
    core = _toward_borders(placed.box.grown(reach), placed.room, given, soft)
    seen = core.grown(soft).clipped(Box(0, 0, given.size.width, given.size.height))
    left, top = int(seen.left) // 2 * 2, int(seen.top) // 2 * 2
    shape = (math.ceil(seen.bottom) - top, math.ceil(seen.right) - left)
    # The mask falls from 1 to 0 over `softness` on either side of its edge.
    edge = core.grown(soft / 2)
    area = Rectangle(edge.left - left, edge.top - top, edge.width, edge.height)
    mask = rounded_mask(shape, area, soft, softness=soft / 2)
    return Behind(filled(mask, letters.shade, letters.opacity), left, top)


def _toward_borders(core: Box, room: Box, given: WordsInFrame, soft: float) -> Box:
    safe, size, away = given.safe, given.size, 2 * soft
    return Box(
        -away if room.left <= safe.left else core.left,
        -away if room.top <= safe.top else core.top,
        size.width + away if room.right >= safe.right else core.right,
        size.height + away if room.bottom >= safe.bottom else core.bottom,
    )


def panel_behind(placed: Placed, given: WordsInFrame) -> Behind:
    """The style's panel around a block, with its strip in the accent colour."""
    panel, unit = given.style.panel, given.unit
    box = panel_box(placed, given)
    left, top = int(box.left), int(box.top)
    shape = (math.ceil(box.bottom) - top, math.ceil(box.right) - left)
    layer = filled(rounded_mask(shape, Rectangle(0, 0, shape[1], shape[0]), panel.radius * unit), panel.fill)
    if panel.bar:
        bar = max(2, round(panel.bar * unit))
        x = shape[1] - bar if placed.block.right_to_left else 0
        strip = rounded_mask(shape, Rectangle(x, 0, bar, shape[0]), 0)
        layer = over(filled(strip, panel.letters.accent), layer)
    return Behind(layer, left, top)
