"""The webhook endpoints of users, and what was sent to them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.engine import Database
from adreel.db.tables import UserRow, WebhookDeliveryRow, WebhookEndpointRow
from adreel.domain.accounts.webhooks import TEST_TYPE, NewEndpoint, WebhookDelivery, WebhookEndpoint, new_secret
from adreel.domain.errors import ConflictError, NotFoundError
from adreel.domain.ids import Clock, MakeId, new_id, utc_now
from adreel.services.webhooks.outbox import delivery_row
from adreel.services.webhooks.posting import WebhookPoster

MAX_ENDPOINTS = 10
RECENT = 50
"""Deliveries that are listed."""


class WebhookService:
    """Each method is one transaction. Raises StorageError."""

    def __init__(
        self, database: Database, poster: WebhookPoster, clock: Clock = utc_now, make_id: MakeId = new_id
    ) -> None:
        self._database = database
        self._poster = poster
        self._clock = clock
        self._make_id = make_id

    async def add(self, user_id: str, url: str) -> NewEndpoint:
        """Registers an address for the webhooks of a user.

        Raises InputError for an address to which none may be sent, ConflictError for one that is registered and for one more than
        `MAX_ENDPOINTS`.
        """
        await self._poster.check(url)
        row = WebhookEndpointRow(
            id=self._make_id(), user_id=user_id, url=url, secret=new_secret(), created_at=self._clock()
        )
        async with self._database.writing() as transaction:
            await _check_new(transaction, user_id, url)
            transaction.add(row)
        return NewEndpoint(_endpoint(row), row.secret)

    async def list(self, user_id: str) -> tuple[WebhookEndpoint, ...]:
        """The user's endpoints, oldest first."""
        query = select(WebhookEndpointRow).where(WebhookEndpointRow.user_id == user_id)
        query = query.order_by(WebhookEndpointRow.created_at, WebhookEndpointRow.id)
        async with self._database.reading() as transaction:
            return tuple(_endpoint(row) for row in await transaction.scalars(query))

    async def remove(self, user_id: str, endpoint_id: str) -> None:
        """Deletes an endpoint and its undelivered webhooks. Raises NotFoundError."""
        async with self._database.writing() as transaction:
            await _own(transaction, user_id, endpoint_id)
            await transaction.execute(delete(WebhookEndpointRow).where(WebhookEndpointRow.id == endpoint_id))

    async def test(self, user_id: str, endpoint_id: str) -> WebhookDelivery:
        """Queues a webhook of the type `webhook.test`; enables an endpoint that was disabled. Raises NotFoundError."""
        async with self._database.writing() as transaction:
            endpoint = await _own(transaction, user_id, endpoint_id)
            endpoint.disabled_at = None
            data = {"endpoint_id": endpoint_id}
            row = delivery_row(self._make_id(), endpoint_id, None, TEST_TYPE, data, self._clock())
            transaction.add(row)
            await transaction.flush()
            return _delivery(row)

    async def deliveries(self, user_id: str, endpoint_id: str) -> Sequence[WebhookDelivery]:
        """The newest webhooks to an endpoint, newest first. Raises NotFoundError."""
        query = select(WebhookDeliveryRow).where(WebhookDeliveryRow.endpoint_id == endpoint_id)
        query = query.order_by(WebhookDeliveryRow.created_at.desc(), WebhookDeliveryRow.id).limit(RECENT)
        async with self._database.reading() as transaction:
            await _own(transaction, user_id, endpoint_id)
            return [_delivery(row) for row in await transaction.scalars(query)]


async def _check_new(transaction: AsyncSession, user_id: str, url: str) -> None:
    # The user's row is locked, so that concurrent requests are counted one after the other.
    await transaction.execute(select(UserRow.id).where(UserRow.id == user_id).with_for_update())
    mine = WebhookEndpointRow.user_id == user_id
    known = (await transaction.scalars(select(WebhookEndpointRow.url).where(mine))).all()
    if url in known:
        raise ConflictError("webhooks are sent to this address already")
    if len(known) >= MAX_ENDPOINTS:
        raise ConflictError(f"an account has {MAX_ENDPOINTS} webhook endpoints at most; delete one first")


async def _own(transaction: AsyncSession, user_id: str, endpoint_id: str) -> WebhookEndpointRow:
    row = await transaction.get(WebhookEndpointRow, endpoint_id)
    if row is None or row.user_id != user_id:
        raise NotFoundError(f"there is no webhook endpoint {endpoint_id}")
    return row


def _endpoint(row: WebhookEndpointRow) -> WebhookEndpoint:
    return WebhookEndpoint(row.id, row.url, row.created_at, row.disabled_at)


def _delivery(row: WebhookDeliveryRow) -> WebhookDelivery:
    return WebhookDelivery(
        id=row.id,
        endpoint_id=row.endpoint_id,
        type=row.type,
        attempts=row.attempts,
        status=row.status,
        error=row.error,
        created_at=row.created_at,
        delivered_at=row.delivered_at,
        next_at=row.next_at,
    )
