"""Copies and moves files atomically. Blocking. Raises the system's OSError, and then leaves nothing behind."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

PART_PATTERN = ".*.part"
"""Names of files that are being written; the sweep deletes them after a crash."""


@contextmanager
def whole_file(target: Path) -> Generator[Path]:
    """A temporary path beside `target`. It replaces `target` when the block succeeds, else it is deleted."""
    target.parent.mkdir(parents=True, exist_ok=True)
    # A name of fixed length: one made from the target's could be too long for the file system.
    temporary = target.with_name(f".{uuid.uuid4().hex}.part")
    try:
        yield temporary
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def copy_atomically(source: Path, target: Path, *, synced: bool = False) -> int:
    """Copies and replaces `target` atomically; with `synced` after all bytes are on the disk. Returns the number of bytes."""
    with whole_file(target) as temporary:
        shutil.copyfile(source, temporary)
        size = temporary.stat().st_size
        if size != source.stat().st_size:
            raise OSError(errno.EIO, f"{source.name} changed while it was copied")
        if synced:
            sync(temporary)
    return size


def move_atomically(source: Path, target: Path) -> int:
    """Moves by renaming, else (other disk, link) by copying and removing. Returns the number of bytes."""
    target.parent.mkdir(parents=True, exist_ok=True)
    found = source.lstat()
    if _has_one_name(found):
        try:
            source.replace(target)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
        else:
            return found.st_size
    size = copy_atomically(source, target, synced=True)
    source.unlink()
    return size


def sync(path: Path) -> None:
    """Waits until a file's bytes, or a folder's names, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _has_one_name(found: os.stat_result) -> bool:
    """False for links: through the other name of a hard link the file could be changed after it was moved."""
    return stat.S_ISREG(found.st_mode) and found.st_nlink == 1
