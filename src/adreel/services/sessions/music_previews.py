"""Previews of each music genre, some seconds long: composed and mastered as for a film, once, and cached."""

from __future__ import annotations

import asyncio
from pathlib import Path

from adreel.domain.errors import InternalError, NotFoundError
from adreel.domain.films.film import AudioConfig, Transition
from adreel.domain.films.formats import to_frames
from adreel.domain.work.processor_shares import ProcessorShares
from adreel.media.audio.soundtrack import SoundtrackStore
from adreel.media.music import GENRES
from adreel.media.timeline import Item, Timeline
from adreel.services.sessions.concurrency import ConcurrencyLimiter

SECONDS = 12
CONTENT_TYPE = "audio/mp4"
_SEED = 12
_WAITING = 50


class MusicPreviews:
    """`root` is the folder of soundtracks: films of the same music share it. Files in it may be removed at any time."""

    def __init__(self, root: Path, processor: ProcessorShares | None = None) -> None:
        self._store = SoundtrackStore(root)
        # One at a time: later requests for the same piece find it in the cache.
        self._limiter = ConcurrencyLimiter("pieces of music", 1, _WAITING, processor)

    async def find(self, user_id: str, genre: str) -> Path:
        """A file of AAC in MP4, at the loudness of films. Raises NotFoundError for an unknown genre, BusyError when many wait."""
        if genre not in GENRES:
            raise NotFoundError(f"there is no music of the genre {genre!r}; there are {', '.join(GENRES)}")
        timeline = Timeline((Item(genre, to_frames(SECONDS)),), Transition.CUT)
        async with self._limiter.acquire(user_id):
            sound = await asyncio.to_thread(self._store.track, timeline, (), AudioConfig(genre=genre), _SEED)
        if sound is None:
            raise InternalError(f"the music of {genre} came out empty")
        return sound.path
