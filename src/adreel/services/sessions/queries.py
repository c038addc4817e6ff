"""Queries of sessions: for users, who see only their own, and for workers, who see all."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, String, and_, false, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from adreel.db.locks import no_session
from adreel.db.tables import AssetRow, CostRow, JobRow, SessionRow
from adreel.db.types import UtcTime
from adreel.domain.errors import InputError, NotFoundError
from adreel.domain.sessions.details import CONTENT
from adreel.domain.sessions.jobs import JobRecord, RunState, TimedJob
from adreel.domain.sessions.session import Asset, AssetKind, CostLine, SessionRecord, SessionView
from adreel.domain.sessions.stage import Action
from adreel.services.sessions.base import SessionBase
from adreel.services.sessions.job_rows import job_record, newest
from adreel.services.sessions.mapping import asset_of, cost_of, cursor_of, read_cursor, session_of
from adreel.services.sessions.records import SessionPage, SessionSummary

MAX_PAGE = 100
_TEXTS = ("product_name", "cta")
"""Texts of the last film by which its session is found."""

RECENT = 20
"""The number of recent jobs that estimates are computed from, and of sessions that are looked at for plans."""

_SAME = 0.01
"""Lengths in seconds that differ by less are the same."""


class SessionQueries(SessionBase):
    async def get(self, user_id: str, session_id: str) -> SessionView:
        """A user's session with its files. Raises NotFoundError for a session that is unknown or another user's."""
        async with self._database.reading() as transaction:
            return await view_in(transaction, await _own(transaction, user_id, session_id))

    async def record(self, session_id: str) -> SessionRecord:
        """For workers: any user's session. Raises NotFoundError."""
        async with self._database.reading() as transaction:
            return session_of(await _any(transaction, session_id))

    async def view(self, session_id: str) -> SessionView:
        """For workers: any user's session with its files. Raises NotFoundError."""
        async with self._database.reading() as transaction:
            return await view_in(transaction, await _any(transaction, session_id))

    async def list(self, user_id: str, limit: int = 20, cursor: str | None = None, words: str = "") -> SessionPage:
        """A page of the user's sessions, newest first, `limit` 1–100; with `words` those whose texts contain them all.

        Raises InputError for an invalid cursor.
        """
        if not 1 <= limit <= MAX_PAGE:
            raise InputError(f"a page of {limit} sessions is not possible: ask for 1 to {MAX_PAGE}")
        query = select(SessionRow).where(SessionRow.user_id == user_id)
        query = query.where(*(_contains(word) for word in words.split()))
        if cursor is not None:
            query = query.where(_before(*read_cursor(cursor)))
        query = query.order_by(SessionRow.created_at.desc(), SessionRow.id.desc()).limit(limit + 1)
        async with self._database.reading() as transaction:
            rows = (await transaction.scalars(query)).all()
            page, more = rows[:limit], len(rows) > limit
            files = await _previews(transaction, page)
        items = tuple(
            SessionSummary(session_of(row), files.get((row.id, AssetKind.IMAGE)), files.get((row.id, AssetKind.FINAL)))
            for row in page
        )
        return SessionPage(items, cursor_of(page[-1].created_at, page[-1].id) if more else None)

    async def job(self, user_id: str, job_id: str) -> JobRecord:
        """A job of one of the user's sessions, running or ended. Raises NotFoundError."""
        async with self._database.reading() as transaction:
            row = await transaction.get(JobRow, job_id)
            if row is None or row.user_id != user_id:
                raise NotFoundError(f"there is no job {job_id}")
            if row.ended_at is not None:
                return job_record(row, row.progress, "")
            return job_record(row, *await newest(transaction, await _any(transaction, row.session_id), job_id))

    async def asset(self, user_id: str, asset_id: str) -> Asset:
        """A file of one of the user's sessions. Raises NotFoundError for one that is unknown or another user's."""
        query = select(AssetRow).join(SessionRow, SessionRow.id == AssetRow.session_id)
        query = query.where(AssetRow.id == asset_id, SessionRow.user_id == user_id)
        async with self._database.reading() as transaction:
            row = await transaction.scalar(query)
        if row is None:
            raise NotFoundError(f"there is no file {asset_id}")
        return asset_of(row)

    async def find_asset(self, asset_id: str) -> Asset | None:
        """For requests with a signed link: any user's file, or None when it is deleted."""
        async with self._database.reading() as transaction:
            row = await transaction.get(AssetRow, asset_id)
        return None if row is None else asset_of(row)

    async def owner(self, asset_id: str) -> str | None:
        """The id of the user whose session has the asset, or None when it is deleted."""
        query = select(SessionRow.user_id).join(AssetRow, AssetRow.session_id == SessionRow.id)
        async with self._database.reading() as transaction:
            return await transaction.scalar(query.where(AssetRow.id == asset_id))

    async def made(self, session_id: str, kind: AssetKind, request: str) -> Asset | None:
        """The session's file of this request, or None."""
        query = select(AssetRow).where(AssetRow.session_id == session_id, AssetRow.kind == kind.value)
        async with self._database.reading() as transaction:
            row = await transaction.scalar(query.where(AssetRow.request == request))
        return None if row is None else asset_of(row)

    async def bought_contents(self, user_id: str, kind: AssetKind, contents: Collection[str]) -> frozenset[str]:
        """Those of `contents` that `bought_before` would find, by one query."""
        content = AssetRow.details[CONTENT].as_string()
        query = select(content).join(SessionRow, SessionRow.id == AssetRow.session_id)
        query = query.where(SessionRow.user_id == user_id, AssetRow.kind == kind.value, content.in_(contents))
        async with self._database.reading() as transaction:
            return frozenset(await transaction.scalars(query))

    async def bought_before(self, user_id: str, kind: AssetKind, content: str) -> Asset | None:
        """The oldest file in the user's sessions whose `details` have this `content`, or None."""
        query = select(AssetRow).join(SessionRow, SessionRow.id == AssetRow.session_id)
        query = query.where(SessionRow.user_id == user_id, AssetRow.kind == kind.value)
        query = query.where(AssetRow.details[CONTENT].as_string() == content)
        async with self._database.reading() as transaction:
            row = await transaction.scalar(query.order_by(AssetRow.created_at, AssetRow.id).limit(1))
        return None if row is None else asset_of(row)

    async def alike(self, session_id: str) -> tuple[str, ...]:
        """The ids of the user's other sessions with the same seed and one of the same prompts, newest first, `RECENT` at most."""
        async with self._database.reading() as transaction:
            row = await _any(transaction, session_id)
            prompts = (SessionRow.product_prompt, row.product_prompt), (SessionRow.video_prompt, row.video_prompt)
            same = [column == prompt for column, prompt in prompts if prompt]
            query = select(SessionRow.id).where(SessionRow.user_id == row.user_id, SessionRow.id != session_id)
            query = query.where(SessionRow.seed == row.seed, or_(false(), *same))
            return tuple(await transaction.scalars(query.order_by(SessionRow.created_at.desc()).limit(RECENT)))

    async def costs(self, user_id: str, session_id: str) -> tuple[Decimal, tuple[CostLine, ...]]:
        """The total in US dollars, and each cost in the order of the work. Raises NotFoundError."""
        query = select(CostRow).where(CostRow.session_id == session_id).order_by(CostRow.created_at, CostRow.id)
        async with self._database.reading() as transaction:
            session = await _own(transaction, user_id, session_id)
            lines = tuple(cost_of(row) for row in await transaction.scalars(query))
        return session.total_cost, lines

    async def timed_jobs(
        self, actions: Collection[Action], model: str, length: float | None = None
    ) -> tuple[TimedJob, ...]:
        """The times of recent completed jobs of a model, of all users, that made something new; of one length if given."""
        query = select(JobRow.started_at, JobRow.ended_at, JobRow.parts, JobRow.length)
        query = query.where(JobRow.action.in_([each.value for each in actions]), JobRow.model == model)
        query = query.where(JobRow.state == RunState.COMPLETED.value, JobRow.parts > 0)
        if length is not None:
            query = query.where(JobRow.length.between(length - _SAME, length + _SAME))
        async with self._database.reading() as transaction:
            rows = (await transaction.execute(query.order_by(JobRow.ended_at.desc()).limit(RECENT))).all()
        return tuple(
            TimedJob((ended - started).total_seconds(), parts, seconds)
            for started, ended, parts, seconds in rows
            if ended is not None
        )


