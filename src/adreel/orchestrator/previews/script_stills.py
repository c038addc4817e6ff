"""Stills of a script: one frame of each beat and of the end card, with the words as the film draws them."""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from adreel.agents.options import NEUTRAL_COLOR
from adreel.billing.clip_jobs import shot_seed
from adreel.domain.ad import Ad
from adreel.domain.errors import InputError
from adreel.domain.films.color import Color
from adreel.domain.films.film import EndCardLook
from adreel.domain.films.film_files import NO_FILES, FilmFiles
from adreel.domain.films.formats import ASPECTS, FrameSize, to_frames
from adreel.domain.films.logo import BrandLogo
from adreel.domain.films.scene import FRAMINGS, ApprovedImage, ViewType
from adreel.domain.ports import FrameEngine, ProductPictures, Shot
from adreel.domain.scripts.ad_timing import end_frames, needed_frames
from adreel.domain.sessions.session import Asset, AssetKind, SessionView
from adreel.domain.work.processor_shares import ProcessorShares
from adreel.media.cache_uses import used_by
from adreel.media.end_cards.end_card import EndCardSpec, end_card_still, shortest_end_card
from adreel.media.overlays.footage import footage_of
from adreel.media.overlays.loader import text_style
from adreel.media.overlays.overlay import Captioned, plan_overlay
from adreel.media.thumbnails import encoded
from adreel.media.yuv import i420_to_rgb
from adreel.orchestrator.film_brands import NO_BRANDS, Brands
from adreel.providers.planning.scene_rules import RuleScenePlanner, with_move
from adreel.services.sessions.concurrency import ConcurrencyLimiter
from adreel.services.sessions.service import SessionService
from adreel.services.storage_service import LocalFiles

if TYPE_CHECKING:
    from adreel.domain.ports import YuvFrame

SIDE = 960
"""Longest side of a still, pixels."""

_USUAL_SECONDS = 3.0
_AT_ONCE, _WAITING = 1, 60
_KEPT = 120
"""Stills kept in memory, about 40 KB each."""


