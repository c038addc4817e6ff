"""Deletes an account with all its data, or exports it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import undefer

from adreel.db.batch_tables import BatchRow, CatalogueFilmRow, CatalogueRow
from adreel.db.engine import Database
from adreel.db.tables import (
    AssetRow,
    BrandRow,
    CostRow,
    EventRow,
    JobRow,
    PaidCallRow,
    SessionRow,
    TokenRow,
    UserFileRow,
    UserRow,
    WebhookDeliveryRow,
    WebhookEndpointRow,
)
from adreel.domain.errors import NotFoundError
from adreel.domain.ids import Clock, MakeId, new_id, utc_now
from adreel.domain.sessions.session import Json
from adreel.services.brands.keys import files_folder
from adreel.services.catalogues.erasure import erase_batches_of
from adreel.services.deletion.erasure import erase_files, erase_session, forget_owner

_SECRET = frozenset({"password_hash", "token_hash", "secret", "user_id"})
"""Columns that are left out: secrets, and the owner's id."""

_OF_SESSION = {"files": AssetRow, "events": EventRow, "costs": CostRow, "jobs": JobRow}


class AccountService:
    """Raises StorageError when the database is away, NotFoundError for an unknown account."""

    def __init__(self, database: Database, clock: Clock = utc_now, make_id: MakeId = new_id) -> None:
        self._database = database
        self._clock = clock
        self._make_id = make_id

    async def delete(self, user_id: str) -> tuple[str, ...]:
        """Deletes the account, its logins and keys, its brand kits, all its sessions and batches; stops running jobs. Returns
        the ids of sessions and batches.

        The ledger keeps the purchases without the owner.
        """
        async with self._database.writing() as transaction:
            erased = await self._erase_sessions(transaction, user_id)
            erased += await erase_batches_of(transaction, user_id, self._make_id, self._clock())
            owner = select(UserRow).where(UserRow.id == user_id).with_for_update()
            row = await transaction.scalar(owner.execution_options(populate_existing=True))
            if row is None:
                raise NotFoundError("there is no such account")
            # A session created meanwhile had to wait for the lock on the account, or is visible now.
            erased += await self._erase_sessions(transaction, user_id)
            erased += await erase_batches_of(transaction, user_id, self._make_id, self._clock())
            await forget_owner(transaction, user_id)
            erase_files(transaction, [files_folder(user_id)], self._make_id, self._clock())
            await transaction.execute(delete(UserRow).where(UserRow.id == user_id))
        return tuple(erased)

    async def facts(self, user_id: str) -> Json:
        """The account, its keys without the keys themselves, its webhooks without their secrets, its brand kits with the files of
        all of them, its purchases, and the batches and films of its catalogues."""
        async with self._database.reading() as transaction:
            row = await transaction.get(UserRow, user_id)
            if row is None:
                raise NotFoundError("there is no such account")
            keys = await transaction.scalars(select(TokenRow).where(TokenRow.user_id == user_id))
            purchases = select(PaidCallRow).where(PaidCallRow.user_id == user_id).order_by(PaidCallRow.created_at)
            calls = await transaction.scalars(purchases)
            brands = await transaction.scalars(select(BrandRow).where(BrandRow.user_id == user_id))
            files = await transaction.scalars(select(UserFileRow).where(UserFileRow.user_id == user_id))
            return {
                "account": _plain(row),
                "logins_and_keys": _list(keys.all()),
                "webhooks": await _webhooks(transaction, user_id),
                "brands": _list(brands.all()),
                "files": _list(files.all()),
                "catalogues": await _catalogues(transaction, user_id),
                "purchases": _list(calls.all()),
            }

    async def sessions(self, user_id: str) -> AsyncIterator[Json]:
        """Yields each session with its files, events and costs."""
        query = select(SessionRow.id).where(SessionRow.user_id == user_id).order_by(SessionRow.created_at)
        async with self._database.reading() as transaction:
            ids = (await transaction.scalars(query)).all()
        for session_id in ids:
            facts = await self._session(session_id)
            if facts is not None:
                yield facts

    async def _session(self, session_id: str) -> Json | None:
        async with self._database.reading() as transaction:
            row = await transaction.get(SessionRow, session_id, options=[undefer(SessionRow.script)])
            if row is None:
                return None
            facts = _plain(row)
            for name, table in _OF_SESSION.items():
                rows = await transaction.scalars(select(table).where(table.session_id == session_id))
                facts[name] = _list(rows.all())
            return facts

    async def _erase_sessions(self, transaction: AsyncSession, user_id: str) -> list[str]:
        query = select(SessionRow).where(SessionRow.user_id == user_id).order_by(SessionRow.id).with_for_update()
        rows = (await transaction.scalars(query)).all()
        ids = [row.id for row in rows]
        for row in rows:
            await erase_session(transaction, row, self._make_id, self._clock())
        return ids


async def _webhooks(transaction: AsyncSession, user_id: str) -> list[dict[str, Any]]:
    """The account's webhook endpoints, each with what was sent to it."""
    endpoints = (
        await transaction.scalars(select(WebhookEndpointRow).where(WebhookEndpointRow.user_id == user_id))
    ).all()
    found: list[dict[str, Any]] = []
    for endpoint in endpoints:
        sent = select(WebhookDeliveryRow).where(WebhookDeliveryRow.endpoint_id == endpoint.id)
        deliveries = await transaction.scalars(sent.order_by(WebhookDeliveryRow.created_at))
        found.append({**_plain(endpoint), "deliveries": _list(deliveries.all())})
    return found


async def _catalogues(transaction: AsyncSession, user_id: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, table in (("catalogues", CatalogueRow), ("batches", BatchRow), ("films", CatalogueFilmRow)):
        rows = await transaction.scalars(select(table).where(table.user_id == user_id).order_by(table.created_at))
        found[name] = _list(rows.all())
    return found


def _list(rows: Sequence[object]) -> list[dict[str, Any]]:
    return [_plain(row) for row in rows]


def _plain(row: Any) -> dict[str, Any]:  # noqa: ANN401 (any table's)
    table: Table = row.__table__
    names = [column.name for column in table.columns]
    return {name: _value(getattr(row, name)) for name in names if name not in _SECRET}


def _value(value: Any) -> Any:  # noqa: ANN401 (any column's)
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
