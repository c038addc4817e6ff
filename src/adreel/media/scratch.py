"""Scratch folders, locked by their process, so that folders of dead processes can be detected and removed."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

_SETTLED_SECONDS = 60.0
"""A younger folder may have just been created and not be locked yet."""


@contextmanager
def scratch_folder(root: Path | None, prefix: str) -> Generator[Path]:
    """A new folder below `root` (created if missing; the system's default when None), removed at the end of the block.

    The folder is locked as long as its process lives, so that `sweep_scratch` finds the folders of killed processes.
    """
    if root is not None:
        root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root, prefix=prefix, ignore_cleanup_errors=True) as name:
        handle = os.open(name, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_SH)
            yield Path(name)
        finally:
            os.close(handle)


def sweep_scratch(root: Path, pattern: str, now: float) -> None:
    """Removes the folders matching `pattern` below `root` that no running process locks. `now`: seconds since 1970."""
    for path in root.glob(pattern):
        if path.is_dir() and not path.is_symlink() and _is_abandoned(path, now):
            shutil.rmtree(path, ignore_errors=True)


def _is_abandoned(path: Path, now: float) -> bool:
    try:
        if now - path.stat().st_mtime < _SETTLED_SECONDS:
            return False
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True
