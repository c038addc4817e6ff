"""Progress of parts: several segments in the making added up, and a part of a job within the whole."""

from __future__ import annotations

import threading

from adreel.domain.events import Watch


class PartWatch:
    """Watches a part of a job: what it reports as 0–1 is `start`–`end` of the whole."""

    def __init__(self, watch: Watch, start: float, end: float) -> None:
        self._watch = watch
        self._start = start
        self._end = end

    def report(self, fraction: float, message: str) -> None:
        self._watch.report(self._start + (self._end - self._start) * fraction, message)

    def check(self) -> None:
        self._watch.check()


class FrameTally:
    """`total` is the number of frames of all segments; any thread may call `done`."""

    def __init__(self, watch: Watch, total: int) -> None:
        self._watch = watch
        self._total = max(total, 1)
        self._frames: dict[int, int] = {}
        self._lock = threading.Lock()

    def done(self, index: int, frames: int) -> None:
        """Segment `index` has `frames` frames so far. Raises CancelledError when the work is to stop."""
        self._watch.check()
        with self._lock:
            self._frames[index] = frames
            seen = sum(self._frames.values())
        self._watch.report(min(1.0, seen / self._total), f"{seen} of {self._total} frames")
