"""Spoken lines and captions of sessions, for Python programs."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from adreel.agents.output import Existing, check_target, written
from adreel.studio.brand_kits import BrandsApi

if TYPE_CHECKING:
    from adreel.domain.sessions.session import Asset
    from adreel.orchestrator.previews.spoken_lines import SpokenLines


class SpeechApi(BrandsApi):
    """What films of sessions say. Every method raises AdreelError."""

    async def spoken_line(self, session_id: str, beat: str) -> bytes:
        """Returns the line of a beat of the session's script as WAV, as its film would speak it: its recording, or the offline
        voice with the pronunciations of the session's brand kit. Raises NotFoundError for a beat without a line."""
        return await self._lines.line(self._user, session_id, beat)

    async def save_captions(self, film: Asset, path: Path, *, existing: Existing = Existing.REFUSE) -> tuple[Path, ...]:
        """Writes the caption files of a film as `path` with the suffixes .srt and .vtt, and returns their paths; none for a film
        that was made without. Example:

        film = await studio.compose_final_video(session.id, voice="on", captions="both")
        await studio.save_captions(film, Path("ad.mp4"))
        """
        storage, files = self._core.storage, film.film_details.captions
        targets = [path.with_suffix(file.suffix) for file in files]
        for target in targets:
            check_target(target, existing)
        return tuple(
            [
                await written(target, existing, partial(storage.download_file, storage.url(file.storage_key)))
                for target, file in zip(targets, files, strict=True)
            ]
        )

    @property
    def _lines(self) -> SpokenLines:
        from adreel.orchestrator.previews.spoken_lines import SpokenLines

        return SpokenLines(self._core.sessions, self._core.brands, self._core.processor)
