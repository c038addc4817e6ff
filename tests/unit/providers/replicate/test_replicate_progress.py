"""How far a prediction is, as Replicate tells it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from adreel.domain.providers import RemoteJob
from adreel.providers.replicate.lookup import remote_job
from adreel.providers.replicate.responses import read_prediction

CREATED = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


def seen(after: float, **facts: object) -> RemoteJob:
    """A prediction as it was so many seconds after it was accepted."""
    body = {"id": "p", "status": "processing", "created_at": CREATED.isoformat(), **facts}
    prediction = read_prediction(body)
    return remote_job(prediction, (), prediction.status, None, CREATED + timedelta(seconds=after))


def test_a_prediction_that_waits_has_no_progress() -> None:
    job = seen(12, status="starting", started_at=None, logs="")
    assert (job.seconds, job.running_seconds, job.fraction) == (12, None, None)


def test_a_prediction_that_runs_has_the_progress_of_its_log() -> None:
    job = seen(24, started_at="2026-11-30T12:00:04Z", logs="Using seed: 7\n 34%|███▍      | 17/50 [00:08<00:15]")
    assert (job.seconds, job.running_seconds, job.fraction) == (24, 20, 0.34)


def test_answers_without_a_start_or_a_log_are_read_as_before() -> None:
    job = seen(24)
    assert (job.started_at, job.running_seconds, job.fraction) == (None, None, None)
    assert seen(24, logs=None).fraction is None
