"""A segment with words is encoded in parts: two at a time, and its end, which shows no words, once for all words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import TYPE_CHECKING

from adreel.domain.films.clip import Segment
from adreel.domain.films.encoder_profile import EncoderProfile
from adreel.domain.films.formats import TRANSITION_FRAMES, FrameSize
from adreel.media.segments.decode import read_coded
from adreel.media.segments.encoder import SegmentEncoder
from adreel.media.segments.inspect import packets_digest
from adreel.media.segments.join import Piece, join
from adreel.media.segments.x264 import key_frames
from adreel.media.worded_frames import WordedFrames

if TYPE_CHECKING:
    from adreel.domain.ports import YuvFrame

_SHORTEST = 4 * TRANSITION_FRAMES
"""Frames of the shortest segment that is divided: each part costs a key frame."""

OnFrame = Callable[[int], None]
MakeEnding = Callable[[str, int, Iterator["YuvFrame"]], Segment]
"""Finds the segment of an ending by its key and frames, or makes it of its pictures."""


@dataclass(frozen=True, slots=True)
class Divided:
    """A segment that is encoded in parts. `ending` identifies the pictures of its last TRANSITION_FRAMES frames, where nothing is
    laid over them: other words leave them as they are. None where something is."""

    size: FrameSize
    frames: int
    ending: str | None = None

    @property
    def body(self) -> int:
        """The frames before the ending."""
        return self.frames - (TRANSITION_FRAMES if self.ending and self.frames >= _SHORTEST else 0)

    @property
    def ranges(self) -> list[tuple[int, int]]:
        """The parts of the body. They depend on nothing but the length, so that a segment has the same bytes in every film."""
        half = (self.body + 1) // 2
        return [(0, half), (half, self.body)] if self.frames >= _SHORTEST else [(0, self.body)]

    def keys_in(self, first: int, last: int) -> list[int]:
        """The key frames of a part, counted from its first frame: cuts of crossfades stay possible."""
        return [0, *(each - first for each in key_frames(self.frames) if first < each < last)]


def write_parts(
    video: Path,
    divided: Divided,
    drawn: Iterable[YuvFrame],
    make_ending: MakeEnding,
    *,
    threads: int,
    profile: EncoderProfile,
    on_frame: OnFrame,
) -> None:
    """Encodes a segment to `video`; its parts at the same time where there are threads for it and the pictures can be drawn in
    any order. Raises RenderError, JoinError, and what drawing and `on_frame` raise."""
    numbers, pictures = count(1), iter(drawn)
    files = [video.with_name(f"part-{first}.mp4") for first, _ in divided.ranges]
    between = drawn.between if isinstance(drawn, WordedFrames) else None
    at_once = 2 if threads > 1 and between is not None and len(files) > 1 else 1

    def write(part: int) -> Segment:
        first, last = divided.ranges[part]
        shown = islice(pictures, last - first) if between is None else between(first, last)
        with SegmentEncoder(
            files[part],
            divided.size,
            last - first,
            threads=max(1, threads // at_once),
            profile=profile,
            key_frames=divided.keys_in(first, last),
        ) as encoder:
            for picture in shown:
                encoder.write(picture)
                on_frame(next(numbers))
        return _described(files[part], divided.size, last - first)

    with ThreadPoolExecutor(at_once) as pool:
        segments = list(pool.map(write, range(len(files))))
    if divided.body < divided.frames:
        rest = pictures if between is None else between(divided.body, divided.frames)
        segments.append(make_ending(str(divided.ending), divided.frames - divided.body, rest))
    join([Piece(each, 0, each.frames) for each in segments], None, video)


def _described(file: Path, size: FrameSize, frames: int) -> Segment:
    """A part that is not looked at yet: the segment is, as a whole."""
    return Segment(file.stem, file, None, frames, size, packets_digest(read_coded(file).packets), black=0, frozen=0)
