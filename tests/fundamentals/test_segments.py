"""A segment is a piece of encoded video that is made once, inspected once, and then copied into any number of films."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from adreel.media.segments.decode import decode_frames
from adreel.media.segments.join import Piece, join
from adreel.media.segments.store import SegmentStore, segment_key
from support.pictures import segment


def test_a_key_is_the_hash_of_all_that_a_segment_depends_on() -> None:
    """Same photo, scene, size, length and seed: same key, so the work is found again. Anything else: another key."""
    assert segment_key("photo", "scene", 90) == segment_key("photo", "scene", 90)
    assert segment_key("photo", "scene", 90) != segment_key("photo", "scene", 91)


def test_joining_copies_packets(store: SegmentStore, tmp_path: Path) -> None:
    """The pictures of a film are those of its segments, bit by bit: joining decodes and encodes nothing."""
    first, second = segment(store, 20, seed=1), segment(store, 30, seed=2)
    film = tmp_path / "film.mp4"
    join([Piece(first, 0, 20), Piece(second, 0, 30)], None, film)
    expected = [*decode_frames(first.video), *decode_frames(second.video)]
    assert all(np.array_equal(*pair) for pair in zip(decode_frames(film), expected, strict=True))
    assert len(expected) == 50
