"""The tables. A change here needs a migration in the same commit; a test compares the two."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from sqlalchemy import BigInteger, Float, ForeignKey, Index, Integer, MetaData, String, Text, UniqueConstraint
from sqlalchemy import Table as RawTable
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from adreel.db.types import JsonColumn, Money, UtcTime

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

_ID = String(64)


class Table(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 (SQLAlchemy's own protocol)
        Decimal: Money,
        datetime: UtcTime,
        dict[str, Any]: JsonColumn,
        list[str]: JsonColumn,
        float: Float(53),
    }


class UserRow(Table):
    """`budget_cap` None means no cap; `spent` and `reserved` are over all sessions of the user."""

    __tablename__ = "users"
    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    email: Mapped[str | None] = mapped_column(String(320), unique=True)
    password_hash: Mapped[str | None] = mapped_column(Text)
    budget_cap: Mapped[Decimal | None]
    spent: Mapped[Decimal] = mapped_column(default=Decimal(0))
    reserved: Mapped[Decimal] = mapped_column(default=Decimal(0))
    created_at: Mapped[datetime]


class TokenRow(Table):
    """Bearer tokens and API keys: only their SHA-256 is kept."""

    __tablename__ = "tokens"
    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200), default="")
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class SessionRow(Table):
    """`job` is the work under way (id, action, order, started_at as JSON); `last_seq` numbers the progress events.

    `film_options` is what was asked for beside the words when a film was last composed; None before.
    """

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_user_created", "user_id", "created_at", "id"),)
    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    stage: Mapped[str] = mapped_column(String(32))
    return_stage: Mapped[str | None] = mapped_column(String(32))
    product_prompt: Mapped[str] = mapped_column(Text, default="")
    video_prompt: Mapped[str] = mapped_column(Text, default="")
    seed: Mapped[int] = mapped_column(BigInteger)
    approved_image_ids: Mapped[list[str]]
    approved_clip_ids: Mapped[list[str]]
    clip_order: Mapped[list[str]]
    final_video_id: Mapped[str | None] = mapped_column(_ID)
    text_overlay: Mapped[dict[str, Any]]
    film_options: Mapped[dict[str, Any] | None] = mapped_column(JsonColumn)
    total_cost: Mapped[Decimal] = mapped_column(default=Decimal(0))
    reserved: Mapped[Decimal] = mapped_column(default=Decimal(0))
    budget_cap: Mapped[Decimal | None]
    job_id: Mapped[str | None] = mapped_column(String(200), index=True)
    job: Mapped[dict[str, Any] | None] = mapped_column(JsonColumn)
    error: Mapped[str | None] = mapped_column(Text)
    last_seq: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class AssetRow(Table):
    """Files of a session, numbered as they came. One row for each request, so that the same work cannot be recorded twice."""

    __tablename__ = "assets"
    __table_args__ = (
        UniqueConstraint("session_id", "kind", "request", name="uq_assets_request"),
        UniqueConstraint("session_id", "number", name="uq_assets_number"),
    )
    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    number: Mapped[int] = mapped_column(Integer)
    kind: Mapped[str] = mapped_column(String(16))
    storage_key: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(64))
    content_type: Mapped[str] = mapped_column(String(100))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    request: Mapped[str | None] = mapped_column(String(64))
    view_type: Mapped[str | None] = mapped_column(String(32))
    source_image_id: Mapped[str | None] = mapped_column(_ID)
    take: Mapped[int] = mapped_column(Integer, default=0)
    model: Mapped[str | None] = mapped_column(String(100))
    cost: Mapped[Decimal] = mapped_column(default=Decimal(0))
    generation_time: Mapped[float] = mapped_column(default=0.0)
    details: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class CostRow(Table):
    """Every piece of work with what it cost, failures too. `id` is the work's own key: recorded once however often retried."""

    __tablename__ = "generation_costs"
    __table_args__ = (
        Index("ix_generation_costs_session_created", "session_id", "created_at"),
        Index("ix_generation_costs_work", "agent", "model", "created_at"),
    )
    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"))
    agent: Mapped[str] = mapped_column(String(64))
    model: Mapped[str] = mapped_column(String(100))
    amount: Mapped[Decimal]
    duration: Mapped[float]
    success: Mapped[bool]
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]


class PaidCallRow(Table):
    """The ledger. It outlives its session: no foreign key takes a purchase away."""

    __tablename__ = "paid_calls"
    __table_args__ = (
        Index("ix_paid_calls_state_created", "state", "created_at"),
        UniqueConstraint("provider", "provider_id", name="uq_paid_calls_order"),
    )
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    session_id: Mapped[str] = mapped_column(_ID, index=True)
    user_id: Mapped[str] = mapped_column(_ID)
    provider: Mapped[str] = mapped_column(String(64))
    model: Mapped[str] = mapped_column(String(100))
    seed: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(16))
    estimate: Mapped[Decimal]
    amount: Mapped[Decimal] = mapped_column(default=Decimal(0))
    provider_id: Mapped[str | None] = mapped_column(String(100))
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    posted_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]


class EventRow(Table):
    """Progress, numbered without gaps within a session."""

    __tablename__ = "progress_events"
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True)
    stage: Mapped[str] = mapped_column(String(32))
    progress: Mapped[float]
    message: Mapped[str] = mapped_column(Text)
    current_cost: Mapped[Decimal]
    data: Mapped[dict[str, Any]]
    timestamp: Mapped[datetime]


class IdempotencyRow(Table):
    """Answers kept for repeated requests. `status` 0 while the first is still at work."""

    __tablename__ = "idempotency_keys"
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(Integer)
    body: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(index=True)


class ExecutorRow(Table):
    """Workers that are alive beat here. `beat` counts up; nobody compares clocks of two machines."""

    __tablename__ = "executors"
    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    beat: Mapped[int] = mapped_column(BigInteger, default=0)
    host: Mapped[str] = mapped_column(String(255))
    started_at: Mapped[datetime]


SESSIONS = cast(RawTable, SessionRow.__table__)
USERS = cast(RawTable, UserRow.__table__)
CALLS = cast(RawTable, PaidCallRow.__table__)
"""For statements that many wait for: without what is known of objects they cost half. What was loaded before does not notice."""
