"""The passports of a session's films, and everything of a session to upload as one zip file."""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from adreel.agents.bundle import beside_film
from adreel.agents.passport import completed
from adreel.domain.errors import NotFoundError
from adreel.domain.sessions.session import Asset, AssetKind, SessionView
from adreel.media.scratch import scratch_folder
from adreel.services.ledger.service import LedgerService
from adreel.services.sessions.service import SessionService
from adreel.services.storage.atomic import whole_file
from adreel.services.storage_service import StorageService

_ABOUT = """The newest film of each aspect and placement, in a folder of its own.

FOLDER/ad.mp4             the film
FOLDER/ad.srt, ad.vtt     captions of what is spoken or else shown, if anything is
FOLDER/ad.passport.json   how it was made, what to state about it where it is uploaded, its checks, licences and receipt
FOLDER/ad.passport.html   the same, to print
"""


class FilmBundles:
    """`work` is a folder for temporary files; None for the system's."""

    def __init__(
        self, sessions: SessionService, ledger: LedgerService, storage: StorageService, work: Path | None = None
    ) -> None:
        self._sessions = sessions
        self._ledger = ledger
        self._storage = storage
        self._work = work

    async def passport(self, user_id: str, session_id: str, film_id: str) -> dict[str, Any]:
        """The passport of a film with its receipt. Raises NotFoundError for an unknown film, and for one of an older version or a
        draft, which have none."""
        view = await self._sessions.get(user_id, session_id)
        film = next((each for each in view.of_kind(AssetKind.FINAL) if each.id == film_id), None)
        if film is None:
            raise NotFoundError(f"there is no film {film_id} in this session")
        if film.film_details.passport is None:
            raise NotFoundError("this film has no passport: it is a draft, or of an older version; make it again")
        return await self._completed(film, film.film_details.passport, file_name(film))

    async def write(self, user_id: str, session_id: str, path: Path) -> None:
        """Writes the zip file to `path` atomically. Raises NotFoundError for a session without films, StorageError, and OSError
        of `path`."""
        films = newest_films(await self._sessions.get(user_id, session_id))
        if not films:
            raise NotFoundError("this session has no film yet; make one first")
        with whole_file(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as target:
            target.writestr("README.txt", _ABOUT)
            for name, film in films.items():
                await self._add(target, name.replace(":", "x"), film)

    async def _add(self, target: zipfile.ZipFile, folder: str, film: Asset) -> None:
        with scratch_folder(self._work, "bundle-") as scratch:
            path = self._storage.local_path(film.storage_key)
            if path is None:
                path = scratch / "film.mp4"
                await self._storage.download_file(self._storage.url(film.storage_key), path)
            # Films are compressed already.
            await asyncio.to_thread(target.write, path, f"{folder}/ad.mp4", zipfile.ZIP_STORED)
        stored = film.film_details.passport
        if stored is not None:
            texts = await asyncio.to_thread(beside_film, await self._completed(film, stored, "ad.mp4"))
            for suffix, text in {**texts, **await self._captions(film)}.items():
                target.writestr(f"{folder}/ad{suffix}", text)

    async def _captions(self, film: Asset) -> dict[str, str]:
        """The texts of the film's own caption files by their suffix."""
        texts: dict[str, str] = {}
        with scratch_folder(self._work, "captions-") as scratch:
            for each in film.film_details.captions:
                path = scratch / f"captions{each.suffix}"
                await self._storage.download_file(self._storage.url(each.storage_key), path)
                texts[each.suffix] = await asyncio.to_thread(path.read_text, "utf-8")
        return texts

    async def _completed(self, film: Asset, stored: Mapping[str, Any], name: str) -> dict[str, Any]:
        calls = await self._ledger.calls_in(film.session_id)
        # What was bought after the film is not part of it.
        return completed(dict(stored), name, [call for call in calls if call.created_at <= film.created_at])


def newest_films(view: SessionView) -> dict[str, Asset]:
    """The newest film of each aspect (``16:9``) and of each placement, by its name."""
    return {film.film_details.placement or film.film_details.aspect: film for film in view.of_kind(AssetKind.FINAL)}


def file_name(film: Asset) -> str:
    """``Morning Mug 9x16.mp4``: named after the product, if the film has its name."""
    details = film.film_details
    name = " ".join(((details.options.name if details.options else None) or "Film").split())[:_MAX_NAME]
    draft = " draft" if details.options and details.options.draft else ""
    return f"{name} {details.placement or details.aspect.replace(':', 'x')}{draft}.mp4"


_MAX_NAME = 80
