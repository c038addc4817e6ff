"""Spoken lines to listen to: any line of a user, and those of a session's script as its film would speak them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from adreel.domain.ad import Ad, Beat
from adreel.domain.errors import NotFoundError
from adreel.domain.work.processor_shares import ProcessorShares
from adreel.media.speech.recordings import line_samples
from adreel.media.speech.speakers import said_of
from adreel.media.speech.voice import offline_voice
from adreel.media.speech.wav import wav_bytes
from adreel.orchestrator.film_brands import NO_BRANDS, Brands
from adreel.services.sessions.concurrency import ConcurrencyLimiter
from adreel.services.sessions.service import SessionService

_AT_ONCE, _WAITING = 2, 4


class SpokenLines:
    """`brands` have the pronunciations of users' kits and their recordings. Users take turns."""

    def __init__(
        self, sessions: SessionService, brands: Brands = NO_BRANDS, processor: ProcessorShares | None = None
    ) -> None:
        self._sessions = sessions
        self._brands = brands
        self._limiter = ConcurrencyLimiter("spoken lines", _AT_ONCE, _WAITING, processor)

    async def say(
        self,
        user_id: str,
        text: str,
        *,
        brand_kit: str | None = None,
        session_id: str | None = None,
        pronunciations: Mapping[str, str] = MappingProxyType({}),
        speed: float = 1.0,
    ) -> bytes:
        """A line as WAV, with the pronunciations of a kit, or of the one of a session, and `pronunciations`, which have
        precedence.

        Raises TextError for a line that the voice cannot speak and a pronunciation that is none, InputError for an unknown kit,
        NotFoundError for an unknown session, BusyError when many lines wait.
        """
        if session_id is None:
            brand = await self._brands.named(user_id, brand_kit or "")
        else:
            brand = await self._brands.of((await self._sessions.get(user_id, session_id)).session, brand_kit)
        said = {**dict(said_of(dict(brand.pronunciations))), **dict(said_of(pronunciations))}
        async with self._limiter.acquire(user_id):
            return await asyncio.to_thread(_spoken, text, said, speed)

    async def line(self, user_id: str, session_id: str, beat: str) -> bytes:
        """The line of a beat of the session's script as WAV: its recording, or as `say` speaks it. Raises as `say`, and
        NotFoundError for a beat without a line."""
        ad = await self._sessions.script(user_id, session_id)
        found = None if ad is None else next((each for each in ad.beats if each.name == beat), None)
        if ad is None or found is None or not found.spoken:
            raise NotFoundError(f"the script has no line for a beat {beat!r}; write one first")
        if found.recording:
            return await self._recorded(user_id, ad, found)
        return await self.say(user_id, found.spoken, session_id=session_id)

    async def _recorded(self, user_id: str, ad: Ad, beat: Beat) -> bytes:
        # That of another beat may be gone.
        own = await self._brands.recordings(user_id, replace(ad, beats=(beat,)))
        speaker = await self._brands.speaker((), own)
        async with self._limiter.acquire(user_id):
            sound = await asyncio.to_thread(speaker.say, beat, 1.0)
            if sound.sound is None:
                raise NotFoundError(f"the recording of beat {beat.name!r} is gone; record it again")
            return wav_bytes(await asyncio.to_thread(line_samples, sound.sound, sound.span))


def _spoken(text: str, said: Mapping[str, str], speed: float) -> bytes:
    return wav_bytes(offline_voice().say(text, said, speed).samples)
