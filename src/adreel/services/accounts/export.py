"""Exports an account as one zip file: its data as JSON, and every stored file."""

from __future__ import annotations

import asyncio
import json
import zipfile
from pathlib import Path
from typing import Any

from adreel.domain.sessions.session import Json
from adreel.media.scratch import scratch_folder
from adreel.services.accounts.account_data import AccountService
from adreel.services.storage.atomic import whole_file
from adreel.services.storage_service import StorageService

_ABOUT = """All data that adreel stores for this account.

account.json                   the account, its logins and API keys without the keys themselves, its webhooks, its brand kits and
                               the files of all of them, and its purchases
files/                         the logos, fonts, music and recordings of account.json, under the names of their storage_key
batches/                       the films of catalogues that account.json lists, in the same way
sessions/ID/session.json       a session: its prompts, script, files, events, jobs and costs (US dollars, times in UTC)
sessions/ID/images, clips, films    the files of the session, under the names that session.json gives as storage_key
"""


class AccountExport:
    """`work` is a folder for temporary files; None for the system's."""

    def __init__(self, accounts: AccountService, storage: StorageService, work: Path | None = None) -> None:
        self._accounts = accounts
        self._storage = storage
        self._work = work

    async def write(self, user_id: str, path: Path) -> None:
        """Writes the zip to `path` atomically. Raises NotFoundError, StorageError, and OSError of `path`.

        The `missing` of the account and of a session list files that are not in storage any more.
        """
        with whole_file(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as target:
            target.writestr("README.txt", _ABOUT)
            account = await self._accounts.facts(user_id)
            films = [film["storage_key"] for film in account["catalogues"]["films"]]
            missing = [key for key in (*_keys(account), *films) if not await self._added(target, key)]
            target.writestr("account.json", _text({**account, "missing": missing}))
            async for session in self._accounts.sessions(user_id):
                missing = [key for key in _keys(session) if not await self._added(target, key)]
                target.writestr(f"sessions/{session['id']}/session.json", _text({**session, "missing": missing}))

    async def _added(self, target: zipfile.ZipFile, key: str) -> bool:
        if await self._storage.stat(key) is None:
            return False
        with scratch_folder(self._work, "export-") as folder:
            path = self._storage.local_path(key)
            if path is None:
                path = folder / "file"
                await self._storage.download_file(self._storage.url(key), path)
            # Pictures and films are compressed already.
            await asyncio.to_thread(target.write, path, key, zipfile.ZIP_STORED)
        return True


def _keys(session: Json) -> list[str]:
    """The storage keys of files, and of the captions of films."""
    files: list[dict[str, Any]] = session["files"]
    captions = [each for file in files for each in (file.get("details") or {}).get("captions", ())]
    return [file["storage_key"] for file in (*files, *captions)]


def _text(facts: Json) -> str:
    return json.dumps(facts, ensure_ascii=False, indent=1)
