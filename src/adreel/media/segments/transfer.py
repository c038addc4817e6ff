"""Transfers segments between machines: their description, and their import into another store."""

from __future__ import annotations

import shutil
from pathlib import Path

from adreel.domain.errors import StorageError
from adreel.domain.films.clip import Segment
from adreel.domain.films.shown_words import Words, read_plain, to_plain
from adreel.domain.sessions.details import StoredSegment
from adreel.media.segments.join import Piece, join
from adreel.media.segments.store import SegmentStore, file_digest

_FETCHED = "fetched"
"""The kind of segments that another machine may have made."""


def describe(segment: Segment, playable: Path, video: str, sound: str | None) -> StoredSegment:
    """Describes a segment. `playable` is the copy that `write_playable` made; `video` and `sound` are keys in storage."""
    return StoredSegment(
        key=segment.key,
        frames=segment.frames,
        width=segment.size.width,
        height=segment.size.height,
        digest=segment.digest,
        video=video,
        sound=sound,
        content_hash=file_digest(playable),
        bytes=playable.stat().st_size,
        black=segment.black,
        frozen=segment.frozen,
        words=None if segment.words is None else to_plain(segment.words),
    )


def write_playable(segment: Segment, out: Path) -> None:
    """Writes a copy with the index first, for web players. It holds the same packets, so a store can `adopt` it."""
    join([Piece(segment, 0, segment.frames)], None, out)


def find(store: SegmentStore, stored: StoredSegment) -> Segment | None:
    """The described segment if the store holds it, else None."""
    found = store.find(stored.key)
    if found is None or found.digest != stored.digest:
        return None
    store.note_hit(_FETCHED)
    return found


def adopt(store: SegmentStore, stored: StoredSegment, video: Path, sound: Path | None) -> Segment:
    """Copies a described segment's files into the store and inspects every frame.

    Raises StorageError when the files do not match the description, RenderError when they are damaged.
    """

    def copy(to_video: Path, to_sound: Path) -> Words | None:
        shutil.copyfile(video, to_video)
        if sound is not None:
            shutil.copyfile(sound, to_sound)
        return None if stored.words is None else read_plain(stored.words)

    segment = store.make(stored.key, stored.size, stored.frames, copy, kind=_FETCHED)
    if segment.digest != stored.digest:
        raise StorageError(
            f"the stored clip {video.name} is not the one that was made; make a new take", retryable=False
        )
    return segment
