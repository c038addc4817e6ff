"""The queues of the service. A workflow and those that it waits for are never in the same one."""

from __future__ import annotations

from collections.abc import Mapping

from adreel.orchestrator.steps import QueueLimits

JOBS = "jobs"
"""What people start: clips, images, new takes. Mostly waits, for its children in `CLIPS` or for a provider."""

CLIPS = "clips"
"""One workflow for each clip that is drawn here: as many in a worker as it has cores for."""

HOSTED = "hosted"
"""One workflow for each clip that is bought: mostly waits for the provider."""

FILMS = "films"
"""Composing, which keeps the processor busy."""

_MANY = 1024


def queue_limits(
    *, hosted: int = 16, clips_per_worker: int = 4, films_per_worker: int = 1, jobs_per_worker: int = 64
) -> Mapping[str, QueueLimits]:
    """How much runs at once. `hosted` bounds what is ordered from providers at the same time, over all workers."""
    return {
        JOBS: QueueLimits(jobs_per_worker * 16, jobs_per_worker, eager=True),
        CLIPS: QueueLimits(_MANY, clips_per_worker),
        HOSTED: QueueLimits(hosted, hosted, eager=True),
        FILMS: QueueLimits(_MANY, films_per_worker),
    }
