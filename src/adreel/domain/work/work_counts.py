"""Counts of what happened in this process since it started, for metrics."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counted:
    """`segments` by what they show and whether they were found in the cache; `failures` by workflow and type of error."""

    segments: dict[tuple[str, bool], int]
    failures: dict[tuple[str, str], int]


class WorkCounts:
    """Counts from any thread. Labels have few values."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._segments: Counter[tuple[str, bool]] = Counter()
        self._failures: Counter[tuple[str, str]] = Counter()

    def segment(self, kind: str, *, found: bool) -> None:
        """Counts a segment that a film or a clip needed: `found` in the cache, or made."""
        with self._lock:
            self._segments[kind, found] += 1

    def failure(self, flow: str, error: str) -> None:
        """Counts a workflow that ended with an error of this type."""
        with self._lock:
            self._failures[flow, error] += 1

    def read(self) -> Counted:
        """All counts so far."""
        with self._lock:
            return Counted(dict(self._segments), dict(self._failures))
