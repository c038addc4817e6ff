"""Examines external clips before rendering."""

from __future__ import annotations

import json
import uuid
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from adreel.domain.errors import ClipError
from adreel.domain.films.clip import Clip
from adreel.domain.ports import CancelCheck
from adreel.media.cache_uses import note_use
from adreel.media.clips.conform import check_hdr
from adreel.media.clips.probe import Changes, ClipInfo, probe_clip, verify_decodes
from adreel.media.clips.rewriting import COPY_SUFFIX, STEADY_SUFFIX, copy_packets, make_steady
from adreel.media.segments.store import file_digest

_DAMAGED = "is damaged"
_VERSION = 2
"""Increased when the examination becomes stricter, which invalidates stored verdicts."""

_MAX_CACHED = 1000
"""Clips whose facts are cached in memory, a few hundred bytes each."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What decoding a clip once showed: whether it is black or frozen anywhere, and what changes on the way."""

    stands_still: bool
    changes: Changes


class ClipExaminer:
    """Examines each clip once. `root` stores the verdicts on clips that decode completely, by content hash,
    and rewritten clips."""

    def __init__(self, root: Path, ffmpeg: Path) -> None:
        self._root = root
        self._ffmpeg = ffmpeg
        self._infos: dict[tuple[Path, int, int], ClipInfo] = {}

    def examine(self, path: Path, clip_id: str, cancel: CancelCheck) -> Clip:
        """The clip at `path`; its source is a copy when the file changes on the way (see `rewriting`).

        Raises ClipError naming the file when it is unusable.
        """
        info = self.info(path)
        check_hdr(path, info, self._ffmpeg)
        source, info = self._copied(path, info, cancel) if info.needs_copy else (path, info)
        with _naming(path, source):
            findings = self._findings(source, info, cancel)
        if findings.changes != Changes():
            source, info = self._steady(path, source, info, findings.changes, cancel)
        return Clip(clip_id, info.film_frames, source=source, may_stand_still=findings.stands_still)

    def _copied(self, path: Path, info: ClipInfo, cancel: CancelCheck) -> tuple[Path, ClipInfo]:
        copy = self._kept(path, COPY_SUFFIX)
        if not copy.exists():
            copy_packets(path, info, copy, self._ffmpeg, cancel)
        with _naming(path, copy):
            return copy, self._whole(path, self.info(copy))

    def _whole(self, path: Path, info: ClipInfo) -> ClipInfo:
        if info.needs_copy:
            raise ClipError(f"{path} is several recordings in one file that do not fit together; give them one by one")
        return info

    def _steady(
        self, path: Path, source: Path, info: ClipInfo, changes: Changes, cancel: CancelCheck
    ) -> tuple[Path, ClipInfo]:
        steady = self._kept(path, STEADY_SUFFIX)
        with _naming(path, source):
            if not steady.exists():
                make_steady(source, info, changes, steady, self._ffmpeg, cancel)
        with _naming(path, steady):
            return steady, self.info(steady)

    def _kept(self, path: Path, suffix: str) -> Path:
        """Where the rewritten clip is stored. Its name is that of the verdict, so that it is deleted with it."""
        digest = file_digest(path)
        note_use(self._root, digest)
        kept = self._root / f"{digest}{suffix}"
        if kept.exists():
            kept.touch()
        return kept

    def info(self, path: Path) -> ClipInfo:
        """The facts of a clip, cached until its file changes. Raises ClipError."""
        try:
            facts = path.stat()
        except OSError:
            return probe_clip(path)
        key = (path.absolute(), facts.st_mtime_ns, facts.st_size)
        if key not in self._infos:
            if len(self._infos) >= _MAX_CACHED:
                self._infos.clear()
            self._infos[key] = probe_clip(path)
        return self._infos[key]

    def _findings(self, path: Path, info: ClipInfo, cancel: CancelCheck) -> Findings:
        file = self._root / f"{file_digest(path)}.json"
        note_use(self._root, file.stem)
        stored = _read(file)
        if stored is not None:
            file.touch()
            return stored
        verdict = verify_decodes(path, info, ffmpeg=self._ffmpeg, cancel=cancel)
        findings = Findings(verdict.stands_still, verdict.changes)
        self._write(file, findings)
        note_use(self._root, file.stem)
        return findings

    def _write(self, file: Path, findings: Findings) -> None:
        self._root.mkdir(parents=True, exist_ok=True)
        temporary = self._root / f".{uuid.uuid4().hex}"
        facts = {
            "version": _VERSION,
            "stands_still": findings.stands_still,
            "sizes": findings.changes.sizes,
            "sound_changes": findings.changes.sound,
        }
        temporary.write_text(json.dumps(facts), encoding="utf-8")
        temporary.replace(file)


@contextmanager
def _naming(path: Path, copy: Path) -> Generator[None]:
    """Errors about a copy name the clip that it was made of."""
    try:
        yield
    except ClipError as error:
        if copy == path:
            raise
        if _DAMAGED in str(error):
            raise ClipError(
                f"{path} is put together of recordings, or begins in the middle of one, and does not decode from there on: "
                "give the recordings one by one, or export it again"
            ) from error
        raise ClipError(str(error).replace(str(copy), str(path))) from error


def _read(file: Path) -> Findings | None:
    try:
        facts = json.loads(file.read_text(encoding="utf-8"))
        if facts["version"] != _VERSION:
            return None
        sizes = tuple((int(width), int(height)) for width, height in facts["sizes"])
        return Findings(bool(facts["stands_still"]), Changes(sizes, bool(facts["sound_changes"])))
    except (OSError, ValueError, KeyError, TypeError):
        return None
