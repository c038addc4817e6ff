"""Previews of a film's cards: checked and drawn as by composing. Also selects the image that gives a film its colour."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from adreel.agents.film_cards import card_of, end_card_of
from adreel.agents.options import NEUTRAL_COLOR, check_request, spec_of
from adreel.domain.errors import InternalError
from adreel.domain.films.color import Color
from adreel.domain.films.film import EndCardLook, FilmSpec
from adreel.domain.films.film_options import FilmOptions, read_request
from adreel.domain.films.formats import ASPECTS, to_seconds
from adreel.domain.ports import ProductPictures
from adreel.domain.sessions.session import Asset, AssetKind, Json, SessionView
from adreel.domain.work.processor_shares import ProcessorShares
from adreel.media.cache_uses import used_by
from adreel.media.cards.card import CardKind, card_png, frame_png
from adreel.media.end_cards.end_card import end_card_still, shortest_end_card
from adreel.media.photos.photo import Photo
from adreel.orchestrator.film_brands import NO_BRANDS, Brands
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


@dataclass(frozen=True, slots=True)
class DrawnCard:
    """A card as PNG; `least` is how long it lasts at least, in seconds, so that its words can be read."""

    png: bytes
    least: float = 0.0


class CardPreviews:
    """`color_of` finds a product's colour in its photo and `picture` reads the product of an end card, as for the film; `brands`
    finds the brand of a session."""

    def __init__(
        self,
        sessions: SessionService,
        files: LocalFiles,
        photos: PhotoService,
        color_of: Callable[[Photo], Color],
        picture: ProductPictures | None = None,
        brands: Brands = NO_BRANDS,
        processor: ProcessorShares | None = None,
    ) -> None:
        self._picture = picture
        self._brands = brands
        self._sessions = sessions
        self._files = files
        self._photos = photos
        self._color_of = color_of
        self._limiter = ConcurrencyLimiter("cards", _AT_ONCE, _WAITING, processor)
        self._colors: dict[str, Color] = {}

    async def draw(
        self, user_id: str, session_id: str, kind: CardKind, text_overlay: Json, aspect: str, width: int
    ) -> DrawnCard:
        """Draws a card of the session's film, `width` pixels wide. `text_overlay` is that of a composition.

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

    async def _drawn(self, view: SessionView, kind: CardKind, text_overlay: Json, aspect: str, width: int) -> DrawnCard:
        brand = await self._brands.of(view.session)
        options = _options(kind, text_overlay, aspect)
        options = _without_other(kind, brand.options(options, None))
        font = None if options.font else brand.files.font
        own = await self._brands.brought(replace(brand.files, font=font, music=None))
        # A named colour needs no image.
        color = NEUTRAL_COLOR if options.color else await self.product_color(view)
        spec = await asyncio.to_thread(spec_of, own.options(options), "", color, ASPECTS)
        image = expected_color(view)
        if kind is CardKind.OUTRO and brand.end is not None and options.cta and image is not None:
            name = text_overlay.get("product_name")
            look = EndCardLook(await self._path(image), brand.end, name or None, logo=own.logo)
            return await asyncio.to_thread(self._end_card, replace(spec, end_card=look), look, width)
        return DrawnCard(await asyncio.to_thread(lambda: card_png(card_of(kind, spec), width)))

    def _end_card(self, spec: FilmSpec, look: EndCardLook, width: int) -> DrawnCard:
        """The end card of a film whose brand has something to show on it."""
        if self._picture is None:
            raise InternalError("no product can be read for an end card")
        card = end_card_of(spec, look)
        least = shortest_end_card(card)
        card = replace(card, frames=max(card.frames, least))
        return DrawnCard(frame_png(end_card_still(card, self._picture(look.photo)), width), to_seconds(least))

    async def _path(self, image: Asset) -> Path:
        return await self._files.path(image.storage_key, image.content_hash)

    async def _color(self, image: Asset) -> Color:
        known = self._colors.get(image.content_hash)
        if known is not None:
            return known
        photo = await self._photos.load(await self._path(image))
        found = await asyncio.to_thread(self._color_of, photo)
        while len(self._colors) >= _COLORS:
            del self._colors[next(iter(self._colors))]
        return self._colors.setdefault(image.content_hash, found)


def _options(kind: CardKind, text_overlay: Json, aspect: str) -> FilmOptions:
    """The options of one card. Leaves out the text of the other, which may be unfinished."""
    other = "cta" if kind is CardKind.INTRO else "product_name"
    texts: dict[str, Any] = {**text_overlay, other: None}
    options = replace(read_request({"text_overlay": texts}), aspect=aspect)
    check_request(options)
    return options


def _without_other(kind: CardKind, options: FilmOptions) -> FilmOptions:
    return replace(options, cta=None) if kind is CardKind.INTRO else options
