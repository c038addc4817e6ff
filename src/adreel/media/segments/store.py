"""The content-addressed store of encoded segments: each is made and inspected once and found by the hash of its inputs.

Also keeps a cache folder within its size limit and removes leftovers of killed processes.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from adreel.domain.errors import StorageError
from adreel.domain.films.clip import Segment
from adreel.domain.films.encoder_profile import EncoderProfile
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.shown_words import Words, read_plain, to_plain
from adreel.domain.machine_faults import fault_or
from adreel.domain.work.tracing import span
from adreel.domain.work.work_counts import WorkCounts
from adreel.media.cache_uses import note_use
from adreel.media.scratch import scratch_folder
from adreel.media.segments.inspect import inspect_segment
from adreel.media.segments.x264 import parameters_digest

Draw = Callable[[Path, Path], Words | None]
"""Writes the picture to the first path and the sound, if any, to the second; returns the words that the picture shows, None where
that is not known."""

_VERSION = "2"


def segment_key(*parts: object) -> str:
    """Hash of everything that a segment's frames depend on; always includes the encoder's parameters."""
    text = json.dumps([_VERSION, parameters_digest(), *map(str, parts)], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def profiled_key(key: str, profile: EncoderProfile) -> str:
    """The key of a segment encoded by a profile; STANDARD's is the key itself."""
    return key if profile is EncoderProfile.STANDARD else segment_key(key, profile, parameters_digest(profile))


def file_digest(path: Path) -> str:
    """SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class SegmentStore:
    """A folder of segments, safe for concurrent threads and processes: a segment in it is always complete.

    A segment exists once its description (``KEY.json``) does, which is renamed into place last and touched on each use. `counts`
    counts the segments that `make` finds and makes.
    """

    def __init__(self, root: Path, counts: WorkCounts | None = None) -> None:
        self._root = root
        self._counts = counts or WorkCounts()
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def find(self, key: str) -> Segment | None:
        """The segment of this key, or None when it, or a file of it at its recorded length, is missing."""
        note_use(self._root, key)
        description = self._root / f"{key}.json"
        try:
            segment = _read(description)
        except (OSError, ValueError, KeyError):
            return None
        if segment is not None:
            description.touch()
        return segment

    def file_of(self, key: str) -> Path:
        """The file of a segment's picture, whether it exists or not."""
        return self._root / f"{key}.mp4"

    def note_hit(self, kind: str) -> None:
        """Counts a segment that was found by `find` instead of `make`."""
        self._counts.segment(kind, found=True)

    def make(self, key: str, size: FrameSize, frames: int, draw: Draw, *, kind: str = "other") -> Segment:
        """Finds the segment or makes it with `draw`. Raises RenderError, StorageError, or any exception of `draw`.

        `kind` is what it shows, for metrics and traces: one of a few words.
        """
        with self._lock(key), span("segment", of=kind, frames=frames) as noted:
            found = self.find(key)
            self._counts.segment(kind, found=found is not None)
            noted.note(cache="miss" if found is None else "hit")
            return found or self._make(key, size, frames, draw)

    def _lock(self, key: str) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(key, threading.Lock())

    def _make(self, key: str, size: FrameSize, frames: int, draw: Draw) -> Segment:
        try:
            with scratch_folder(self._root, ".part-") as work:
                return self._draw(key, size, frames, draw, work)
        except OSError as error:
            failed = StorageError(f"cannot write to the segment cache {self._root}: {error}")
            raise fault_or(error, self._root, failed) from error

    def _draw(self, key: str, size: FrameSize, frames: int, draw: Draw, work: Path) -> Segment:
        video, sound = work / "picture.mp4", work / "sound.wav"
        words = draw(video, sound)
        found = inspect_segment(video, size, frames)
        segment = Segment(
            key=key,
            video=self.file_of(key),
            sound=self._root / f"{key}.wav" if sound.exists() else None,
            frames=frames,
            size=size,
            digest=found.digest,
            black=found.black,
            frozen=found.frozen,
            # As they are read again from the cache.
            words=None if words is None else read_plain(to_plain(words)),
        )
        self._publish(segment, video, sound, work)
        note_use(self._root, key)
        return segment

    def _publish(self, segment: Segment, video: Path, sound: Path, work: Path) -> None:
        description = work / "description.json"
        description.write_text(json.dumps(_describe(segment, video, sound)), encoding="utf-8")
        video.replace(segment.video)
        if segment.sound is not None:
            sound.replace(segment.sound)
        description.replace(self._root / f"{segment.key}.json")


def _describe(segment: Segment, video: Path, sound: Path) -> dict[str, object]:
    return {
        "frames": segment.frames,
        "width": segment.size.width,
        "height": segment.size.height,
        "digest": segment.digest,
        "black": segment.black,
        "frozen": segment.frozen,
        "words": None if segment.words is None else to_plain(segment.words),
        "video_bytes": video.stat().st_size,
        "sound_bytes": sound.stat().st_size if segment.sound else None,
    }


def _read(description: Path) -> Segment | None:
    facts = json.loads(description.read_text(encoding="utf-8"))
    video, sound = description.with_suffix(".mp4"), description.with_suffix(".wav")
    has_sound = facts["sound_bytes"] is not None
    whole = video.stat().st_size == facts["video_bytes"]
    whole = whole and (not has_sound or sound.stat().st_size == facts["sound_bytes"])
    if not whole:
        return None
    return Segment(
        key=description.stem,
        video=video,
        sound=sound if has_sound else None,
        frames=int(facts["frames"]),
        size=FrameSize(int(facts["width"]), int(facts["height"])),
        digest=str(facts["digest"]),
        black=int(facts["black"]),
        frozen=int(facts["frozen"]),
        words=None if facts.get("words") is None else read_plain(facts["words"]),
    )


LEFT_BEHIND_SECONDS = 3600
"""Files unchanged for this long were left behind by a dead process: no write pauses for an hour."""


def prune(root: Path, limit_bytes: int) -> None:
    """Removes the least recently used files in the folders below `root` until the rest is within the limit.

    Files with the same stem (a segment's picture, sound and description) are removed together; their newest modification is
    their last use. Work in progress (names with a leading dot) is not touched.
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
    """Removes files matching `pattern` that were last modified an hour or more before `now` (seconds since 1970)."""
    for path in folder.glob(pattern):
        with suppress(FileNotFoundError):
            if path.is_file() and now - path.stat().st_mtime >= LEFT_BEHIND_SECONDS:
                path.unlink()


def _last_use(files: list[Path]) -> float:
    return max(path.stat().st_mtime for path in files)
