"""Records the results of jobs in a session, files and their costs, in one transaction.

The module's functions are for use within a transaction that has locked the session's row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, case, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.locks import lock_session, no_session
from adreel.db.tables import AssetRow, SessionRow
from adreel.domain.ids import MakeId
from adreel.domain.sessions.session import Asset, SessionEvent
from adreel.services.events.log import append_event_in
from adreel.services.ledger.settlement import change_session, record_cost_in, settle_beside, settle_in
from adreel.services.sessions.base import SessionBase
from adreel.services.sessions.mapping import asset_of, session_of
from adreel.services.sessions.records import Charge, CostEntry, EventFactory, NewAsset, Settlement


async def add_assets(
    transaction: AsyncSession, session_id: str, assets: Sequence[NewAsset], make_id: MakeId, now: datetime
) -> list[AssetRow]:
    """Adds files after the session's existing ones, in this order. The session must be locked: its files are numbered."""
    query = select(func.coalesce(func.max(AssetRow.number), 0)).where(AssetRow.session_id == session_id)
    last = (await transaction.scalar(query)) or 0
    rows = [_row(asset, session_id, last + index, make_id, now) for index, asset in enumerate(assets, start=1)]
    transaction.add_all(rows)
    await transaction.flush(rows)
    return rows


async def unknown_among(transaction: AsyncSession, session_id: str, assets: Sequence[NewAsset]) -> list[NewAsset]:
    """Those that the session does not have yet, which `add_once` would add."""
    query = select(AssetRow.kind, AssetRow.request).where(
        AssetRow.session_id == session_id, AssetRow.request.in_([asset.request for asset in assets])
    )
    known = {(kind, request) for kind, request in (await transaction.execute(query)).all()}
    return [asset for asset in assets if (asset.kind.value, asset.request) not in known]


async def add_once(
    transaction: AsyncSession, session_id: str, assets: Sequence[NewAsset], make_id: MakeId, now: datetime
) -> list[AssetRow]:
    """As `add_assets`, but adds one file for each `request`. Returns the existing or added file of each asset."""
    query = select(AssetRow).where(
        AssetRow.session_id == session_id,
        AssetRow.kind.in_({asset.kind.value for asset in assets}),
        AssetRow.request.in_([asset.request for asset in assets if asset.request is not None]),
    )
    rows: dict[tuple[str, str | int], AssetRow] = {
        (row.kind, row.request): row for row in await transaction.scalars(query) if row.request is not None
    }
    # A file without a request is unique: its position is its key.
    keys = [(asset.kind.value, place if asset.request is None else asset.request) for place, asset in enumerate(assets)]
    fresh = {key: asset for key, asset in zip(keys, assets, strict=True) if key not in rows}
    added = await add_assets(transaction, session_id, tuple(fresh.values()), make_id, now)
    rows |= zip(fresh, added, strict=True)
    return [rows[key] for key in keys]


async def present(transaction: AsyncSession, session_id: str, asset: NewAsset) -> AssetRow | None:
    """The session's recorded file of the same request or the same id, or None."""
    if asset.request is None and asset.id is None:
        return None
    query = select(AssetRow).where(AssetRow.session_id == session_id, _same(asset))
    return await transaction.scalar(query.limit(1))


async def newly_present(
    transaction: AsyncSession, session_id: str, asset: NewAsset, make_id: MakeId, now: datetime
) -> tuple[AssetRow, bool]:
    """The file that `present` finds, else the added one; and whether it was added."""
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
        details=asset.details.to_json(),
        created_at=now,
    )


class SessionResults(SessionBase):
    async def add_made(self, session_id: str, asset: NewAsset, charge: Charge | None = None) -> Asset:
        """Records a file and its cost, or the settlement of its purchase, in one transaction. Idempotent.

        An existing file of the same request is returned as it is; its charge is still recorded, once for each key. Raises
        NotFoundError when the session is deleted; a purchase is settled nevertheless.
        """
        async with self._database.writing() as transaction:
            row = await lock_session(transaction, session_id)
            made = None if row is None else await self._add_once(transaction, session_id, asset)
            await self._account(transaction, row, charge)
            if row is not None:
                row.updated_at = self._clock()
        if made is None:
            raise no_session(session_id)
        return asset_of(made)

    async def add_with_event(
        self,
        session_id: str,
        asset: NewAsset,
        charge: Charge | None,
        make_event: EventFactory,
    ) -> tuple[Asset, SessionEvent | None]:
        """As `add_made`, and appends an event in the same transaction. The event is None for a file that existed already.

        `make_event` gets the locked session before the change. An exception of it rolls everything back.
        """
        now = self._clock()
        async with self._database.writing() as transaction:
            row = await lock_session(transaction, session_id)
            if row is None:
                await self._account(transaction, None, charge)
                made = event = None
            else:
                made, is_new = await newly_present(transaction, session_id, asset, self._make_id, now)
                draft = make_event(session_of(row)) if is_new else None
                changes = await self._account_beside(transaction, row, charge)
                if draft is not None:
                    event = await append_event_in(
                        transaction, session_id, draft, now, only_in_job=None, updated_at=now, **changes
                    )
                else:
                    event = await change_session(transaction, session_id, updated_at=now, **changes)
        if made is None:
            raise no_session(session_id)
        return asset_of(made), event

    async def add_cost(self, session_id: str, charge: Charge) -> None:
        """Records work without a file: a failure, or an answer. The session may be deleted."""
        async with self._database.writing() as transaction:
            row = await lock_session(transaction, session_id)
            await self._account(transaction, row, charge)

    async def _add_once(self, transaction: AsyncSession, session_id: str, asset: NewAsset) -> AssetRow:
        return await present(transaction, session_id, asset) or await self._add(transaction, session_id, asset)

    async def _add(self, transaction: AsyncSession, session_id: str, asset: NewAsset) -> AssetRow:
        [made] = await add_assets(transaction, session_id, [asset], self._make_id, self._clock())
        return made

    async def _account(
        self,
        transaction: AsyncSession,
        row: SessionRow | None,
        charge: Charge | None,
    ) -> None:
        if isinstance(charge, Settlement):
            await settle_in(transaction, row, charge, self._clock())
        elif isinstance(charge, CostEntry) and row is not None:
            await record_cost_in(transaction, row, charge, self._clock())

    async def _account_beside(
        self, transaction: AsyncSession, row: SessionRow, charge: Charge | None
    ) -> Mapping[str, object]:
        """As `_account`, but returns the changes of the session's row instead of applying them."""
        if isinstance(charge, Settlement):
            return await settle_beside(transaction, row, charge, self._clock())
        await self._account(transaction, row, charge)
        return {}
