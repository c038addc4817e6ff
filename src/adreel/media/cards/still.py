"""A card as a picture: what the film's card comes to rest in, drawn by the same code."""

from __future__ import annotations

from io import BytesIO

from PIL import Image

from adreel.media.cards.card import CardSpec, card_at_rest
from adreel.media.yuv import i420_to_rgb


def card_png(spec: CardSpec, width: int) -> bytes:
    """The card in PNG, drawn in the film's size and scaled to `width` pixels. Raises TextError, RenderError."""
    file = BytesIO()
    Image.fromarray(i420_to_rgb(card_at_rest(spec), width)).save(file, "PNG", compress_level=3)
    return file.getvalue()
