"""Keeps a cache folder within its limit."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path


def prune(root: Path, limit_bytes: int) -> None:
    """Removes what was used longest ago below `root` until the rest is within the limit.

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


def _last_use(files: list[Path]) -> float:
    return max(path.stat().st_mtime for path in files)
