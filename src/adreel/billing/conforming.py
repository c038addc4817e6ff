"""Conforms a bought clip to the film: examines it, and encodes it once as a segment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from adreel.billing.clip_quality import fit_of, size_fault
from adreel.catalogue.models import VideoModel
from adreel.domain.ad import ScreenText
from adreel.domain.errors import ClipError, RenderError
from adreel.domain.films.clip import SHORTEST_SHARE, Segment
from adreel.domain.films.formats import FrameSize, to_seconds
from adreel.domain.machine_faults import machine_fault
from adreel.media.clips.examine import ClipExaminer
from adreel.media.clips.info import ClipInfo
from adreel.media.clips.interpolation import frames_within_reach
from adreel.media.overlays.loader import text_style
from adreel.media.overlays.overlay import Captioned
from adreel.media.segments.render import SegmentMaker, no_watch
from adreel.media.segments.store import file_digest


@dataclass(frozen=True, slots=True)
class Conformed:
    """An inspected bought clip and the segment made of it. `digest` and `size` (bytes) are those of the clip."""

    info: ClipInfo
    segment: Segment
    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class ClipWords:
    """Words over a bought clip, in a text style."""

    said: tuple[ScreenText, ...] = ()
    style: str = ""


NO_WORDS = ClipWords()


@dataclass(frozen=True, slots=True)
class ClipConformer:
    """`models` are the catalogue's. Uses the processor: call it in a thread."""

    models: Mapping[str, VideoModel]
    maker: SegmentMaker
    examiner: ClipExaminer

    def conformed(
        self, model: str, name: str, size: FrameSize, frames: int, path: Path, words: ClipWords = NO_WORDS
    ) -> Conformed | str:
        """The segment of the bought clip at `path`, of at most `frames`, with its words, or why the clip is rejected. `name` is
        for messages.

        Raises the fault of the machine when that is why the clip cannot be read.
        """
        try:
            return self._conformed(model, name, size, frames, path, words)
        except (ClipError, RenderError) as error:
            # A fault of the machine does not mean that the clip is bad: else it would be bought again.
            fault = machine_fault(error)
            if fault is not None:
                raise fault from error
            return str(error).replace(str(path), "the clip")

    def _conformed(
        self, model: str, name: str, size: FrameSize, most: int, path: Path, words: ClipWords
    ) -> Conformed | str:
        source = self.examiner.examine(path, name, _go_on).source or path
        info = self.examiner.info(source)
        wrong_size = size_fault(self.models[model], size, info)
        if wrong_size is not None:
            return wrong_size
        frames = frames_within_reach(info, most)
        if frames < SHORTEST_SHARE * most:
            return f"the clip lasts {info.duration:.2f} s instead of {to_seconds(most):.2f} s"
        fit = fit_of(size, info)
        segment = self.maker.from_clip(source, info, size, frames, fit, threads=1, on_frame=no_watch, smooth=True)
        if segment.fault:
            return f"the clip {segment.fault}"
        if words.said:
            captioned = Captioned(words.said, text_style(words.style), size, frames)
            segment = self.maker.from_clip_with_words(
                source, info, captioned, fit, threads=1, on_frame=no_watch, smooth=True
            )
        return Conformed(info, segment, file_digest(path), path.stat().st_size)


def _go_on() -> None:
    """Never interrupts the examination, which is short."""