async def view_in(transaction: AsyncSession, row: SessionRow) -> SessionView:
    """The view of a session's row with all its files, by one more query."""
    query = select(AssetRow).where(AssetRow.session_id == row.id).order_by(AssetRow.number)
    return SessionView(session_of(row), tuple(asset_of(asset) for asset in await transaction.scalars(query)))


def _contains(word: str) -> ColumnElement[bool]:
    """Whether one of a session's texts contains a word, in any case."""
    overlay = SessionRow.text_overlay
    texts = (
        SessionRow.name,
        SessionRow.product_prompt,
        SessionRow.video_prompt,
        *(overlay[key].as_string() for key in _TEXTS),
    )
    return or_(*(text.icontains(word, autoescape=True) for text in texts))


def _before(created_at: datetime, session_id: str) -> ColumnElement[bool]:
    row = tuple_(literal(created_at, UtcTime()), literal(session_id, String()))
    return tuple_(SessionRow.created_at, SessionRow.id) < row


async def _own(transaction: AsyncSession, user_id: str, session_id: str) -> SessionRow:
    row = await _any(transaction, session_id)
    if row.user_id != user_id:
        raise no_session(session_id)
    return row


async def _any(transaction: AsyncSession, session_id: str) -> SessionRow:
    row = await transaction.get(SessionRow, session_id)
    if row is None:
        raise no_session(session_id)
    return row


async def _previews(transaction: AsyncSession, page: Sequence[SessionRow]) -> dict[tuple[str, AssetKind], Asset]:
    """For each session its first approved image, else its first image, and its film, by one query for all."""
    if not page:
        return {}
    approved = {row.id: row.approved_image_ids[0] for row in page if row.approved_image_ids}
    others = [row.id for row in page if row.id not in approved]
    same = aliased(AssetRow)
    first = (
        select(func.min(same.number))
        .where(same.session_id == AssetRow.session_id, same.kind == AssetKind.IMAGE.value)
        .scalar_subquery()
    )
    is_first = and_(AssetRow.session_id.in_(others), AssetRow.number == first)
    named = [*approved.values(), *(row.final_video_id for row in page if row.final_video_id)]
    query = select(AssetRow).where(or_(AssetRow.id.in_(named), is_first))
    return {(row.session_id, AssetKind(row.kind)): asset_of(row) for row in await transaction.scalars(query)}
