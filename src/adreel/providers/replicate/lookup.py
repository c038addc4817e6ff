"""Finds an order by its marker among the account's predictions, converts predictions to remote jobs, and lists the account's runs
for reconciliation with the ledger."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from adreel.catalogue.models import VideoModel
from adreel.domain.costs.reconciliation import Run
from adreel.domain.providers import JobStatus, RemoteJob, Search
from adreel.providers.common.logged_progress import logged_fraction
from adreel.providers.common.prompt_marker import marker_in
from adreel.providers.replicate.client import ReplicateClient
from adreel.providers.replicate.mapping import seed_of
from adreel.providers.replicate.responses import Json, Prediction

_MARGIN = timedelta(minutes=5)
"""The machines that write ``created_at`` and the header Date are both the provider's, but need not be the same one."""


async def search_predictions(
    client: ReplicateClient,
    marker: int,
    since: datetime | None,
    marker_of: Callable[[Json], int | None],
    job_of: Callable[[Prediction], RemoteJob],
    clock: Callable[[], float] = time.monotonic,
) -> Search:
    """Looks for the prediction with this marker in its input, among those accepted since a moment of Replicate's clock."""
    began = clock()
    listed, unreadable = set[str](), set[str]()
    async for prediction in client.list_predictions(None if since is None else since - _MARGIN):
        if marker_of(prediction.input) == marker:
            return Search(job_of(prediction))
        listed.add(prediction.id)
        if prediction.data_removed and not prediction.input:
            unreadable.add(prediction.id)
    now = client.now()
    at = None if now is None else now - timedelta(seconds=clock() - began)
    return Search(None, frozenset(listed), frozenset(unreadable), at)


def remote_job(
    prediction: Prediction,
    outputs: tuple[str, ...],
    status: JobStatus,
    marker: int | None,
    seen_at: datetime | None = None,
) -> RemoteJob:
    """`outputs` and `status` come from the engine that knows what the model makes; `seen_at` is Replicate's time of it."""
    return RemoteJob(
        id=prediction.id,
        status=status,
        outputs=outputs,
        error=prediction.error,
        expired=prediction.data_removed,
        seed=marker,
        created_at=prediction.created_at,
        compute_seconds=prediction.predict_seconds,
        ended_at=prediction.completed_at,
        seen_at=seen_at,
        started_at=prediction.started_at,
        fraction=logged_fraction(prediction.logs),
    )


async def provider_time(client: ReplicateClient) -> datetime | None:
    """Replicate's own time; None when its answers have no Date."""
    if client.now() is None:
        async for _ in client.list_predictions():
            # Any answer has it.
            break
    return client.now()


async def runs_since(client: ReplicateClient, since: datetime, models: Mapping[str, VideoModel]) -> list[Run]:
    """All predictions that were accepted since a moment of its clock, newest first. `models` say in which fields seeds are.

    Raises UnavailableError for more than a hundred pages: then ask from a later moment on.
    """
    return [
        Run(each.id, each.model, each.status, each.created_at, _marker(each.input, models))
        async for each in client.list_predictions(since)
    ]


def _marker(given: Json, models: Mapping[str, VideoModel]) -> int | None:
    """The mark of an order of any kind: white space in a text, else a seed."""
    return marker_in(given, given.keys()) or seed_of(given, models)
