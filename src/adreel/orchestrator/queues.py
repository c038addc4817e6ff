"""The queues of the service. A workflow and its children are never in the same queue."""

from __future__ import annotations

from collections.abc import Mapping

from adreel.orchestrator.engine.steps import QueueLimits

JOBS = "jobs"
"""Jobs that users start: clips, images, new takes. They mostly wait, for their children or for a provider."""

CLIPS = "clips"
"""One workflow for each clip that is drawn locally: in a worker as many as it has cores for."""

FIRST_CLIPS = "first-clips"
"""The first clips of users who have none in `CLIPS`: they begin although the places there are taken. How many of them are drawn
at a time is decided by the agent's slots."""

HOSTED = "hosted"
"""One workflow for each bought clip or image: it mostly waits for the provider."""

FILMS = "films"
"""Composing, which is bound by the processor."""

BATCHES = "batches"
"""Batches of films, which wait for their rows."""

ROWS = "batch-rows"
"""One workflow for each film of a batch. Some more than a worker draws at a time, since their photos are fetched beforehand; how
many are drawn is decided by the agent's slots, together with the clips of sessions."""

FIRST_ROWS = "first-batch-rows"
"""The first film of users who have none in `ROWS`."""

_MANY = 1024
_ROWS_PER_WORKER = 4
_FIRST_ROWS_PER_WORKER = 2


def queue_limits(
    *,
    hosted: int = 16,
    clips_per_worker: int = 4,
    first_clips_per_worker: int = 4,
    films_per_worker: int = 1,
    jobs_per_worker: int = 64,
) -> Mapping[str, QueueLimits]:
    """The concurrency of each queue. `hosted` limits the concurrent orders at providers, over all workers."""
    return {
        JOBS: QueueLimits(jobs_per_worker * 16, jobs_per_worker, eager=True),
        CLIPS: QueueLimits(_MANY, clips_per_worker, first=FIRST_CLIPS),
        FIRST_CLIPS: QueueLimits(_MANY, first_clips_per_worker),
        HOSTED: QueueLimits(hosted, hosted, eager=True),
        FILMS: QueueLimits(_MANY, films_per_worker),
        BATCHES: QueueLimits(jobs_per_worker * 16, jobs_per_worker, eager=True),
        ROWS: QueueLimits(_MANY, _ROWS_PER_WORKER, eager=True, first=FIRST_ROWS),
        FIRST_ROWS: QueueLimits(_MANY, _FIRST_ROWS_PER_WORKER, eager=True),
    }
