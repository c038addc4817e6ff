"""Rows of jobs, which outlive the jobs. For use within the transaction that starts or ends a job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.tables import AssetRow, EventRow, JobRow, SessionRow
from adreel.domain.ids import MakeId
from adreel.domain.sessions.jobs import JobRecord, JobSize, RunState
from adreel.domain.sessions.session import Job, Json
from adreel.domain.sessions.stage import Action, Stage
from adreel.domain.work.percentages import JOB_DONE, job_percent
from adreel.services.webhooks.outbox import enqueue_in


@dataclass(frozen=True, slots=True)
class JobEnd:
    """How a job ended: the ids of what it made, the messages of the parts that failed, and the error of one that failed."""

    state: RunState
    made: Sequence[str] = ()
    failures: Sequence[str] = ()
    error: str | None = None


def add_job(transaction: AsyncSession, session: SessionRow, job: Job, size: JobSize) -> None:
    transaction.add(_row(session, job, size))


async def end_job(
    transaction: AsyncSession, session: SessionRow, job: Job, end: JobEnd, make_id: MakeId, now: datetime
) -> None:
    """Records the end of the session's job, and its webhooks. The session's events are those before the job's last."""
    row = await transaction.get(JobRow, job.id)
    if row is None:
        # The job began under a version without this table.
        row = _row(session, job, JobSize())
        transaction.add(row)
    row.state, row.error, row.ended_at = end.state.value, end.error, now
    row.made, row.failures = list(end.made), list(end.failures)
    row.parts = await _new(transaction, row)
    is_done = end.state is RunState.COMPLETED
    row.progress = JOB_DONE if is_done else (await newest(transaction, session, job.id))[0]
    await enqueue_in(transaction, session.user_id, session.id, f"job.{end.state}", _reported(row), make_id, now)


async def newest(transaction: AsyncSession, session: SessionRow, job_id: str) -> tuple[float, str]:
    """The progress (0–100) and the message of a running job's newest event."""
    event = await transaction.get(EventRow, (session.id, session.last_seq))
    if event is None or event.data.get("job") != job_id:
        return 0.0, ""
    return job_percent(Stage(event.stage), event.progress) or 0.0, event.message


def job_record(row: JobRow, progress: float, message: str) -> JobRecord:
    return JobRecord(
        id=row.id,
        session_id=row.session_id,
        action=Action(row.action),
        state=RunState(row.state),
        progress=progress,
        message=message,
        made=tuple(row.made),
        failures=tuple(row.failures),
        error=row.error,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


async def _new(transaction: AsyncSession, row: JobRow) -> int:
    """How many of the assets that the job returned are new, and not those of an earlier job."""
    query = select(func.count()).select_from(AssetRow)
    query = query.where(AssetRow.id.in_(row.made), AssetRow.created_at >= row.started_at)
    return await transaction.scalar(query) or 0


def _row(session: SessionRow, job: Job, size: JobSize) -> JobRow:
    return JobRow(
        id=job.id,
        session_id=session.id,
        user_id=session.user_id,
        action=job.action.value,
        state=RunState.RUNNING.value,
        progress=0.0,
        model=size.model,
        length=size.seconds,
        parts=size.parts,
        made=[],
        failures=[],
        started_at=job.started_at,
    )


def _reported(row: JobRow) -> Json:
    """A job in the body of a webhook: with ids, and without links, which would expire."""
    return {
        "id": row.id,
        "session_id": row.session_id,
        "action": row.action,
        "state": row.state,
        "progress": row.progress,
        "made": list(row.made),
        "failures": list(row.failures),
        "error": row.error,
    }
