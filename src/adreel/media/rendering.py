"""Makes segments, whatever they come from: an engine's frames, cards, crossfades, clips made elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from adreel.domain.clip import Segment
from adreel.domain.fit import Fit
from adreel.domain.formats import TRANSITION_FRAMES, FrameSize
from adreel.media import interpolate
from adreel.media.cards.card import CardSpec, card_frames
from adreel.media.conform import conform
from adreel.media.encoder import SegmentEncoder
from adreel.media.motion_plan import can_be_smoothed
from adreel.media.picture_filters import conform_chain
from adreel.media.probe import ClipInfo
from adreel.media.segments import SegmentStore, file_digest, segment_key
from adreel.media.transitions import crossfade_frames

if TYPE_CHECKING:
    from adreel.domain.ports import YuvFrame

OnFrame = Callable[[int], None]
"""Called with the number of frames done so far; raising CancelledError in it stops the work."""


_CARDS_VERSION = "3"
"""Goes up when cards are drawn differently, so that older ones are not taken from the store."""


def no_watch(_done: int) -> None:
    """For work too short to watch."""


class SegmentMaker:
    """Makes each segment once, in whichever thread calls, and keeps it in the store.

    `threads` is the number of encoder threads; it is no part of a segment's key, since it changes no picture that matters.
    """

    def __init__(self, store: SegmentStore, ffmpeg: Path) -> None:
        self._store = store
        self._ffmpeg = ffmpeg

    def drawn(
        self,
        key: str,
        size: FrameSize,
        frames: int,
        pictures: Callable[[], Iterable[YuvFrame]],
        *,
        threads: int,
        on_frame: OnFrame,
    ) -> Segment:
        """A segment of an engine's frames, which go straight into the encoder. `pictures` is called only when needed."""

        def draw(video: Path, _sound: Path) -> None:
            with SegmentEncoder(video, size, frames, threads=threads) as encoder:
                _write(encoder, pictures(), on_frame)

        return self._store.make(key, size, frames, draw)

    def card(self, spec: CardSpec, *, cuttable: bool) -> Segment:
        """The segment of a title card. Raises TextError for words that cannot be shown.

        `cuttable`: with key frames for crossfades, which cost a card half its encoding time again.
        """

        def draw(video: Path, _sound: Path) -> None:
            with SegmentEncoder(video, spec.size, spec.frames, threads=1, still=True, cuttable=cuttable) as encoder:
                _write(encoder, _ahead(card_frames(spec)), no_watch)

        return self._store.make(segment_key("card", _CARDS_VERSION, spec, cuttable), spec.size, spec.frames, draw)

    def crossfade(self, left: Segment, right: Segment) -> Segment:
        """The segment of a crossfade between two segments of one size."""

        def draw(video: Path, _sound: Path) -> None:
            with SegmentEncoder(video, left.size, TRANSITION_FRAMES) as encoder:
                _write(encoder, crossfade_frames(left, right), no_watch)

        key = segment_key("crossfade", left.key, right.key)
        return self._store.make(key, left.size, TRANSITION_FRAMES, draw)

    def given(
        self,
        source: Path,
        info: ClipInfo,
        size: FrameSize,
        frames: int,
        fit: Fit,
        *,
        threads: int,
        on_frame: OnFrame,
        smooth: bool = False,
    ) -> Segment:
        """The segment of a clip made elsewhere, conformed to `size`. Raises ClipError, RenderError.

        `smooth`: where a clip has too few pictures a second, those between are drawn; otherwise its own are repeated.
        """
        is_smoothed = smooth and can_be_smoothed(info)
        work = interpolate.smooth if is_smoothed else conform

        def draw(video: Path, sound: Path) -> None:
            work(
                source,
                info,
                video,
                sound if info.has_audio else None,
                size=size,
                frames=frames,
                fit=fit,
                ffmpeg=self._ffmpeg,
                threads=threads,
                on_frame=on_frame,
            )

        # The filters are part of the key: a clip that would be treated differently today is another segment.
        kind = f"smoothed {interpolate.VERSION}" if is_smoothed else "given"
        key = segment_key(kind, file_digest(source), frames, size, conform_chain(info, size, frames, fit))
        return self._store.make(key, size, frames, draw)


def _ahead(pictures: Iterable[YuvFrame]) -> Iterator[YuvFrame]:
    """The same pictures; each is drawn while the one before it is worked on."""
    with ThreadPoolExecutor(1) as drawing:
        row = iter(pictures)
        following = drawing.submit(next, row, None)
        while (picture := following.result()) is not None:
            following = drawing.submit(next, row, None)
            yield picture


def _write(encoder: SegmentEncoder, pictures: Iterable[YuvFrame], on_frame: OnFrame) -> None:
    for done, picture in enumerate(pictures, start=1):
        encoder.write(picture)
        on_frame(done)
