"""Recording files of a session. For use within a transaction that holds the session's row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, case, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.tables import AssetRow
from adreel.services.defaults import MakeId
from adreel.services.records import NewAsset


async def add_assets(
    transaction: AsyncSession, session_id: str, given: Sequence[NewAsset], make_id: MakeId, now: datetime
) -> list[AssetRow]:
    """Adds files after those that the session has, in this order. The session must be locked: its files are numbered."""
    query = select(func.coalesce(func.max(AssetRow.number), 0)).where(AssetRow.session_id == session_id)
    last = (await transaction.scalar(query)) or 0
    rows = [_row(asset, session_id, last + index, make_id, now) for index, asset in enumerate(given, start=1)]
    transaction.add_all(rows)
    await transaction.flush(rows)
    return rows


async def add_once(
    transaction: AsyncSession, session_id: str, given: Sequence[NewAsset], make_id: MakeId, now: datetime
) -> list[AssetRow]:
    """`add_assets`, but for a `request` that the session has already, or that comes twice, the one file that stands for it."""
    query = select(AssetRow).where(
        AssetRow.session_id == session_id,
        AssetRow.kind.in_({asset.kind.value for asset in given}),
        AssetRow.request.in_([asset.request for asset in given if asset.request is not None]),
    )
    rows: dict[tuple[str, str | int], AssetRow] = {
        (row.kind, row.request): row for row in await transaction.scalars(query) if row.request is not None
    }
    # A file without a request is like no other: its place stands for it.
    keys = [(asset.kind.value, place if asset.request is None else asset.request) for place, asset in enumerate(given)]
    fresh = {key: asset for key, asset in zip(keys, given, strict=True) if key not in rows}
    added = await add_assets(transaction, session_id, tuple(fresh.values()), make_id, now)
    rows |= zip(fresh, added, strict=True)
    return [rows[key] for key in keys]


async def present(transaction: AsyncSession, session_id: str, asset: NewAsset) -> AssetRow | None:
    """The session's file of the same request, or of the same id, if it was recorded before."""
    if asset.request is None and asset.id is None:
        return None
    query = select(AssetRow).where(AssetRow.session_id == session_id, _same(asset))
    return await transaction.scalar(query.limit(1))


async def newly_present(
    transaction: AsyncSession, session_id: str, asset: NewAsset, make_id: MakeId, now: datetime
) -> tuple[AssetRow, bool]:
    """The file as `present` has it, or else added; and whether it was added."""
    known = func.max(case((_same(asset), AssetRow.id)))
    query = select(func.coalesce(func.max(AssetRow.number), 0), known).where(AssetRow.session_id == session_id)
    last, same_id = (await transaction.execute(query)).one()
    if same_id is not None:
        return await transaction.get_one(AssetRow, same_id), False
    row = _row(asset, session_id, last + 1, make_id, now)
    transaction.add(row)
    return row, True


def _same(asset: NewAsset) -> ColumnElement[bool]:
    same: list[ColumnElement[bool]] = []
    if asset.request is not None:
        same.append((AssetRow.kind == asset.kind.value) & (AssetRow.request == asset.request))
    if asset.id is not None:
        same.append(AssetRow.id == asset.id)
    return or_(false(), *same)


def _row(asset: NewAsset, session_id: str, number: int, make_id: MakeId, now: datetime) -> AssetRow:
    return AssetRow(
        id=asset.id or make_id(),
        session_id=session_id,
        number=number,
        kind=asset.kind.value,
        storage_key=asset.storage_key,
        content_hash=asset.content_hash,
        content_type=asset.content_type,
        size_bytes=asset.size_bytes,
        request=asset.request,
        view_type=asset.view_type,
        source_image_id=asset.source_image_id,
        take=asset.take,
        model=asset.model,
        cost=asset.cost,
        generation_time=asset.generation_time,
        details=dict(asset.details),
        created_at=now,
    )
