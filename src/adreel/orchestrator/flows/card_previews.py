"""Previews of a film's cards: checked and drawn as by composing. Also selects the image that gives a film its colour."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from adreel.agents.film_cards import card_of
from adreel.agents.options import NEUTRAL_COLOR, check_request, spec_of
from adreel.domain.films.color import Color
from adreel.domain.films.film_options import read_request
from adreel.domain.films.formats import ASPECTS
from adreel.domain.sessions.session import Asset, AssetKind, Json, SessionView
from adreel.domain.work.processor_shares import ProcessorShares
from adreel.media.cache_uses import used_by
from adreel.media.cards.card import CardKind, card_png
from adreel.media.photos.photo import Photo
from adreel.services.sessions.concurrency import ConcurrencyLimiter
from adreel.services.sessions.photos import PhotoService
from adreel.services.sessions.service import SessionService
from adreel.services.storage_service import LocalFiles


def color_source(view: SessionView, clips: Sequence[Asset]) -> Asset | None:
    """The image that gives a film its colour: that of the first clip whose image still exists."""
    images = {image.id: image for image in view.of_kind(AssetKind.IMAGE)}
    return next((images[clip.source_image_id] for clip in clips if clip.source_image_id in images), None)


def expected_color(view: SessionView) -> Asset | None:
    """The image that would give the film its colour now; before clips are approved, the first image."""
    clips = {clip.id: clip for clip in view.of_kind(AssetKind.CLIP)}
    images = {image.id: image for image in view.of_kind(AssetKind.IMAGE)}
    found = color_source(view, [clips[each] for each in view.session.clip_order if each in clips])
    approved = (images[each] for each in view.session.approved_image_ids if each in images)
    return found or next(approved, next(iter(images.values()), None))


_AT_ONCE, _WAITING = 2, 16
_COLORS = 500
"""Cached colours of photos, some bytes each."""


class CardPreviews:
    """`color_of` finds a product's colour in its photo, as for the film."""

    def __init__(
        self,
        sessions: SessionService,
        files: LocalFiles,
        photos: PhotoService,
        color_of: Callable[[Photo], Color],
        processor: ProcessorShares | None = None,
    ) -> None:
        self._sessions = sessions
        self._files = files
        self._photos = photos
        self._color_of = color_of
        self._limiter = ConcurrencyLimiter("cards", _AT_ONCE, _WAITING, processor)
        self._colors: dict[str, Color] = {}

    async def draw(
        self, user_id: str, session_id: str, kind: CardKind, text_overlay: Json, aspect: str, width: int
    ) -> bytes:
        """Draws a card of the session's film as PNG, `width` pixels wide. `text_overlay` is that of a composition.

        Raises NotFoundError, TextError for text that is missing or that no font covers, InputError, and BusyError when many
        requests wait.
        """
        view = await self._sessions.get(user_id, session_id)
        async with self._limiter.acquire(user_id):
            with used_by(session_id):
                return await self._drawn(view, kind, text_overlay, aspect, width)

    async def product_color(self, view: SessionView) -> Color:
        """The colour that the cards have unless one is named. Raises PhotoError, StorageError."""
        image = expected_color(view)
        return NEUTRAL_COLOR if image is None else await self._color(image)

    async def _drawn(self, view: SessionView, kind: CardKind, text_overlay: Json, aspect: str, width: int) -> bytes:
        # A named colour needs no image.
        color = NEUTRAL_COLOR if text_overlay.get("color") else await self.product_color(view)
        return await asyncio.to_thread(_draw, kind, text_overlay, aspect, color, width)

    async def _color(self, image: Asset) -> Color:
        known = self._colors.get(image.content_hash)
        if known is not None:
            return known
        path = await self._files.path(image.storage_key, image.content_hash)
        photo = await self._photos.load(path)
        found = await asyncio.to_thread(self._color_of, photo)
        while len(self._colors) >= _COLORS:
            del self._colors[next(iter(self._colors))]
        return self._colors.setdefault(image.content_hash, found)


def _draw(kind: CardKind, text_overlay: Json, aspect: str, color: Color, width: int) -> bytes:
    """Leaves out the text of the other card, which may be unfinished."""
    other = "cta" if kind is CardKind.INTRO else "product_name"
    texts: dict[str, Any] = {**text_overlay, other: None}
    options = replace(read_request({"text_overlay": texts}), aspect=aspect)
    check_request(options)
    return card_png(card_of(kind, spec_of(options, "", color, ASPECTS)), width)
