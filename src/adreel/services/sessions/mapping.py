"""Maps rows of the database to records of the domain, and back. Encodes and decodes the opaque cursors of paged lists."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import Any

from adreel.db.tables import AssetRow, CostRow, EventRow, PaidCallRow, SessionRow
from adreel.domain.costs.ledger import CallState, FailureKind, PaidCall, PurchaseKind
from adreel.domain.errors import InputError
from adreel.domain.sessions.details import read_details
from adreel.domain.sessions.session import Asset, AssetKind, CostLine, Job, SessionEvent, SessionRecord
from adreel.domain.sessions.stage import Action, Stage


def session_of(row: SessionRow) -> SessionRecord:
    return SessionRecord(
        id=row.id,
        user_id=row.user_id,
        stage=Stage(row.stage),
        return_stage=None if row.return_stage is None else Stage(row.return_stage),
        product_prompt=row.product_prompt,
        video_prompt=row.video_prompt,
        seed=row.seed,
        approved_image_ids=tuple(row.approved_image_ids),
        approved_clip_ids=tuple(row.approved_clip_ids),
        clip_order=tuple(row.clip_order),
        final_video_id=row.final_video_id,
        text_overlay=row.text_overlay,
        total_cost=row.total_cost,
        reserved=row.reserved,
        budget_cap=row.budget_cap,
        job=None if row.job is None else job_of(row.job),
        error=row.error,
        created_at=row.created_at,
        updated_at=row.updated_at,
        film_options=row.film_options,
        last_seq=row.last_seq,
        name=row.name,
        brand_kit=row.brand_kit,
    )


def job_of(value: dict[str, Any]) -> Job:
    return Job(
        id=value["id"],
        action=Action(value["action"]),
        order=value["order"],
        started_at=datetime.fromisoformat(value["started_at"]),
    )


def job_value(job: Job) -> dict[str, Any]:
    """A job as JSON, as its session's row stores it."""
    return {
        "id": job.id,
        "action": job.action.value,
        "order": dict(job.order),
        "started_at": job.started_at.isoformat(),
    }


def asset_of(row: AssetRow) -> Asset:
    return Asset(
        id=row.id,
        session_id=row.session_id,
        kind=AssetKind(row.kind),
        storage_key=row.storage_key,
        content_hash=row.content_hash,
        content_type=row.content_type,
        size_bytes=row.size_bytes,
        created_at=row.created_at,
        request=row.request,
        view_type=row.view_type,
        source_image_id=row.source_image_id,
        take=row.take,
        model=row.model,
        cost=row.cost,
        generation_time=row.generation_time,
        details=read_details(row.kind, row.details),
    )


def cost_of(row: CostRow) -> CostLine:
    return CostLine(
        agent=row.agent,
        model=row.model,
        amount=row.amount,
        duration=row.duration,
        success=row.success,
        error=row.error,
        created_at=row.created_at,
    )


def call_of(row: PaidCallRow) -> PaidCall:
    return PaidCall(
        key=row.key,
        session_id=row.session_id,
        user_id=row.user_id,
        kind=PurchaseKind(row.kind),
        provider=row.provider,
        model=row.model,
        seed=row.seed,
        state=CallState(row.state),
        estimate=row.estimate,
        amount=row.amount,
        provider_id=row.provider_id,
        error=row.error,
        created_at=row.created_at,
        posted_at=row.posted_at,
        settled_at=row.settled_at,
        provider_posted_at=row.provider_posted_at,
        provider_created_at=row.provider_created_at,
        source_image_id=row.source_image_id,
        outside_job=row.outside_job,
        failure=None if row.failure is None else FailureKind(row.failure),
    )


def event_row(event: SessionEvent) -> EventRow:
    return EventRow(
        session_id=event.session_id,
        seq=event.seq,
        stage=event.stage.value,
        progress=event.progress,
        message=event.message,
        current_cost=event.current_cost,
        data=dict(event.data),
        timestamp=event.timestamp,
    )


def event_of(row: EventRow) -> SessionEvent:
    return SessionEvent(
        session_id=row.session_id,
        seq=row.seq,
        stage=Stage(row.stage),
        progress=row.progress,
        message=row.message,
        current_cost=row.current_cost,
        data=row.data,
        timestamp=row.timestamp,
    )


def cursor_of(created_at: datetime, row_id: str) -> str:
    """The cursor of the page that begins after a row."""
    text = f"{created_at.astimezone(UTC).isoformat()} {row_id}"
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[datetime, str]:
    """(created_at, id) of the row before the page. Raises InputError for an invalid cursor."""
    try:
        text = base64.urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)).decode()
        moment, row_id = text.split(" ")
        created_at = datetime.fromisoformat(moment)
        # Reject times and characters that databases cannot store.
        if created_at.tzinfo is None or not row_id.isprintable() or created_at.astimezone(UTC).year < 1000:
            raise ValueError("a time without a zone, or an id that is none")
    except (binascii.Error, ValueError, OverflowError) as error:
        raise InputError("the cursor is not one that was given by a list: leave it out for the first page") from error
    return created_at, row_id
