"""Reference tracking for cached files: a file is removed when its last owner is deleted.

A cache folder holds ``uses/OWNER/``: empty files, each named after a cached file. A use is recorded before a cache lookup and
again after a write, so a process killed in between leaves no untracked file.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

_USES = "uses"
_OWNER = re.compile(r"[A-Za-z0-9_-]{1,64}")
_owner: ContextVar[str | None] = ContextVar("cache_owner", default=None)


@contextmanager
def used_by(owner: str) -> Generator[None]:
    """Records uses of cached files for `owner` within the block and in threads that `asyncio.to_thread` starts there."""
    token = _owner.set(owner if _OWNER.fullmatch(owner) else None)
    try:
        yield
    finally:
        _owner.reset(token)


def note_use(folder: Path, stem: str) -> None:
    """Records that the current owner, if any, uses the files ``STEM.*`` in a folder of the cache."""
    owner = _owner.get()
    if owner is None:
        return
    owner_folder = folder.parent / _USES / owner
    marker = owner_folder / f"{folder.name}.{stem}"
    try:
        marker.touch()
    except FileNotFoundError:
        owner_folder.mkdir(parents=True, exist_ok=True)
        marker.touch()


def owners(cache: Path) -> frozenset[str]:
    """The owners with at least one recorded use in this cache."""
    return frozenset(path.name for path in (cache / _USES).glob("*") if path.is_dir())


def forget_owners(cache: Path, gone: Collection[str]) -> int:
    """Removes the files that only the owners in `gone` use. Returns the number of files removed."""
    return sum(_forget(cache, owner, set(gone)) for owner in gone)


def _forget(cache: Path, owner: str, gone: set[str]) -> int:
    owner_folder, removed = cache / _USES / owner, 0
    for marker in sorted(owner_folder.glob("*")):
        # Read again for each file just before its removal: another owner may have started to use it meanwhile.
        others = owners(cache) - gone
        if not any((cache / _USES / other / marker.name).exists() for other in others):
            removed += _remove(cache, marker.name)
        marker.unlink(missing_ok=True)
    try:
        owner_folder.rmdir()
    except OSError:
        # Work for a deleted owner is still running; the next call removes its files.
        return removed
    return removed


def _remove(cache: Path, name: str) -> int:
    """Removes the description first: without it the other files are no longer found."""
    folder, _, stem = name.partition(".")
    files = [path for path in (cache / folder).glob(f"{stem}*") if path.stem == stem or path.name == stem]
    for path in sorted(files, key=lambda path: path.suffix != ".json"):
        path.unlink(missing_ok=True)
    return len(files)
