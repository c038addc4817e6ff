"""Sends webhooks that are due, from any number of processes: each is claimed, signed and posted, and tried again later."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.sql.elements import ColumnElement

from adreel.db.engine import Database
from adreel.db.tables import WebhookDeliveryRow, WebhookEndpointRow
from adreel.domain.accounts.webhooks import PAUSES, signed_headers
from adreel.domain.errors import AdreelError, DownloadError
from adreel.domain.ids import Clock, utc_now
from adreel.services.webhooks.posting import WebhookPoster

CLAIM = timedelta(minutes=2)
"""How long a claim holds, more than an attempt takes. A webhook may be sent twice after a crash, with the same id."""

KEEP = timedelta(days=30)
"""How long ended deliveries can be listed."""

_AT_ONCE = 20
_GONE = 410
_FORGET_EVERY = timedelta(hours=1)
_MAX_ERROR = 300
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Due:
    id: str
    endpoint_id: str
    url: str
    secret: str
    body: str


class WebhookSender:
    def __init__(
        self,
        database: Database,
        poster: WebhookPoster,
        clock: Clock = utc_now,
        pauses: Sequence[timedelta] = PAUSES,
    ) -> None:
        self._database = database
        self._poster = poster
        self._clock = clock
        self._pauses = tuple(pauses)

    async def run(self, every_seconds: float = 1.0) -> None:
        """Calls `sweep` regularly, and `forget` once an hour, until it is cancelled."""
        forget_at = self._clock()
        while True:
            try:
                await self.sweep()
                if self._clock() >= forget_at:
                    await self.forget()
                    forget_at = self._clock() + _FORGET_EVERY
            except AdreelError as error:
                _log.warning("webhooks could not be sent, trying again: %s", error)
            await asyncio.sleep(every_seconds)

    async def sweep(self) -> int:
        """Makes one attempt for each webhook that is due; returns how many. Raises StorageError when the database is away.

        What happens to one does not affect the others: a claim without an outcome expires.
        """
        due = await self._claim()
        outcomes = await asyncio.gather(*(self._attempt(each) for each in due), return_exceptions=True)
        for each, outcome in zip(due, outcomes, strict=True):
            if isinstance(outcome, Exception):
                _log.warning("webhook %s is sent again later: %s: %s", each.id, type(outcome).__name__, outcome)
        return len(due)

    async def forget(self) -> None:
        """Deletes deliveries that ended long ago."""
        old = WebhookDeliveryRow.created_at < self._clock() - KEEP
        async with self._database.writing() as transaction:
            await transaction.execute(delete(WebhookDeliveryRow).where(WebhookDeliveryRow.next_at.is_(None), old))

    async def _claim(self) -> list[_Due]:
        now = self._clock()
        # A reading transaction first, so that an idle service writes nothing.
        async with self._database.reading() as transaction:
            if await transaction.scalar(select(WebhookDeliveryRow.id).where(*_due(now)).limit(1)) is None:
                return []
        query = select(WebhookDeliveryRow, WebhookEndpointRow).join(
            WebhookEndpointRow, WebhookEndpointRow.id == WebhookDeliveryRow.endpoint_id
        )
        query = query.where(*_due(now)).order_by(WebhookDeliveryRow.next_at).limit(_AT_ONCE)
        locked = query.with_for_update(skip_locked=True, of=WebhookDeliveryRow)
        async with self._database.writing() as transaction:
            rows = (await transaction.execute(locked)).all()
            for delivery, _ in rows:
                delivery.claimed_until = now + CLAIM
            return [
                _Due(delivery.id, endpoint.id, endpoint.url, endpoint.secret, delivery.body)
                for delivery, endpoint in rows
            ]

    async def _attempt(self, due: _Due) -> None:
        body = due.body.encode()
        try:
            headers = signed_headers(due.secret, due.id, self._clock(), body)
            status = await self._poster.post(due.url, headers, body)
        except DownloadError as error:
            await self._failed(due.id, None, str(error))
            return
        if 200 <= status < 300:
            await self._delivered(due.id, status)
        else:
            await self._failed(due.id, status, f"the receiver answered {status}")
        if status == _GONE:
            await self._disable(due.endpoint_id)

    async def _delivered(self, delivery_id: str, status: int) -> None:
        async with self._database.writing() as transaction:
            row = await transaction.get(WebhookDeliveryRow, delivery_id)
            if row is not None:
                row.attempts, row.status, row.error = row.attempts + 1, status, None
                row.delivered_at, row.next_at, row.claimed_until = self._clock(), None, None

    async def _failed(self, delivery_id: str, status: int | None, reason: str) -> None:
        """Schedules the next attempt, or gives up after the last."""
        async with self._database.writing() as transaction:
            row = await transaction.get(WebhookDeliveryRow, delivery_id)
            if row is None:
                return
            row.attempts, row.status, row.error, row.claimed_until = row.attempts + 1, status, reason[:_MAX_ERROR], None
            is_last = status == _GONE or row.attempts > len(self._pauses)
            row.next_at = None if is_last else self._clock() + self._pauses[row.attempts - 1]

    async def _disable(self, endpoint_id: str) -> None:
        """No further webhook is written for an endpoint that is gone."""
        gone = update(WebhookEndpointRow).where(WebhookEndpointRow.id == endpoint_id)
        async with self._database.writing() as transaction:
            await transaction.execute(gone.values(disabled_at=self._clock()))


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    unclaimed = or_(WebhookDeliveryRow.claimed_until.is_(None), WebhookDeliveryRow.claimed_until <= now)
    return WebhookDeliveryRow.next_at <= now, unclaimed
