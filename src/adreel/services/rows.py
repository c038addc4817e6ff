"""Rows of the database as records of the domain, and back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from adreel.db.tables import AssetRow, CostRow, EventRow, PaidCallRow, SessionRow
from adreel.domain.ledger import CallState, PaidCall
from adreel.domain.session import Asset, AssetKind, CostLine, Job, SessionEvent, SessionRecord
from adreel.domain.stage import Action, Stage


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
    )


def job_of(value: dict[str, Any]) -> Job:
    return Job(
        id=value["id"],
        action=Action(value["action"]),
        order=value["order"],
        started_at=datetime.fromisoformat(value["started_at"]),
    )


def job_value(job: Job) -> dict[str, Any]:
    """A job as it is kept in its session's row."""
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
        details=row.details,
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
