"""The frames of a shot as an overlay needs them: some to measure, then all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from adreel.domain.films.subject import Subject
from adreel.domain.ports import FrameEngine, Shot, StagedShot, StagingEngine

if TYPE_CHECKING:
    from adreel.domain.ports import YuvFrame
    from adreel.media.overlays.overlay import Footage


class StagedFootage:
    """A shot of which any frame can be drawn. Frames that were measured are not drawn again for the film."""

    def __init__(self, staged: StagedShot, frames: int) -> None:
        self._staged = staged
        self._frames = frames
        self._measured: dict[int, YuvFrame] = {}
        self.subject = staged.subject

    def samples(self, indexes: Sequence[int]) -> Iterator[YuvFrame]:
        # Two at a time: nothing else of the shot can begin before they are measured.
        with ThreadPoolExecutor(2) as pool:
            drawn = list(pool.map(self._staged.draw, indexes))
        self._measured.update(zip(indexes, drawn, strict=True))
        return iter(drawn)

    def frames(self) -> Iterator[YuvFrame]:
        return self.between(0, self._frames)

    def between(self, first: int, last: int) -> Iterator[YuvFrame]:
        """Frames [first, last), once; from any thread."""
        for index in range(first, last):
            measured = self._measured.pop(index, None)
            yield self._staged.draw(index) if measured is None else measured


class StreamedFootage:
    """A shot whose frames come only in order: they are drawn twice, once to be measured. Its subject is not known."""

    subject: Subject | None = None

    def __init__(self, engine: FrameEngine, shot: Shot) -> None:
        self._engine = engine
        self._shot = shot

    def samples(self, indexes: Sequence[int]) -> Iterator[YuvFrame]:
        wanted = set(indexes)
        return (frame.copy() for index, frame in enumerate(self._engine.frames(self._shot)) if index in wanted)

    def frames(self) -> Iterator[YuvFrame]:
        # An engine may yield one array repeatedly.
        return (frame.copy() for frame in self._engine.frames(self._shot))


def footage_of(engine: FrameEngine, shot: Shot) -> Footage:
    """The frames of a shot by an engine, which is prepared once. Raises PhotoError, GenerationError."""
    if isinstance(engine, StagingEngine):
        return StagedFootage(engine.stage(shot), shot.frames)
    return StreamedFootage(engine, shot)
