"""The store of encoded segments: each is made once, looked at, and found again by the hash of what it was made from."""

from __future__ import annotations

import hashlib
import json
import shutil
import threading
import uuid
from collections.abc import Callable
from pathlib import Path

from adreel.domain.clip import Segment
from adreel.domain.errors import StorageError
from adreel.domain.formats import FrameSize
from adreel.media.encoding import parameters_digest
from adreel.media.inspect import inspect_segment

Draw = Callable[[Path, Path], None]
"""Writes the picture to the first path and, if there is any, the sound to the second."""

_VERSION = "1"


def segment_key(*parts: object) -> str:
    """Hash of everything that a segment's frames depend on; the encoder's parameters are always among it."""
    text = json.dumps([_VERSION, parameters_digest(), *map(str, parts)], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class SegmentStore:
    """A folder of segments. Any number of threads and processes may share it: what is found in it is always whole.

    A segment exists once its description (``KEY.json``) does; that is renamed into place last, and touched at each use.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()

    def find(self, key: str) -> Segment | None:
        """The segment of this key, or None; one whose files are missing or of another length counts as missing."""
        description = self._root / f"{key}.json"
        try:
            segment = _read(description)
        except (OSError, ValueError, KeyError):
            return None
        if segment is not None:
            description.touch()
        return segment

    def make(self, key: str, size: FrameSize, frames: int, draw: Draw) -> Segment:
        """Finds the segment or makes it with `draw`. Raises what `draw` raises, RenderError, or StorageError."""
        with self._lock(key):
            return self.find(key) or self._make(key, size, frames, draw)

    def _lock(self, key: str) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(key, threading.Lock())

    def _make(self, key: str, size: FrameSize, frames: int, draw: Draw) -> Segment:
        work = self._root / f".part-{uuid.uuid4().hex}"
        try:
            work.mkdir(parents=True)
            video, sound = work / "picture.mp4", work / "sound.wav"
            draw(video, sound)
            found = inspect_segment(video, size, frames)
            segment = Segment(
                key=key,
                video=self._root / f"{key}.mp4",
                sound=self._root / f"{key}.wav" if sound.exists() else None,
                frames=frames,
                size=size,
                digest=found.digest,
                black=found.black,
                frozen=found.frozen,
            )
            self._keep(segment, video, sound, work)
            return segment
        except OSError as error:
            raise StorageError(f"cannot write to the segment cache {self._root}: {error}") from error
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _keep(self, segment: Segment, video: Path, sound: Path, work: Path) -> None:
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
    )
