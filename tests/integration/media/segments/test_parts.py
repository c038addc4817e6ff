"""Segments with words in parts: the same bytes however they are encoded, and their ends once for all words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from adreel.domain.films.formats import TRANSITION_FRAMES, FrameSize
from adreel.media.segments.decode import decode_frames, read_coded
from adreel.media.segments.parts import Divided
from adreel.media.segments.render import SegmentMaker, no_watch
from adreel.media.segments.store import SegmentStore
from adreel.media.segments.x264 import TICKS_PER_FRAME
from adreel.media.worded_frames import WordedFrames

if TYPE_CHECKING:
    from adreel.domain.films.clip import Segment
    from adreel.domain.ports import YuvFrame

SIZE, FRAMES = FrameSize(128, 96), 75
DRAWN: list[int] = []


def picture(index: int, level: int) -> YuvFrame:
    """A gradient that wanders; a square of `level` stands on it until the ending."""
    DRAWN.append(index)
    frame = np.tile(np.arange(SIZE.width, dtype=np.uint8) + index, (SIZE.height * 3 // 2, 1))
    if index < FRAMES - TRANSITION_FRAMES:
        frame[20:50, 20:60] = level
    return frame


def pictures(level: int, *, in_any_order: bool = True) -> WordedFrames:
    def between(first: int, last: int) -> Iterator[YuvFrame]:
        return (picture(index, level) for index in range(first, last))

    return WordedFrames((), between(0, FRAMES), between if in_any_order else None)


def made(folder: Path, level: int = 200, threads: int = 1, *, in_any_order: bool = True) -> Segment:
    maker, division = SegmentMaker(SegmentStore(folder), Path("unused")), Divided(SIZE, FRAMES, "the ending")
    drawn = pictures(level, in_any_order=in_any_order)
    return maker.from_frames(
        f"level {level}", SIZE, FRAMES, lambda: drawn, threads=threads, on_frame=no_watch, divided=division
    )


def test_parts_have_the_same_bytes_whether_side_by_side_or_in_order(tmp_path: Path) -> None:
    alone, beside = made(tmp_path / "1"), made(tmp_path / "2", threads=2)
    in_order = made(tmp_path / "3", in_any_order=False)
    assert alone.digest == beside.digest == in_order.digest
    assert alone.frames == len(list(decode_frames(alone.video))) == FRAMES


def test_other_words_draw_and_encode_everything_but_the_ending(tmp_path: Path) -> None:
    first = made(tmp_path)
    DRAWN.clear()
    edited = made(tmp_path, level=90)
    assert sorted(DRAWN) == list(range(FRAMES - TRANSITION_FRAMES))
    kept = [read_coded(each.video).packets for each in (first, edited)]
    last = [[bytes(packet) for packet in packets][-TRANSITION_FRAMES:] for packets in kept]
    assert last[0] == last[1]
    assert edited.digest == made(tmp_path / "anew", level=90).digest != first.digest


def test_crossfades_can_cut_a_segment_in_parts(tmp_path: Path) -> None:
    packets = read_coded(made(tmp_path).video).packets
    keys = {(packet.pts or 0) // TICKS_PER_FRAME for packet in packets if packet.is_keyframe}
    assert {0, TRANSITION_FRAMES, FRAMES - TRANSITION_FRAMES} <= keys


@pytest.mark.parametrize("frames", [40, 59])
def test_short_segments_stay_whole(frames: int) -> None:
    division = Divided(SIZE, frames, "the ending")
    assert division.ranges == [(0, frames)]
    assert division.body == frames
