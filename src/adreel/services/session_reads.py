"""Sessions as they are: for their owners, who see their own only, and for workers, who see all."""

from __future__ import annotations

import statistics
from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, String, and_, false, func, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from adreel.db.tables import AssetRow, CostRow, SessionRow
from adreel.db.types import UtcTime
from adreel.domain.errors import InputError, NotFoundError
from adreel.domain.session import Asset, AssetKind, CostLine, SessionRecord, SessionView
from adreel.services.cursors import cursor_of, read_cursor
from adreel.services.locking import no_session
from adreel.services.records import SessionPage, SessionSummary
from adreel.services.rows import asset_of, cost_of, session_of
from adreel.services.session_base import SessionBase

MAX_PAGE = 100
RECENT = 20
"""How many pieces of work the typical duration is taken from."""


class SessionReads(SessionBase):
    async def get(self, user_id: str, session_id: str) -> SessionView:
        """Raises NotFoundError for a session that is unknown or somebody else's."""
        async with self._database.reading() as transaction:
            return await view_in(transaction, await _own(transaction, user_id, session_id))

    async def record(self, session_id: str) -> SessionRecord:
        """For workers: whoever owns it. Raises NotFoundError."""
        async with self._database.reading() as transaction:
            return session_of(await _any(transaction, session_id))

    async def view(self, session_id: str) -> SessionView:
        """For workers: whoever owns it. Raises NotFoundError."""
        async with self._database.reading() as transaction:
            return await view_in(transaction, await _any(transaction, session_id))

    async def list(self, user_id: str, limit: int = 20, cursor: str | None = None) -> SessionPage:
        """A page of the person's sessions, newest first, `limit` 1–100. Raises InputError for a cursor that is not ours."""
        if not 1 <= limit <= MAX_PAGE:
            raise InputError(f"a page of {limit} sessions is not possible: ask for 1 to {MAX_PAGE}")
        query = select(SessionRow).where(SessionRow.user_id == user_id)
        if cursor is not None:
            query = query.where(_before(*read_cursor(cursor)))
        query = query.order_by(SessionRow.created_at.desc(), SessionRow.id.desc()).limit(limit + 1)
        async with self._database.reading() as transaction:
            rows = (await transaction.scalars(query)).all()
            page, more = rows[:limit], len(rows) > limit
            shown = await _shown(transaction, page)
        items = tuple(
            SessionSummary(session_of(row), shown.get((row.id, AssetKind.IMAGE)), shown.get((row.id, AssetKind.FINAL)))
            for row in page
        )
        return SessionPage(items, cursor_of(page[-1].created_at, page[-1].id) if more else None)

    async def asset(self, user_id: str, asset_id: str) -> Asset:
        """Raises NotFoundError for a file that is unknown or somebody else's."""
        query = select(AssetRow).join(SessionRow, SessionRow.id == AssetRow.session_id)
        query = query.where(AssetRow.id == asset_id, SessionRow.user_id == user_id)
        async with self._database.reading() as transaction:
            row = await transaction.scalar(query)
        if row is None:
            raise NotFoundError(f"there is no file {asset_id}")
        return asset_of(row)

    async def find_asset(self, asset_id: str) -> Asset | None:
        """For whoever holds a signed link to the file: whoever owns it. None when it is gone."""
        async with self._database.reading() as transaction:
            row = await transaction.get(AssetRow, asset_id)
        return None if row is None else asset_of(row)

    async def made(self, session_id: str, kind: AssetKind, request: str) -> Asset | None:
        """The session's file of this request, if there is one."""
        query = select(AssetRow).where(AssetRow.session_id == session_id, AssetRow.kind == kind.value)
        async with self._database.reading() as transaction:
            row = await transaction.scalar(query.where(AssetRow.request == request))
        return None if row is None else asset_of(row)

    async def bought_contents(self, user_id: str, kind: AssetKind, contents: Collection[str]) -> frozenset[str]:
        """Those of `contents` that `bought_before` finds, by one query."""
        content = AssetRow.details["content"].as_string()
        query = select(content).join(SessionRow, SessionRow.id == AssetRow.session_id)
        query = query.where(SessionRow.user_id == user_id, AssetRow.kind == kind.value, content.in_(contents))
        async with self._database.reading() as transaction:
            return frozenset(await transaction.scalars(query))

    async def bought_before(self, user_id: str, kind: AssetKind, content: str) -> Asset | None:
        """The oldest file of any of the person's sessions whose `details` have this `content`."""
        query = select(AssetRow).join(SessionRow, SessionRow.id == AssetRow.session_id)
        query = query.where(SessionRow.user_id == user_id, AssetRow.kind == kind.value)
        query = query.where(AssetRow.details["content"].as_string() == content)
        async with self._database.reading() as transaction:
            row = await transaction.scalar(query.order_by(AssetRow.created_at, AssetRow.id).limit(1))
        return None if row is None else asset_of(row)

    async def alike(self, session_id: str) -> tuple[str, ...]:
        """The person's other sessions of the same seed that have one of this session's prompts, newest first, a few."""
        async with self._database.reading() as transaction:
            row = await _any(transaction, session_id)
            prompts = (SessionRow.product_prompt, row.product_prompt), (SessionRow.video_prompt, row.video_prompt)
            same = [column == prompt for column, prompt in prompts if prompt]
            query = select(SessionRow.id).where(SessionRow.user_id == row.user_id, SessionRow.id != session_id)
            query = query.where(SessionRow.seed == row.seed, or_(false(), *same))
            return tuple(await transaction.scalars(query.order_by(SessionRow.created_at.desc()).limit(RECENT)))

    async def costs(self, user_id: str, session_id: str) -> tuple[Decimal, tuple[CostLine, ...]]:
        """The total in US dollars, and each piece of work in the order in which it was done. Raises NotFoundError."""
        query = select(CostRow).where(CostRow.session_id == session_id).order_by(CostRow.created_at, CostRow.id)
        async with self._database.reading() as transaction:
            session = await _own(transaction, user_id, session_id)
            lines = tuple(cost_of(row) for row in await transaction.scalars(query))
        return session.total_cost, lines

    async def typical_duration(self, agent: str, model: str | None = None) -> float | None:
        """The median of an agent's recent successes in seconds; of one model, if given. None while there are none."""
        query = select(CostRow.duration).where(CostRow.agent == agent, CostRow.success)
        if model is not None:
            query = query.where(CostRow.model == model)
        async with self._database.reading() as transaction:
            recent = (await transaction.scalars(query.order_by(CostRow.created_at.desc()).limit(RECENT))).all()
        return statistics.median(recent) if recent else None


async def view_in(transaction: AsyncSession, row: SessionRow) -> SessionView:
    """A session's row with all its files, by one more query."""
    query = select(AssetRow).where(AssetRow.session_id == row.id).order_by(AssetRow.number)
    return SessionView(session_of(row), tuple(asset_of(asset) for asset in await transaction.scalars(query)))


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


async def _shown(transaction: AsyncSession, page: Sequence[SessionRow]) -> dict[tuple[str, AssetKind], Asset]:
    """For each session its first approved image, else its first, and its film, by one query for all."""
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
