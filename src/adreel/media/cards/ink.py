"""Detects blank characters: some letters (U+3164, U+FFA0, U+2800) are blank in every font that has them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from fontTools.pens.boundsPen import ControlBoundsPen

from adreel.media.cards.typefaces import FontFace, opened_font

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

_PICTURES = ("CBDT", "sbix", "SVG ", "COLR")
"""OpenType tables with pictures instead of outlines: bitmaps, drawings, coloured layers."""


def has_ink(face: FontFace, characters: Iterable[str]) -> bool:
    """Whether any of these characters has an outline or a picture in the face. Raises TextError for a damaged font."""
    return _has_ink(face, face.path.stat().st_mtime_ns, "".join(characters))


@lru_cache(maxsize=512)
def _has_ink(face: FontFace, _modified: int, characters: str) -> bool:
    with opened_font(face) as font:
        names: dict[int, str] = font.getBestCmap() or {}
        glyphs = [names[ord(char)] for char in characters if ord(char) in names]
        return any(_has_outline(font, glyph) for glyph in glyphs) or any(_has_picture(font, glyph) for glyph in glyphs)


def _has_picture(font: TTFont, glyph: str) -> bool:
    return any(table in font and glyph in _pictured(font, table) for table in _PICTURES)


def _pictured(font: TTFont, table: str) -> Iterable[str]:
    """The glyphs that have a picture in a table."""
    found = cast("Any", font[table])
    if table == "CBDT":
        return {name for strike in found.strikeData for name in strike}
    if table == "sbix":
        return {name for strike in found.strikes.values() for name, one in strike.glyphs.items() if one.imageData}
    if table == "SVG ":
        order = font.getGlyphOrder()
        return {order[index] for document in found.docList for index in range(document[1], document[2] + 1)}
    return _layered(found)


def _layered(table: Any) -> set[str]:  # noqa: ANN401 (fontTools has no types for tables)
    if table.version == 0:
        return set(table.ColorLayers)
    records = table.table.BaseGlyphList.BaseGlyphPaintRecord if table.table.BaseGlyphList else []
    return {record.BaseGlyph for record in records}


def _has_outline(font: TTFont, glyph: str) -> bool:
    """Whether a glyph has an outline with an extent: no point or a single one leaves no ink."""
    if not any(table in font for table in ("glyf", "CFF ", "CFF2")):
        return False
    glyphs = font.getGlyphSet()
    pen = ControlBoundsPen(glyphs)
    glyphs[glyph].draw(pen)
    bounds = cast("tuple[float, float, float, float] | None", pen.bounds)
    return bounds is not None and bounds[0] < bounds[2] and bounds[1] < bounds[3]
