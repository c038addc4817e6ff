"""Starts and ends jobs of sessions: at most one job at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.locks import lock_own_session
from adreel.db.tables import AssetRow, SessionRow
from adreel.domain.sessions.jobs import JobSize, RunState
from adreel.domain.sessions.session import AssetKind, Job, Json, SessionEvent, SessionRecord
from adreel.domain.sessions.stage import ENDS_IN, Action, Stage, check_action
from adreel.services.accounts.limits import admit_job
from adreel.services.events.log import write_event_in
from adreel.services.receipts import Receipt, no_receipt
from adreel.services.sessions.base import SessionBase
from adreel.services.sessions.job_rows import JobEnd, add_job, end_job
from adreel.services.sessions.mapping import job_of, job_value, session_of
from adreel.services.sessions.records import EventFactory, SessionChanges

_NO_CHANGES = SessionChanges()
_NO_SIZE = JobSize()


class SessionJobs(SessionBase):
    """The caller that ends a job passes its last event: both are one transaction, so that neither comes without the other, and
    no later event of the session precedes it."""

    async def begin(
        self,
        user_id: str,
        session_id: str,
        action: Action,
        job_id: str,
        order: Json,
        changes: SessionChanges = _NO_CHANGES,
        receipt: Receipt[SessionRecord] = no_receipt,
        size: JobSize = _NO_SIZE,
    ) -> SessionRecord:
        """Starts a job, if the stage allows it and no other job runs. Raises NotFoundError, StageError, and LimitError beyond the
        account's number of jobs.

        The caller enqueues the job in the engine afterwards; the sweeper enqueues jobs that the engine does not know.
        """
        async with self._database.writing() as transaction:
            row = await lock_own_session(transaction, user_id, session_id)
            stage, back = Stage(row.stage), None if row.return_stage is None else Stage(row.return_stage)
            next_stage = check_action(action, stage, back, busy=row.job_id is not None)
            images = int(order.get("count", 0)) if action is Action.GENERATE_IMAGES else 0
            await admit_job(transaction, user_id, session_id, self._limits, images)
            row.return_stage = (back if stage is Stage.FAILED and back is not None else stage).value
            row.stage, row.job_id, row.error = next_stage.value, job_id, None
            job = Job(job_id, action, order, self._clock())
            row.job = job_value(job)
            row.updated_at = self._clock()
            add_job(transaction, row, job, size)
            _change(row, changes)
            await receipt(transaction, session_of(row))
        return session_of(row)

    async def finish(
        self,
        job_id: str,
        stage: Stage | None = None,
        final_video_id: str | None = None,
        make_event: EventFactory | None = None,
        made: Sequence[str] = (),
        failures: Sequence[str] = (),
    ) -> SessionRecord | None:
        """Ends a successful job: the session moves to `stage`, by default to the one in which the job's action ends.

        `made` are the ids of the assets that it made, `failures` the messages of its parts that failed.
        Returns None, and changes nothing, when the session does not run the job any more: a late or repeated call.
        """
        async with self._database.writing() as transaction:
            row = await _lock_by_job(transaction, job_id)
            if row is None or row.job is None:
                return None
            job = job_of(row.job)
            await self._end_job(transaction, row, JobEnd(RunState.COMPLETED, made, failures))
            _end(row, stage or ENDS_IN.get(job.action) or Stage(row.stage), self._clock())
            row.return_stage = None
            row.final_video_id = final_video_id or row.final_video_id
            await self._append(transaction, row, make_event)
        return session_of(row)

    async def fail(self, job_id: str, message: str, make_event: EventFactory | None = None) -> SessionRecord | None:
        """Ends a failed job: stores the message, and the stage to resume at (clip selection when some clips were made).

        Returns None, and changes nothing, when the session does not run the job any more.
        """
        async with self._database.writing() as transaction:
            row = await _lock_by_job(transaction, job_id)
            if row is None:
                return None
            await self._end_job(transaction, row, JobEnd(RunState.FAILED, error=message))
            row.return_stage = (await _return_stage(transaction, row)).value
            _end(row, Stage.FAILED, self._clock())
            row.error = message
            await self._append(transaction, row, make_event)
        return session_of(row)

    async def cancelled(
        self, job_id: str, make_event: EventFactory | None = None, receipt: Receipt[SessionRecord] = no_receipt
    ) -> SessionRecord | None:
        """Ends a cancelled job: the session returns to its earlier stage, or to selection when some clips or images were made.

        Returns None, and changes nothing, when the session does not run the job any more.
        """
        async with self._database.writing() as transaction:
            row = await _lock_by_job(transaction, job_id)
            if row is None:
                return None
            await self._end_job(transaction, row, JobEnd(RunState.CANCELLED))
            _end(row, await _return_stage(transaction, row), self._clock())
            row.return_stage = None
            await self._append(transaction, row, make_event)
            await receipt(transaction, session_of(row))
        return session_of(row)

    async def jobs_under_way(self, limit: int = 100) -> tuple[tuple[str, Job], ...]:
        """(session id, job) of sessions with a running job, the longest unchanged first."""
        query = select(SessionRow.id, SessionRow.job).where(SessionRow.job_id.is_not(None))
        query = query.order_by(SessionRow.updated_at, SessionRow.id).limit(limit)
        async with self._database.reading() as transaction:
            rows = (await transaction.execute(query)).all()
        return tuple((session_id, job_of(job)) for session_id, job in rows if job is not None)

    async def _end_job(self, transaction: AsyncSession, row: SessionRow, end: JobEnd) -> None:
        if row.job is not None:
            await end_job(transaction, row, job_of(row.job), end, self._make_id, self._clock())

    async def _append(self, transaction: AsyncSession, row: SessionRow, make_event: EventFactory | None) -> None:
        """The row is locked, so no other transaction numbers an event of this session."""
        if make_event is None:
            return
        draft = make_event(session_of(row))
        row.last_seq += 1
        event = SessionEvent(
            row.id, row.last_seq, draft.stage, draft.progress, draft.message, row.total_cost, draft.data, self._clock()
        )
        await write_event_in(transaction, event)


async def _return_stage(transaction: AsyncSession, row: SessionRow) -> Stage:
    back = Stage(row.return_stage or Stage.CREATED)
    if row.stage == Stage.CLIP_GENERATION.value and await _has(transaction, row.id, AssetKind.CLIP):
        return Stage.CLIP_SELECTION
    if row.stage == Stage.IMAGE_GENERATION.value and await _has(transaction, row.id, AssetKind.IMAGE):
        return Stage.IMAGE_SELECTION if back is Stage.CREATED else back
    return back


def _change(row: SessionRow, changes: SessionChanges) -> None:
    if changes.product_prompt is not None:
        row.product_prompt = changes.product_prompt
    if changes.video_prompt is not None:
        row.video_prompt = changes.video_prompt
    if changes.text_overlay is not None:
        row.text_overlay = dict(changes.text_overlay)
    if changes.film_options is not None:
        row.film_options = dict(changes.film_options)
    if changes.brand_kit is not None:
        row.brand_kit = changes.brand_kit or None


def _end(row: SessionRow, stage: Stage, now: datetime) -> None:
    row.stage, row.job_id, row.job, row.error, row.updated_at = stage.value, None, None, None, now


async def _lock_by_job(transaction: AsyncSession, job_id: str) -> SessionRow | None:
    return await transaction.scalar(select(SessionRow).where(SessionRow.job_id == job_id).with_for_update())


async def _has(transaction: AsyncSession, session_id: str, kind: AssetKind) -> bool:
    files = exists().where(AssetRow.session_id == session_id, AssetRow.kind == kind.value)
    return bool(await transaction.scalar(select(files)))
