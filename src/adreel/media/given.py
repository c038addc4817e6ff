"""Clips made elsewhere, examined before anything is rendered."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

from adreel.domain.clip import Clip
from adreel.domain.ports import CancelCheck
from adreel.media.conform import check_hdr
from adreel.media.probe import ClipInfo, probe_clip, verify_decodes
from adreel.media.segments import file_digest

_VERSION = 1
"""Goes up when clips are examined more closely, so that older verdicts no longer count."""

_REMEMBERED = 1000
"""Clips whose facts are kept in memory, some hundred bytes each."""


class ClipExaminer:
    """Looks into each clip once. `root` keeps the verdicts on clips that decode from end to end, by the hash of their content."""

    def __init__(self, root: Path, ffmpeg: Path) -> None:
        self._root = root
        self._ffmpeg = ffmpeg
        self._infos: dict[tuple[Path, int, int], ClipInfo] = {}

    def examine(self, path: Path, clip_id: str, cancel: CancelCheck) -> Clip:
        """The clip at `path`. Raises ClipError, which names the file, for one that is no use."""
        info = self.info(path)
        check_hdr(path, info, self._ffmpeg)
        stands_still = self._stands_still(path, info, cancel)
        return Clip(clip_id, info.film_frames, source=path, may_stand_still=stands_still)

    def info(self, path: Path) -> ClipInfo:
        """The facts of a clip, remembered until its file changes. Raises ClipError."""
        try:
            facts = path.stat()
        except OSError:
            return probe_clip(path)
        key = (path.absolute(), facts.st_mtime_ns, facts.st_size)
        if key not in self._infos:
            if len(self._infos) >= _REMEMBERED:
                self._infos.clear()
            self._infos[key] = probe_clip(path)
        return self._infos[key]

    def _stands_still(self, path: Path, info: ClipInfo, cancel: CancelCheck) -> bool:
        kept = self._root / f"{file_digest(path)}.json"
        known = _read(kept)
        if known is not None:
            kept.touch()
            return known
        verdict = verify_decodes(path, info, ffmpeg=self._ffmpeg, cancel=cancel)
        self._keep(kept, verdict.stands_still)
        return verdict.stands_still

    def _keep(self, kept: Path, stands_still: bool) -> None:
        self._root.mkdir(parents=True, exist_ok=True)
        temporary = self._root / f".{uuid.uuid4().hex}"
        temporary.write_text(json.dumps({"version": _VERSION, "stands_still": stands_still}), encoding="utf-8")
        temporary.replace(kept)


def _read(kept: Path) -> bool | None:
    try:
        facts = json.loads(kept.read_text(encoding="utf-8"))
        return bool(facts["stands_still"]) if facts["version"] == _VERSION else None
    except (OSError, ValueError, KeyError):
        return None
