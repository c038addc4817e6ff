"""The beginning and the end of work in a session: at most one job at a time."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.tables import AssetRow, SessionRow
from adreel.domain.session import AssetKind, Job, Json, SessionEvent, SessionRecord
from adreel.domain.stage import ENDS_IN, Action, Stage, check_action
from adreel.services.locking import lock_own_session
from adreel.services.notices import notify
from adreel.services.records import SessionChanges, Tell
from adreel.services.rows import event_row, job_of, job_value, session_of
from adreel.services.session_base import SessionBase

_NO_CHANGES = SessionChanges()


class SessionJobs(SessionBase):
    """Whoever ends a job says what is told of it: the end and its event are one transaction, so that none comes without the other
    and nothing that happens in the session afterwards is told before it."""

    async def begin(
        self,
        user_id: str,
        session_id: str,
        action: Action,
        job_id: str,
        order: Json,
        changes: SessionChanges = _NO_CHANGES,
    ) -> SessionRecord:
        """Lets a job in, if the stage allows it and no other job is under way. Raises NotFoundError, StageError.

        The engine that runs jobs is told afterwards: whoever finds a job here that the engine does not know tells it again.
        """
        async with self._database.writing() as transaction:
            row = await lock_own_session(transaction, user_id, session_id)
            stage, back = Stage(row.stage), None if row.return_stage is None else Stage(row.return_stage)
            next_stage = check_action(action, stage, back, busy=row.job_id is not None)
            row.return_stage = (back if stage is Stage.FAILED and back is not None else stage).value
            row.stage, row.job_id, row.error = next_stage.value, job_id, None
            row.job = job_value(Job(job_id, action, order, self._clock()))
            row.updated_at = self._clock()
            _change(row, changes)
        return session_of(row)

    async def finish(
        self,
        job_id: str,
        stage: Stage | None = None,
        final_video_id: str | None = None,
        tell: Tell | None = None,
    ) -> SessionRecord | None:
        """The job went well: the session goes to `stage`, by default to where its action ends.

        None, and nothing changed, when the job is not the session's any more: a late or repeated call.
        """
        async with self._database.writing() as transaction:
            row = await _working_on(transaction, job_id)
            if row is None or row.job is None:
                return None
            action = job_of(row.job).action
            _end(row, stage or ENDS_IN[action], self._clock())
            row.return_stage = None
            row.final_video_id = final_video_id or row.final_video_id
            await self._tell(transaction, row, tell)
        return session_of(row)

    async def fail(self, job_id: str, message: str, tell: Tell | None = None) -> SessionRecord | None:
        """The job failed: the session says why and knows where to go on: with the clips, when some were made.

        None when it is not its job any more.
        """
        async with self._database.writing() as transaction:
            row = await _working_on(transaction, job_id)
            if row is None:
                return None
            row.return_stage = (await _way_back(transaction, row)).value
            _end(row, Stage.FAILED, self._clock())
            row.error = message
            await self._tell(transaction, row, tell)
        return session_of(row)

    async def cancelled(self, job_id: str, tell: Tell | None = None) -> SessionRecord | None:
        """The job was stopped: the session goes back, or on to choosing when some clips or images were made.

        None, and nothing changed, when the job is not the session's any more.
        """
        async with self._database.writing() as transaction:
            row = await _working_on(transaction, job_id)
            if row is None:
                return None
            _end(row, await _way_back(transaction, row), self._clock())
            row.return_stage = None
            await self._tell(transaction, row, tell)
        return session_of(row)

    async def jobs_under_way(self, limit: int = 100) -> tuple[tuple[str, Job], ...]:
        """(session id, job) of sessions at work, the longest untouched first."""
        query = select(SessionRow.id, SessionRow.job).where(SessionRow.job_id.is_not(None))
        query = query.order_by(SessionRow.updated_at, SessionRow.id).limit(limit)
        async with self._database.reading() as transaction:
            rows = (await transaction.execute(query)).all()
        return tuple((session_id, job_of(job)) for session_id, job in rows if job is not None)

    async def _tell(self, transaction: AsyncSession, row: SessionRow, tell: Tell | None) -> None:
        """The row is locked: nobody else numbers an event of this session meanwhile."""
        if tell is None:
            return
        told = tell(session_of(row))
        row.last_seq += 1
        event = SessionEvent(
            row.id, row.last_seq, told.stage, told.progress, told.message, row.total_cost, told.data, self._clock()
        )
        transaction.add(event_row(event))
        await notify(transaction, row.id, event.seq)


async def _way_back(transaction: AsyncSession, row: SessionRow) -> Stage:
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


def _end(row: SessionRow, stage: Stage, now: datetime) -> None:
    row.stage, row.job_id, row.job, row.error, row.updated_at = stage.value, None, None, None, now


async def _working_on(transaction: AsyncSession, job_id: str) -> SessionRow | None:
    return await transaction.scalar(select(SessionRow).where(SessionRow.job_id == job_id).with_for_update())


async def _has(transaction: AsyncSession, session_id: str, kind: AssetKind) -> bool:
    files = exists().where(AssetRow.session_id == session_id, AssetRow.kind == kind.value)
    return bool(await transaction.scalar(select(files)))
