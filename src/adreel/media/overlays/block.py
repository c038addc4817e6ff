"""The words of a shot as one block: its parts below one another, as large as the room allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adreel.domain.ad import ScreenText, TextRole
from adreel.domain.errors import TextError
from adreel.media.overlays.marks import line_layer
from adreel.media.overlays.parts import Part, PartBox, set_part
from adreel.media.overlays.style import Align, Palette, TextStyle

ORDER = (
    TextRole.BADGE,
    TextRole.HEADLINE,
    TextRole.LOWER_THIRD,
    TextRole.BULLET,
    TextRole.PRICE,
    TextRole.ADDRESS,
    TextRole.LEGAL,
)
"""From top to bottom."""

_EASES = (1.0, 0.75, 0.5, 0.25, 0.0)
"""How far capitals grow from their least height to their largest: the first with which all words fit is taken. Usually it is the
largest; where not even the last fits, the others are not tried."""

_WIDEST = 0.62
"""Widest block as a share of the frame's longer side: longer lines are hard to read in passing."""

_GAPS = {
    (TextRole.BADGE, TextRole.HEADLINE): 1.3,
    (TextRole.BULLET, TextRole.BULLET): 1.15,
    (TextRole.HEADLINE, TextRole.PRICE): 2.0,
    (TextRole.HEADLINE, TextRole.BULLET): 2.0,
    (TextRole.BULLET, TextRole.PRICE): 2.0,
}
"""Room between capitals and the baseline above, in gaps of the style, where it is not `_GAP`."""

_GAP = 1.45


@dataclass(frozen=True, slots=True)
class Piece:
    """A part and its place in the block: left and top of its picture in pixels."""

    part: Part
    left: int
    top: int


@dataclass(frozen=True, slots=True)
class Block:
    """Parts with their places; width and height in pixels. `largest` is the height of its largest capitals, `ease` as in
    `PartBox`. `is_cramped`: one of its parts is, see `Ink`."""

    pieces: tuple[Piece, ...]
    width: int
    height: int
    largest: float
    ease: float
    right_to_left: bool
    is_cramped: bool = False


def set_block(
    words: Sequence[ScreenText], style: TextStyle, palette: Palette, width: int, height: int, unit: float
) -> Block:
    """Sets words of several roles in the room. `unit`: see `PartBox`. Raises TextError when they do not fit at their least
    height; RenderError."""
    ordered = in_order(words)

    def at(ease: float) -> Block | None:
        box = PartBox(width, height, unit, ease)
        parts = _alike([set_part(each, style, palette, box) for each in ordered], ordered, style, palette, box)
        block = _stacked(parts, style, palette, unit, ease)
        return block if block.width <= width and block.height <= height else None

    largest = at(_EASES[0])
    if largest is not None:
        return largest
    least = at(_EASES[-1])
    if least is None:
        said = " / ".join(each.text for each in ordered)
        raise TextError(f"the words {said!r} do not fit in the room that the picture leaves; shorten them")
    return next((block for ease in _EASES[1:-1] if (block := at(ease)) is not None), least)


def in_order(words: Sequence[ScreenText]) -> list[ScreenText]:
    """Words as they stand in a block, from top to bottom."""
    return sorted(words, key=lambda each: ORDER.index(each.role))


def _alike(
    parts: list[Part], words: Sequence[ScreenText], style: TextStyle, palette: Palette, box: PartBox
) -> list[Part]:
    """Bullets are all as small as the smallest of them."""
    caps = [part.cap for part in parts if part.role is TextRole.BULLET]
    if not caps or max(caps) - min(caps) < 0.5:
        return parts
    return [
        set_part(each, style, palette, box, min(caps)) if each.role is TextRole.BULLET else part
        for each, part in zip(words, parts, strict=True)
    ]


def _stacked(parts: Sequence[Part], style: TextStyle, palette: Palette, unit: float, ease: float) -> Block:
    """Parts below one another, measured from capitals to baselines."""
    rows = [*_rule(parts, style, palette, unit), *parts]
    width = max(part.width for part in rows)
    backwards = any(part.right_to_left for part in parts)
    pieces: list[Piece] = []
    y = 0.0
    for above, part in zip([None, *rows], rows, strict=False):
        y += 0.0 if above is None else _gap(above.role, part.role) * style.gap * unit
        pieces.append(Piece(part, _left(part, parts, width, style, backwards=backwards), round(y - part.top)))
        y += part.bottom - part.top
    return _cropped(pieces, width, ease, backwards=backwards)


def _rule(parts: Sequence[Part], style: TextStyle, palette: Palette, unit: float) -> list[Part]:
    """The short line above a headline."""
    if not style.rule or not any(part.role is TextRole.HEADLINE for part in parts):
        return []
    thick = max(2, round(4 * unit))
    layer = line_layer(round(style.rule * unit), thick, palette.accent)
    backwards = any(part.right_to_left for part in parts)
    return [Part(TextRole.HEADLINE, layer, 0.0, float(thick), parts[0].cap, frozenset(), backwards)]


def _gap(above: TextRole, below: TextRole) -> float:
    return _GAPS.get((above, below), _GAP)


def _left(part: Part, parts: Sequence[Part], width: int, style: TextStyle, *, backwards: bool) -> int:
    """Bullets of a centred block begin at one line."""
    if style.align is Align.CENTER:
        alike = [other.width for other in parts if other.role is part.role is TextRole.BULLET]
        return (width - max(alike, default=part.width)) // 2
    return width - part.width if backwards else 0


def _cropped(pieces: Sequence[Piece], width: int, ease: float, *, backwards: bool) -> Block:
    top = min(piece.top for piece in pieces)
    bottom = max(piece.top + piece.part.height for piece in pieces)
    moved = tuple(Piece(piece.part, piece.left, piece.top - top) for piece in pieces)
    largest = max(piece.part.cap for piece in pieces)
    is_cramped = any(piece.part.is_cramped for piece in pieces)
    return Block(moved, width, bottom - top, largest, ease, backwards, is_cramped)


def widest_block(longer: int) -> int:
    return round(_WIDEST * longer)
