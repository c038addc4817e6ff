"""Cards shown before the film is composed: checked and drawn as composing would do it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from adreel.agents.compositor import card_of
from adreel.domain.color import Color
from adreel.domain.formats import ASPECTS
from adreel.domain.session import Asset, Json
from adreel.media.cards.card import CardKind
from adreel.media.cards.still import card_png
from adreel.media.photos import Photo, load_photo
from adreel.orchestrator.film_maker import NEUTRAL_COLOR, spec_of
from adreel.orchestrator.film_orders import film_options
from adreel.orchestrator.local_files import LocalFiles
from adreel.orchestrator.looks import expected_look
from adreel.services.session_service import SessionService
from adreel.services.turns import Turns

_AT_ONCE, _WAITING = 2, 16
_COLORS = 500
"""Colours of photos that are remembered: some bytes each."""


class CardPreviews:
    """`color_of` finds a product's colour in its photo, as for the film."""

    def __init__(self, sessions: SessionService, files: LocalFiles, color_of: Callable[[Photo], Color]) -> None:
        self._sessions = sessions
        self._files = files
        self._color_of = color_of
        self._turns = Turns("cards", _AT_ONCE, _WAITING)
        self._colors: dict[str, Color] = {}

    async def draw(
        self, user_id: str, session_id: str, kind: CardKind, text_overlay: Json, aspect: str, width: int
    ) -> bytes:
        """A card of the session's film in PNG, `width` pixels wide. `text_overlay` is that of a composition.

        Raises NotFoundError, TextError for words that are missing or that no font shows, InputError, and BusyError when many
        are drawn already.
        """
        view = await self._sessions.get(user_id, session_id)
        async with self._turns.take():
            # A colour that was named is enough.
            image = None if text_overlay.get("color") else expected_look(view)
            color = NEUTRAL_COLOR if image is None else await self._color(image)
            return await asyncio.to_thread(_draw, kind, text_overlay, aspect, color, width)

    async def _color(self, image: Asset) -> Color:
        known = self._colors.get(image.content_hash)
        if known is not None:
            return known
        path = await self._files.path(image.storage_key, image.content_hash)
        found = await asyncio.to_thread(lambda: self._color_of(load_photo(path)))
        while len(self._colors) >= _COLORS:
            del self._colors[next(iter(self._colors))]
        return self._colors.setdefault(image.content_hash, found)


def _draw(kind: CardKind, text_overlay: Json, aspect: str, color: Color, width: int) -> bytes:
    """Words of the other card may still be unfinished: they are left out."""
    other = "cta" if kind is CardKind.INTRO else "product_name"
    words: dict[str, Any] = {**text_overlay, other: None}
    options = film_options(words, {}, 1.0, 1.0, "cut", 0)
    return card_png(card_of(kind, spec_of(options, aspect, "", color, ASPECTS)), width)
