"""Keeps a cache folder within its limit and clears what a killed process left behind."""

from __future__ import annotations

import shutil
from collections import defaultdict
from pathlib import Path

LEFT_BEHIND_SECONDS = 24 * 3600
"""No work in progress lasts a day: what is older was left by a process that died."""


def prune(root: Path, limit_bytes: int) -> None:
    """Removes what was used longest ago in the folders below `root` until the rest is within the limit.

    Files that share a stem belong together (a segment's picture, sound and description) and go together; the newest
    change to any of them is their last use. Work in progress (names with a leading dot) is left alone.
    """
    groups: dict[Path, list[Path]] = defaultdict(list)
    for path in root.glob("*/*"):
        if path.is_file() and not path.name.startswith("."):
            groups[path.with_suffix("")].append(path)
    total = 0
    for files in sorted(groups.values(), key=_last_use, reverse=True):
        total += sum(path.stat().st_size for path in files)
        if total > limit_bytes:
            for path in sorted(files, key=lambda path: path.suffix != ".json"):
                path.unlink(missing_ok=True)


def sweep(folder: Path, pattern: str, now: float) -> None:
    """Removes files and folders of `pattern` that were last changed a day or more before `now` (seconds since 1970)."""
    for path in folder.glob(pattern):
        if now - path.stat().st_mtime < LEFT_BEHIND_SECONDS:
            continue
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _last_use(files: list[Path]) -> float:
    return max(path.stat().st_mtime for path in files)
