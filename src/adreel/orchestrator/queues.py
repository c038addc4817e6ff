"""The queues of the service. A workflow and those that it waits for are never in the same one."""

from __future__ import annotations

from collections.abc import Mapping

from adreel.orchestrator.steps import QueueLimits

JOBS = "jobs"
"""What people start: clips, images, new takes. Mostly waits, for its children in `CLIPS` or for a provider."""

CLIPS = "clips"
"""One workflow for each clip."""

FILMS = "films"
"""Composing, which keeps the processor busy."""


def queue_limits(
    *, clips: int = 8, clips_per_worker: int = 4, films_per_worker: int = 1, jobs_per_worker: int = 64
) -> Mapping[str, QueueLimits]:
    """How much runs at once; `clips` over all workers, which bounds what is ordered from providers at the same time."""
    return {
        JOBS: QueueLimits(jobs_per_worker * 16, jobs_per_worker),
        CLIPS: QueueLimits(clips, min(clips, clips_per_worker)),
        FILMS: QueueLimits(films_per_worker * 64, films_per_worker),
    }
