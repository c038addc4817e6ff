"""Finds an order again by its marker among the account's predictions, and tells of predictions as remote jobs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from adreel.domain.errors import ExpiredError
from adreel.domain.remote import JobStatus, RemoteJob
from adreel.providers.replicate.client import ReplicateClient
from adreel.providers.replicate.predictions import Json, Prediction

_CLOCK_SKEW = timedelta(minutes=5)
"""The provider's clock may be behind ours: a job of ours must not look older than its order."""


async def marked_prediction(
    client: ReplicateClient, marker: int, since: datetime, marker_of: Callable[[Json], int | None]
) -> Prediction | None:
    """The prediction with this marker in its input, among those accepted after `since`.

    Raises ExpiredError when there is none, but the inputs of some have been removed: it may have been one of these.
    """
    removed = False
    async for prediction in client.list_predictions(since - _CLOCK_SKEW):
        if marker_of(prediction.input) == marker:
            return prediction
        removed = removed or (prediction.data_removed and not prediction.input)
    if removed:
        raise ExpiredError(
            "Replicate has removed the inputs of predictions that may include this order; "
            "look at https://replicate.com/predictions before ordering again"
        )
    return None


def remote_job(prediction: Prediction, outputs: tuple[str, ...], status: JobStatus, marker: int | None) -> RemoteJob:
    """`outputs` and `status` are told by whoever knows what the model makes."""
    return RemoteJob(
        id=prediction.id,
        status=status,
        outputs=outputs,
        error=prediction.error,
        expired=prediction.data_removed,
        seed=marker,
        created_at=prediction.created_at,
        compute_seconds=prediction.predict_seconds,
    )
