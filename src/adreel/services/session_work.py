"""What work leaves behind in a session: files, and what they cost, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.tables import AssetRow, SessionRow
from adreel.domain.session import Asset, SessionEvent
from adreel.services.locking import lock_session, no_session
from adreel.services.new_assets import add_assets, newly_present, present
from adreel.services.records import CostEntry, NewAsset, Settlement, Tell
from adreel.services.rows import asset_of, session_of
from adreel.services.session_base import SessionBase
from adreel.services.settling import change_session, record_cost_in, settle_beside, settle_in
from adreel.services.telling import tell_in


class SessionWork(SessionBase):
    async def add_made(
        self, session_id: str, asset: NewAsset, cost: CostEntry | None = None, settlement: Settlement | None = None
    ) -> Asset:
        """Records a file that was made, what it cost and the end of its paid call, all or nothing, once however often told.

        A file of the same request that is there already is given back as it is; its cost and its call are still accounted
        for by their own keys, each once. With a settlement, the ledger says the amount, and `cost.amount` and `cost.key` give
        way to it. When the session is gone the call is settled all the same, and NotFoundError raised.
        """
        async with self._database.writing() as transaction:
            row = await lock_session(transaction, session_id)
            made = None if row is None else await self._add_once(transaction, session_id, asset)
            await self._account(transaction, row, cost, settlement)
            if row is not None:
                row.updated_at = self._clock()
        if made is None:
            raise no_session(session_id)
        return asset_of(made)

    async def add_told(
        self, session_id: str, asset: NewAsset, cost: CostEntry | None, settlement: Settlement | None, tell: Tell
    ) -> tuple[Asset, SessionEvent | None]:
        """`add_made`, and an event that tells of it: one is not kept without the other. None when the file was there already,
        and was told of then.

        `tell` sees the session before the change, locked. What it raises undoes all.
        """
        now = self._clock()
        async with self._database.writing() as transaction:
            row = await lock_session(transaction, session_id)
            if row is None:
                await self._account(transaction, None, cost, settlement)
                made = event = None
            else:
                made, is_new = await newly_present(transaction, session_id, asset, self._make_id, now)
                told = tell(session_of(row)) if is_new else None
                changes = await self._account_beside(transaction, row, cost, settlement)
                if told is not None:
                    event = await tell_in(transaction, session_id, told, now, updated_at=now, **changes)
                else:
                    event = await change_session(transaction, session_id, updated_at=now, **changes)
        if made is None:
            raise no_session(session_id)
        return asset_of(made), event

    async def add_cost(self, session_id: str, cost: CostEntry, settlement: Settlement | None = None) -> None:
        """Records work that left no file: a failure, or work that costs nothing. The session may be gone by now."""
        async with self._database.writing() as transaction:
            row = await lock_session(transaction, session_id)
            await self._account(transaction, row, cost, settlement)

    async def _add_once(self, transaction: AsyncSession, session_id: str, asset: NewAsset) -> AssetRow:
        return await present(transaction, session_id, asset) or await self._add(transaction, session_id, asset)

    async def _add(self, transaction: AsyncSession, session_id: str, asset: NewAsset) -> AssetRow:
        [made] = await add_assets(transaction, session_id, [asset], self._make_id, self._clock())
        return made

    async def _account(
        self,
        transaction: AsyncSession,
        row: SessionRow | None,
        cost: CostEntry | None,
        settlement: Settlement | None,
    ) -> None:
        if settlement is not None:
            await settle_in(transaction, row, settlement, self._clock(), cost)
        elif cost is not None and row is not None:
            await record_cost_in(transaction, row, cost, self._clock())

    async def _account_beside(
        self, transaction: AsyncSession, row: SessionRow, cost: CostEntry | None, settlement: Settlement | None
    ) -> Mapping[str, object]:
        """`_account`, but for changes of the session's row that are still to be made."""
        if settlement is not None:
            return await settle_beside(transaction, row, settlement, self._clock(), cost)
        await self._account(transaction, row, cost, None)
        return {}
