"""A film as a stream of fragments: the index, then the parts in their order with their sound."""

from __future__ import annotations

from adreel.domain.errors import RenderError
from adreel.domain.films.formats import FrameSize
from adreel.media.fragments import boxes
from adreel.media.fragments.boxes import PICTURE, SOUND, Run
from adreel.media.fragments.coded import CodedPart, CodedSound
from adreel.media.segments.x264 import TICKS_PER_FRAME

PROBLEM = "urn:adreel:problem"
"""The scheme of the event that says why a stream ends before its film does."""


class FragmentStream:
    """Turns the parts of a film of `frames` into bytes: what comes first begins with the index."""

    def __init__(self, size: FrameSize, frames: int, sound: CodedSound | None) -> None:
        self._size = size
        self._frames = frames
        self._sound = sound
        self._header = b""
        self._start = 0
        self._count = 0

    def add(self, part: CodedPart) -> bytes:
        """The next part. Raises RenderError for one of another header: a player could not go on with it."""
        begins = b"" if self._count else self._begin(part.header)
        if part.header != self._header:
            raise RenderError("the parts of a draft have different stream headers")
        first, last = self._start, self._start + len(part.samples)
        self._start, self._count = last, self._count + 1
        picture = Run(PICTURE, first * TICKS_PER_FRAME, tuple(map(len, part.samples)), part.keys)
        runs = [(picture, b"".join(part.samples)), *self._sound_between(first, last)]
        return begins + boxes.fragment(self._count, runs)

    def _begin(self, header: bytes) -> bytes:
        self._header = header
        config = None if self._sound is None else self._sound.config
        return boxes.file_type() + boxes.movie(self._size, header, self._frames, config)

    def _sound_between(self, first: int, last: int) -> list[tuple[Run, bytes]]:
        start, frames = self._sound.between(first, last) if self._sound else (0, ())
        return [(Run(SOUND, start, tuple(map(len, frames))), b"".join(frames))] if frames else []


def problem_event(problem: bytes) -> bytes:
    """What ends a stream that cannot go on: a problem (RFC 9457, JSON) in an event message."""
    return boxes.event(PROBLEM, problem)
