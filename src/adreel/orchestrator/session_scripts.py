"""The script of a session: read, checked and stored, written from facts, removed."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from adreel.agents.script import check_script, write_script
from adreel.domain.ad import Ad
from adreel.domain.errors import InputError, StageError
from adreel.domain.films.formats import ASPECTS, to_seconds
from adreel.domain.scripts.ad_request import AdRequest
from adreel.domain.scripts.ad_timing import AdLengths, ad_lengths
from adreel.domain.sessions.session import AssetKind, SessionView
from adreel.orchestrator.film_brands import NO_BRANDS, Brands
from adreel.services.events.log import ProgressService
from adreel.services.sessions.service import SessionService

BEAT_SECONDS = 3.0
"""Length of a beat on average in a script that gives the film no length."""

_SIZE = next(iter(ASPECTS.values()))
"""Which characters a font has, and how long words take to read, is the same in every size."""


@dataclass(frozen=True, slots=True)
class SessionScript:
    """A script and how long its beats and its end card last, in frames; the photos of the script are ids of images.

    `lengths` are None for a script of an older version whose words do not fit the time any more.
    """

    ad: Ad
    lengths: AdLengths | None


@dataclass(frozen=True, slots=True)
class ScriptCommands:
    """Scripts of sessions, for every door. Nothing is bought here."""

    sessions: SessionService
    progress: ProgressService
    brands: Brands = NO_BRANDS

    async def get(self, user_id: str, session_id: str) -> SessionScript | None:
        """The session's script, None without one. Raises NotFoundError, InputError for a script of a newer version."""
        ad = await self.sessions.script(user_id, session_id)
        return None if ad is None else SessionScript(ad, _lengths(ad))

    async def put(self, user_id: str, session_id: str, ad: Ad) -> SessionScript:
        """Checks and stores a script. Without `photos` its beats show the approved images, or all when none is approved. A film
        without a length gets one, so that its clips and their film agree.

        Raises NotFoundError, StageError for a session without images, InputError for an image that is not in the session and for
        words that cannot be read in the time, TextError for words that no font shows, ClaimError for words without a source.
        """
        view = await self.sessions.get(user_id, session_id)
        ad = replace(ad, photos=ad.photos or usual_photos(view))
        check_photos(ad, view)
        await self.brands.recordings(user_id, ad)
        ad = with_length(ad)
        checked = await _checked(ad)
        self.progress.publish(await self.sessions.set_script(user_id, session_id, ad))
        return checked

    async def write(
        self, user_id: str, session_id: str, request: AdRequest, brand_kit: str | None = None
    ) -> SessionScript:
        """Writes a script by rules and stores it; the request's photos are replaced by the session's images, and it gets the
        words of the session's brand kit where it has none. `brand_kit` is the kit from now on, "" for none.

        Raises as `put` does, and InputError for a request that cannot be used.
        """
        view = await self.sessions.get(user_id, session_id)
        brand = await self.brands.of(view.session, brand_kit)
        request = brand.request(replace(request, photos=usual_photos(view)))
        written = await self.put(user_id, session_id, await asyncio.to_thread(write_script, request))
        if brand_kit is not None:
            await self.brands.choose(user_id, session_id, brand_kit)
        return written

    async def remove(self, user_id: str, session_id: str) -> None:
        """Removes the script: the next clips and film are made without one. Raises NotFoundError."""
        self.progress.publish(await self.sessions.set_script(user_id, session_id, None))


def usual_photos(view: SessionView) -> tuple[str, ...]:
    """The ids of the approved images in their order, or of all images. Raises StageError for a session without images."""
    images = [image.id for image in view.of_kind(AssetKind.IMAGE)]
    approved = [image for image in view.session.approved_image_ids if image in images]
    if not images:
        raise StageError("cannot write a script: the session has no images yet; upload or generate images first")
    return tuple(approved or images)


def check_photos(ad: Ad, view: SessionView) -> None:
    """Raises InputError when a photo of the script is no image of the session, or a beat shows a photo that it does not have."""
    known = {image.id for image in view.of_kind(AssetKind.IMAGE)}
    unknown = next((photo for photo in ad.photos if photo not in known), None)
    if unknown is not None:
        raise InputError(f"the script shows image {unknown}, which is not in this session; choose another image")
    _check_numbers(ad)


def _check_numbers(ad: Ad) -> None:
    count = len(ad.photos)
    beat = next((beat for beat in ad.beats if beat.shot.photo > count), None)
    if beat is not None:
        raise InputError(
            f"beat {beat.name!r} shows photo {beat.shot.photo}, and there {'is' if count == 1 else 'are'} {count}; "
            "change its number or add an image to the script"
        )


def with_length(ad: Ad) -> Ad:
    """The script with the length that its film has by default; the beats of a script without one may all have their own."""
    if ad.seconds is not None or all(beat.seconds is not None for beat in ad.beats):
        return ad
    lengths = ad_lengths(ad, BEAT_SECONDS)
    return replace(ad, seconds=to_seconds(sum(lengths.beats) + lengths.end))


def _lengths(ad: Ad) -> AdLengths | None:
    try:
        return ad_lengths(ad, BEAT_SECONDS)
    except InputError:
        return None


async def _checked(ad: Ad) -> SessionScript:
    return SessionScript(ad, await asyncio.to_thread(check_script, ad, BEAT_SECONDS, _SIZE))
