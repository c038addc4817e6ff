"""Estimates how long a job will take, in seconds, for the response that starts it.

They learn from the whole time of earlier jobs, from order to ready: waiting in queues, planning and storing included.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence

from adreel.domain.sessions.jobs import JobSize, TimedJob
from adreel.domain.sessions.stage import Action
from adreel.services.sessions.service import SessionService

CLIPS_SECONDS = 180
FILM_SECONDS = 35
IMAGES_SECONDS = 30
"""The first answers, before there is a job to learn from."""

_LEAST = 5
_IMAGES_AT_ONCE = 8
_CLIPS = (Action.GENERATE_CLIPS, Action.REGENERATE_CLIP)


class Estimates:
    """Estimates from recent jobs of the same model and clip length. `drawn_at_once` clips are drawn concurrently on this
    machine, `bought_at_once` at providers.
    """

    def __init__(self, sessions: SessionService, drawn_at_once: int, bought_at_once: int) -> None:
        self._sessions = sessions
        self._drawn_at_once = max(1, drawn_at_once)
        self._bought_at_once = max(1, bought_at_once)

    async def clips(self, size: JobSize, typical: float, *, drawn: bool) -> int:
        """`typical` is the model's typical time for one clip, 0 when it is unknown; the estimate is never below it."""
        at_once = self._drawn_at_once if drawn else self._bought_at_once
        jobs = await self._sessions.timed_jobs(_CLIPS, size.model, size.seconds)
        return _by_rounds(jobs, size.parts, at_once, typical, CLIPS_SECONDS)

    async def images(self, size: JobSize, typical: float) -> int:
        """All images are ordered at once; providers usually run a few (`_IMAGES_AT_ONCE`) concurrently."""
        jobs = await self._sessions.timed_jobs((Action.GENERATE_IMAGES,), size.model)
        return _by_rounds(jobs, size.parts, _IMAGES_AT_ONCE, typical, IMAGES_SECONDS)

    async def films(self, size: JobSize) -> int:
        """Films are made one after the other; a longer one takes longer in proportion."""
        jobs = await self._sessions.timed_jobs((Action.COMPOSE,), size.model)
        rate = _median(jobs, lambda job: job.seconds / job.parts / max(job.length, 1))
        if rate is None:
            return FILM_SECONDS * size.parts
        return _rounded(rate * max(size.seconds, 1) * size.parts)


def _by_rounds(jobs: Sequence[TimedJob], parts: int, at_once: int, typical: float, first: int) -> int:
    rounds = math.ceil(max(1, parts) / at_once)
    learned = _median(jobs, lambda job: job.seconds / math.ceil(job.parts / at_once))
    if learned is None:
        return _rounded(max(first, typical * rounds))
    return _rounded(max(learned, typical) * rounds)


def _median(jobs: Sequence[TimedJob], value: Callable[[TimedJob], float]) -> float | None:
    return statistics.median(map(value, jobs)) if jobs else None


def _rounded(seconds: float) -> int:
    return max(_LEAST, math.ceil(seconds))