@dataclass(frozen=True, slots=True)
class _Still:
    """One still to draw. `place` is that of a beat, None for the end card; `color` and `files` are only used on the end card."""

    ad: Ad
    place: int | None
    image: ApprovedImage
    size: FrameSize
    seed: int
    prompt: str
    color: Color | None
    files: FilmFiles = NO_FILES

    def key(self, photo: str) -> str:
        parts = (
            self.ad,
            self.place,
            photo,
            self.image.view_type,
            self.size,
            self.seed,
            self.prompt,
            self.color,
            self.files,
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()


class ScriptStills:
    """`engine` draws beats as it draws clips, `picture` reads the product of the end card, `color_of` finds the product's
    colour of a session, `brands` the brand whose logo, address and legal line the end card shows."""

    def __init__(
        self,
        sessions: SessionService,
        files: LocalFiles,
        engine: FrameEngine,
        picture: ProductPictures,
        color_of: Callable[[SessionView], Awaitable[Color]],
        brands: Brands = NO_BRANDS,
        processor: ProcessorShares | None = None,
    ) -> None:
        self._brands = brands
        self._sessions = sessions
        self._files = files
        self._engine = engine
        self._picture = picture
        self._color_of = color_of
        self._limiter = ConcurrencyLimiter("stills", _AT_ONCE, _WAITING, processor)
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    async def draw(self, user_id: str, session_id: str, ad: Ad, place: int | None, aspect: str) -> bytes:
        """WebP of beat `place` of a script, from 0, or of its end card (None), over the session's chosen images.

        The words are not checked for sources, and a beat that is too short is drawn as long as its words need: a script is shown
        while it is written. Raises NotFoundError, InputError for an aspect, a beat or a photo that is not there, TextError for
        words that do not fit, PhotoError, RenderError, BusyError when many requests wait.
        """
        if aspect not in ASPECTS:
            raise InputError(f"aspect {aspect!r} is not made; choose one of {', '.join(ASPECTS)}")
        if place is not None and not 0 <= place < len(ad.beats):
            raise InputError(f"the script has {len(ad.beats)} beats, and no beat {place + 1}")
        view = await self._sessions.get(user_id, session_id)
        photo = _photo(view, ad, place)
        still = await self._still(view, ad, place, photo, ASPECTS[aspect])
        key = still.key(photo.content_hash)
        if key in self._kept:
            return self._kept[key]
        async with self._limiter.acquire(user_id):
            with used_by(session_id):
                logo = (await self._brands.brought(still.files)).logo
                made = await asyncio.to_thread(self._drawn, still, await self._shot(still), logo)
        return self._keep(key, made)

    async def _still(self, view: SessionView, ad: Ad, place: int | None, photo: Asset, size: FrameSize) -> _Still:
        path = await self._files.path(photo.storage_key, photo.content_hash)
        framing = _framing(ad, place or 0)
        seed = shot_seed(view.session.seed, photo.content_hash, framing, 0, _repeat(ad, place or 0))
        prompt = ad.prompt or view.session.video_prompt
        still = _Still(ad, place, ApprovedImage(photo.id, path, framing), size, seed, prompt, None)
        return still if place is not None else await self._branded(view, still)

    async def _branded(self, view: SessionView, still: _Still) -> _Still:
        brand = await self._brands.of(view.session)
        color = Color.parse(brand.color) if brand.color else await self._color_of(view)
        return replace(still, ad=brand.ad(still.ad) or still.ad, color=color, files=brand.files)

    async def _shot(self, still: _Still) -> Shot | None:
        """The shot of a beat, with the scene that the rules plan for it; None for the end card."""
        if still.place is None:
            return None
        # The moves of neighbours differ, so that all are planned.
        images = [
            ApprovedImage(str(place), still.image.path, _framing(still.ad, place))
            for place in range(len(still.ad.beats))
        ]
        scenes = await RuleScenePlanner().plan(images, still.prompt)
        beat = still.ad.beats[still.place]
        scene = with_move(scenes[still.place], beat.shot.camera, beat.shot.intensity)
        frames = max(to_frames(beat.seconds or _USUAL_SECONDS), needed_frames(beat, still.ad.style))
        return Shot(still.image, scene, still.size, frames, still.seed, beat.words, still.ad.style)

    def _drawn(self, still: _Still, shot: Shot | None, logo: BrandLogo | None) -> bytes:
        frame = self._end_card(still, logo) if shot is None else _frame(self._engine, shot)
        share = min(1.0, SIDE / max(still.size.width, still.size.height))
        return encoded(i420_to_rgb(frame, round(still.size.width * share)))

    def _end_card(self, still: _Still, logo: BrandLogo | None) -> YuvFrame:
        """Raises TextError when the card has no words."""
        ad = still.ad
        look = EndCardLook(still.image.path, ad.end, ad.product or None, ad.style, logo)
        spec = EndCardSpec(look, ad.end.cta, still.color or NEUTRAL_COLOR, still.size, max(1, end_frames(ad)))
        return end_card_still(
            replace(spec, frames=max(spec.frames, shortest_end_card(spec))), self._picture(look.photo)
        )

    def _keep(self, key: str, made: bytes) -> bytes:
        self._kept[key] = made
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return made


def _photo(view: SessionView, ad: Ad, place: int | None) -> Asset:
    """The image of a beat, of the first one for the end card. Raises InputError when it is not there."""
    number = 1 if place is None else ad.beats[place].shot.photo
    images = {image.id: image for image in view.of_kind(AssetKind.IMAGE)}
    shown = photos_of(ad, view)
    if number > len(shown) or shown[number - 1] not in images:
        raise InputError(
            f"photo {number} of the script is not in this film any more; choose another photo for this part"
        )
    return images[shown[number - 1]]


def photos_of(ad: Ad, view: SessionView) -> tuple[str, ...]:
    """The ids of the images that a script's photo numbers mean: its own, else the chosen ones."""
    return ad.photos or tuple(view.session.approved_image_ids)


def _framing(ad: Ad, place: int) -> ViewType:
    return ad.beats[place].shot.framing or FRAMINGS[place % len(FRAMINGS)]


def _repeat(ad: Ad, place: int) -> int:
    """See `shot_seed`."""
    same = (ad.beats[place].shot.photo, _framing(ad, place))
    return sum((ad.beats[before].shot.photo, _framing(ad, before)) == same for before in range(place))


def _frame(engine: FrameEngine, shot: Shot) -> YuvFrame:
    """The frame in the middle of the time in which all words are there; of the shot without words."""
    footage = footage_of(engine, shot)
    if not shot.words:
        return next(iter(footage.samples([shot.frames // 2])))
    overlay = plan_overlay(Captioned(shot.words, text_style(shot.text_style), shot.size, shot.frames), footage)
    index = (overlay.times.full + overlay.times.leaving) // 2
    return overlay.laid(next(iter(footage.samples([index]))), index)
