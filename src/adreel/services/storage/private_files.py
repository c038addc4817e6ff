"""Restricts the data folder to its owner: it has users' photos and texts, password hashes, and the secret that signs links."""

from __future__ import annotations

import logging
import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

FOLDER_MODE, FILE_MODE = 0o700, 0o600
_OTHERS = 0o077
"""Permissions of group and others, all of which are removed."""

_BESIDE = ("", "-wal", "-shm", "-journal")
"""Suffixes of SQLite's files of one database."""

_FILES = frozenset(
    {*(f"{name}{end}" for name in ("adreel.db", "engine.db") for end in _BESIDE), "secret", "executor.lock"}
)
_FOLDERS = frozenset({"storage", "cache", "work", "credentials"})
_TEMPORARY = (".secret.", ".doctor")
"""Prefixes of temporary files."""

_log = logging.getLogger(__name__)


def private_folder(path: Path) -> None:
    """Makes a folder that only its owner can enter, or tightens an existing one. Raises OSError when it cannot be made.

    A folder that also has files of other programs stays open, since others may be meant to use those; adreel's files in it are
    tightened. `open_to_others` finds the rest.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.mkdir(FOLDER_MODE)
    except FileExistsError:
        if not path.is_dir():
            raise
        _tighten_existing(path)


def private_database(path: Path) -> None:
    """Creates the file of an SQLite database before SQLite does, for its owner alone, and tightens existing files.

    SQLite gives the files beside a database the database's mode.
    """
    with suppress(OSError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE))
    for end in _BESIDE:
        private_file(path.with_name(path.name + end))


def private_file(path: Path) -> None:
    """Tightens a file, if it exists."""
    if path.is_file():
        _tighten(path, FILE_MODE)


def open_to_others(folder: Path) -> Iterator[str]:
    """Yields a message for each path of the data folder that others can read or enter, with the command that fixes it."""
    sensitive = [folder, *(folder / name for name in sorted(_FILES) if (folder / name).is_file())]
    for path in sensitive:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & _OTHERS:
            private = FOLDER_MODE if path.is_dir() else FILE_MODE
            yield f"{path} can be used by others (mode {mode:o}); run: chmod {private:o} {path}"


def _tighten_existing(folder: Path) -> None:
    names = {path.name for path in folder.iterdir() if not path.name.startswith(_TEMPORARY)}
    if names <= _FILES | _FOLDERS and not _is_shared(folder):
        _tighten(folder, FOLDER_MODE)
    elif names & _FILES:
        for name in names & _FOLDERS:
            _tighten(folder / name, FOLDER_MODE)
    for name in names & _FILES:
        private_file(folder / name)


def _is_shared(folder: Path) -> bool:
    """True for folders that are never adreel's own, even when they are empty."""
    path = folder.resolve()
    return path in (Path.home().resolve(), Path(path.anchor)) or bool(path.stat().st_mode & stat.S_ISVTX)


def _tighten(path: Path, mode: int) -> None:
    try:
        if stat.S_IMODE(path.stat().st_mode) & _OTHERS:
            path.chmod(mode)
    except OSError as error:
        _log.warning("%s cannot be kept from other users: %s; take their rights away", path, error.strerror)
