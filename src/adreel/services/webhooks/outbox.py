"""Writes webhooks in the transaction of what they report: neither is committed without the other."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from adreel.db.tables import WebhookDeliveryRow, WebhookEndpointRow
from adreel.domain.ids import MakeId
from adreel.domain.sessions.session import Json


async def enqueue_in(
    transaction: AsyncSession,
    user_id: str,
    session_id: str | None,
    kind: str,
    data: Json,
    make_id: MakeId,
    now: datetime,
) -> None:
    """Adds a webhook to every endpoint of the user that is not disabled."""
    query = select(WebhookEndpointRow.id).where(
        WebhookEndpointRow.user_id == user_id, WebhookEndpointRow.disabled_at.is_(None)
    )
    for endpoint_id in (await transaction.scalars(query)).all():
        transaction.add(delivery_row(make_id(), endpoint_id, session_id, kind, data, now))


def delivery_row(
    delivery_id: str, endpoint_id: str, session_id: str | None, kind: str, data: Json, now: datetime
) -> WebhookDeliveryRow:
    """A webhook that is due now."""
    body = {"type": kind, "timestamp": now.isoformat().replace("+00:00", "Z"), "data": dict(data)}
    return WebhookDeliveryRow(
        id=delivery_id,
        endpoint_id=endpoint_id,
        session_id=session_id,
        type=kind,
        body=json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        created_at=now,
        next_at=now,
    )
