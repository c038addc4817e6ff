"""The format of backups: a folder with databases, the secret, stored files, and a manifest that lists them."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from adreel.domain.errors import InputError, StorageError
from adreel.media.segments.store import file_digest
from adreel.services.storage.atomic import copy_atomically
from adreel.services.storage.keys import check_key

MANIFEST = "manifest.json"
STORAGE = "storage"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """`adreel` is the version that took the backup, `revision` that of its tables; `taken_at` is before the first copy.

    `database` is "sqlite" or "postgresql"; `files` has the SHA-256 of all but the stored files, whose sizes in bytes are
    `stored`. `bucket` is the S3 bucket of the files, which is not part of the backup.
    """

    adreel: str
    revision: str
    taken_at: datetime
    database: str
    files: Mapping[str, str]
    stored: Mapping[str, int]
    bucket: str | None = None

    def write(self, folder: Path) -> None:
        facts = {"format": _FORMAT, **asdict(self), "taken_at": self.taken_at.isoformat()}
        (folder / MANIFEST).write_text(json.dumps(facts, indent=1), encoding="utf-8")

    def check(self, folder: Path) -> None:
        """Raises InputError when a file of the backup is missing or changed."""
        for name, digest in self.files.items():
            path = folder / name
            if not path.is_file() or file_digest(path) != digest:
                raise InputError(f"{path} is missing or damaged: this backup cannot be put back")
        for key, size in self.stored.items():
            path = folder / STORAGE / key
            if not path.is_file() or path.stat().st_size != size:
                raise InputError(f"{path} is missing or damaged: this backup cannot be put back")


def read_manifest(folder: Path) -> Manifest:
    """Reads a backup's manifest. Raises InputError for a folder that is no backup."""
    try:
        facts: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if facts.pop("format") != _FORMAT:
            raise InputError(f"{folder} is a backup of another format: put it back with the adreel that took it")
        facts["taken_at"] = datetime.fromisoformat(facts["taken_at"])
        manifest = Manifest(**facts)
        for name in (*manifest.files, *manifest.stored):
            check_key(name)
        return manifest
    except (OSError, ValueError, KeyError, TypeError, StorageError) as error:
        raise InputError(f"{folder} is no backup of adreel: {MANIFEST} is missing or cannot be read") from error


def copy_stored(source: Path, target: Path) -> dict[str, int]:
    """Copies all stored files; returns their sizes in bytes by key. Skips files that are deleted meanwhile."""
    stored: dict[str, int] = {}
    for base, _, names in os.walk(source):
        for name in names:
            path = Path(base) / name
            key = path.relative_to(source)
            if name.startswith(".") or path.is_symlink():
                continue
            try:
                stored[key.as_posix()] = copy_atomically(path, target / key)
            except FileNotFoundError:
                continue
    return stored


def put_stored(source: Path, target: Path, stored: Mapping[str, int]) -> None:
    """Copies the stored files of a backup."""
    for key in stored:
        copy_atomically(source / key, target / key, synced=True)


def is_empty(folder: Path) -> bool:
    """Whether the folder is empty or does not exist."""
    return not folder.exists() or not any(folder.iterdir())


def remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
