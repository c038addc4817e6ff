"""Segments between machines: what must be told of one besides its files, and how another store takes it in."""

from __future__ import annotations

import shutil
from pathlib import Path

from adreel.domain.clip import Segment
from adreel.domain.errors import StorageError
from adreel.domain.formats import FrameSize
from adreel.domain.session import Json
from adreel.media.join import Piece, join
from adreel.media.segments import SegmentStore


def describe(segment: Segment) -> Json:
    """Everything about a segment but its files, as JSON."""
    return {
        "key": segment.key,
        "frames": segment.frames,
        "width": segment.size.width,
        "height": segment.size.height,
        "digest": segment.digest,
        "black": segment.black,
        "frozen": segment.frozen,
    }


def size_of(facts: Json) -> FrameSize:
    """The size in a description."""
    return FrameSize(int(facts["width"]), int(facts["height"]))


def write_playable(segment: Segment, out: Path) -> None:
    """A copy for players on the web, its index first. It holds the same packets, so a store takes it in again."""
    join([Piece(segment, 0, segment.frames)], None, out)


def find(store: SegmentStore, facts: Json) -> Segment | None:
    """The described segment, if the store has it."""
    found = store.find(str(facts["key"]))
    return found if found is not None and found.digest == facts["digest"] else None


def adopt(store: SegmentStore, facts: Json, video: Path, sound: Path | None) -> Segment:
    """Takes copies of a described segment's files into the store. Every frame is looked at on the way.

    Raises StorageError when the files are not those that were described, RenderError when they are broken.
    """

    def copy(to_video: Path, to_sound: Path) -> None:
        shutil.copyfile(video, to_video)
        if sound is not None:
            shutil.copyfile(sound, to_sound)

    segment = store.make(str(facts["key"]), size_of(facts), int(facts["frames"]), copy)
    if segment.digest != facts["digest"]:
        raise StorageError(
            f"the stored clip {video.name} is not the one that was made; make a new take", retryable=False
        )
    return segment
