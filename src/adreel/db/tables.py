"""The database tables. A change needs a migration in the same commit; a test compares the two."""

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
    """`budget_cap` is the user's own cap, None for none; `spent` and `reserved` are sums over all sessions of the user.

    `limits` are the operator's limits for this account, see `domain.limits.kept`; the defaults apply where none is set.
    `day_spent` is the amount bought or reserved on `day`, a UTC day (2026-11-30); `hour_sessions` is the number of sessions
    created in `hour`, a UTC hour (2026-11-30T06). `role` is a `Role`; an account that is disabled cannot log in.
    """

    __tablename__ = "users"
    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    email: Mapped[str | None] = mapped_column(String(320), unique=True)
    password_hash: Mapped[str | None] = mapped_column(Text)
    role: Mapped[str] = mapped_column(String(16), default="member")
    disabled_at: Mapped[datetime | None]
    budget_cap: Mapped[Decimal | None]
    spent: Mapped[Decimal] = mapped_column(default=Decimal(0))
    reserved: Mapped[Decimal] = mapped_column(default=Decimal(0))
    limits: Mapped[dict[str, Any]] = mapped_column(default=dict)
    day: Mapped[str | None] = mapped_column(String(10))
    day_spent: Mapped[Decimal] = mapped_column(default=Decimal(0))
    hour: Mapped[str | None] = mapped_column(String(13))
    hour_sessions: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime]


class TokenRow(Table):
    """Bearer tokens and API keys: only their SHA-256 is stored."""

    __tablename__ = "tokens"
    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200), default="")
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class LoginBudgetRow(Table):
    """Rate limits of login attempts. `key` and `account` hold hashes, never the user's input.

    `spent_until` is when all spent attempts are available again; `account` None: counts attempts of an address on all accounts.
    """

    __tablename__ = "login_budgets"
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    account: Mapped[str | None] = mapped_column(String(64), index=True)
    spent_until: Mapped[datetime] = mapped_column(index=True)


class SessionRow(Table):
    """`job` is the running job (id, action, order, started_at as JSON); `last_seq` is the number of the newest event.

    `film_options` are the options, except the texts, of the last composition; None before. `script` is the ad's script (the
    document of `domain.scripts.ad_format`), None without one; it is read only where it is asked for. `brand_kit` is the name of
    the brand kit of its films.
    """

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_user_created", "user_id", "created_at", "id"),)
    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    stage: Mapped[str] = mapped_column(String(32))
    return_stage: Mapped[str | None] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(200), default="")
    product_prompt: Mapped[str] = mapped_column(Text, default="")
    video_prompt: Mapped[str] = mapped_column(Text, default="")
    seed: Mapped[int] = mapped_column(BigInteger)
    approved_image_ids: Mapped[list[str]]
    approved_clip_ids: Mapped[list[str]]
    clip_order: Mapped[list[str]]
    final_video_id: Mapped[str | None] = mapped_column(_ID)
    text_overlay: Mapped[dict[str, Any]]
    film_options: Mapped[dict[str, Any] | None] = mapped_column(JsonColumn)
    script: Mapped[dict[str, Any] | None] = mapped_column(JsonColumn, deferred=True)
    brand_kit: Mapped[str | None] = mapped_column(String(40))
    total_cost: Mapped[Decimal] = mapped_column(default=Decimal(0))
    reserved: Mapped[Decimal] = mapped_column(default=Decimal(0))
    budget_cap: Mapped[Decimal | None]
    job_id: Mapped[str | None] = mapped_column(String(200), index=True)
    job: Mapped[dict[str, Any] | None] = mapped_column(JsonColumn)
    error: Mapped[str | None] = mapped_column(Text)
    last_seq: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class JobRow(Table):
    """Every job of a session, running or ended; the running one is also in its session's row, with its order.

    `made` are the ids of the assets that it made, `failures` the messages of the parts that failed; `progress` 0–100 at its end.
    `parts` is the number of clips, images or films to make, at its end of those that are new, by `model`, `length` seconds each.
    """

    __tablename__ = "jobs"
    __table_args__ = (Index("ix_jobs_work", "action", "model", "ended_at"),)
    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[str] = mapped_column(_ID)
    action: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16))
    progress: Mapped[float] = mapped_column(default=0.0)
    model: Mapped[str] = mapped_column(String(100), default="")
    length: Mapped[float] = mapped_column(default=0.0)
    parts: Mapped[int] = mapped_column(Integer, default=0)
    made: Mapped[list[str]]
    failures: Mapped[list[str]]
    error: Mapped[str | None] = mapped_column(Text)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class WebhookEndpointRow(Table):
    """Where a user's webhooks are sent. `secret` signs them, and must be readable for that."""

    __tablename__ = "webhook_endpoints"
    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    url: Mapped[str] = mapped_column(Text)
    secret: Mapped[str] = mapped_column(String(100))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class WebhookDeliveryRow(Table):
    """A webhook, written in the transaction of what it reports and sent afterwards. `body` is signed and sent as it is.

    `next_at` is None when it is delivered or given up; a process holds the row until `claimed_until`.
    """

    __tablename__ = "webhook_deliveries"
    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    endpoint_id: Mapped[str] = mapped_column(ForeignKey("webhook_endpoints.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[str | None] = mapped_column(ForeignKey("sessions.id", ondelete="CASCADE"), index=True)
    type: Mapped[str] = mapped_column(String(32))
    body: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    status: Mapped[int | None] = mapped_column(Integer)
    error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    next_at: Mapped[datetime | None] = mapped_column(index=True)
    claimed_until: Mapped[datetime | None]


class UserFileRow(Table):
    """Files of a user for brand kits and films, once for each content. `kind` is a `FileKind`, `family` the name of a font."""

    __tablename__ = "user_files"
    __table_args__ = (UniqueConstraint("user_id", "kind", "content_hash", name="uq_user_files_content"),)
    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    name: Mapped[str] = mapped_column(String(200))
    family: Mapped[str] = mapped_column(String(200), default="")
    storage_key: Mapped[str] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(String(64))
    content_type: Mapped[str] = mapped_column(String(100))
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]


class BrandRow(Table):
    """A user's brand kits. `words` are the texts of a `BrandKit`, `files` the ids of files by `BrandSlot`."""

    __tablename__ = "brand_kits"
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    words: Mapped[dict[str, Any]]
    files: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class AssetRow(Table):
    """Files of a session, numbered by creation. One row for each request, so that the same work cannot be recorded twice."""

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
    """The cost of every piece of work, failures included. `id` is the work's own key, so that retries record it once."""

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
    """The ledger. Rows outlive their session: no foreign key deletes a purchase. Times called `provider_…` are of the
    provider's clock, the others of the machine that wrote them: they are never compared with each other.

    `kind` is a `PurchaseKind`; `source_image_id` the image that a clip is made of; `outside_job` says that no job of the session
    buys it. `failure` is a `FailureKind`, or NULL. `key` identifies the purchase; what it consists of is not read.
    """

    __tablename__ = "paid_calls"
    __table_args__ = (
        Index("ix_paid_calls_state_created", "state", "created_at"),
        UniqueConstraint("provider", "provider_id", name="uq_paid_calls_order"),
    )
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    session_id: Mapped[str] = mapped_column(_ID, index=True)
    user_id: Mapped[str] = mapped_column(_ID)
    kind: Mapped[str] = mapped_column(String(16))
    source_image_id: Mapped[str | None] = mapped_column(_ID)
    outside_job: Mapped[bool] = mapped_column(default=False)
    provider: Mapped[str] = mapped_column(String(64))
    model: Mapped[str] = mapped_column(String(100))
    seed: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(16))
    estimate: Mapped[Decimal]
    amount: Mapped[Decimal] = mapped_column(default=Decimal(0))
    provider_id: Mapped[str | None] = mapped_column(String(100))
    error: Mapped[str | None] = mapped_column(Text)
    failure: Mapped[str | None] = mapped_column(String(16))
    created_at: Mapped[datetime]
    posted_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    provider_posted_at: Mapped[datetime | None]
    provider_created_at: Mapped[datetime | None]


class EventRow(Table):
    """Progress events, numbered without gaps within a session."""

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
    """Stored responses for repeated requests. `status` is 0 while the first request is still running."""

    __tablename__ = "idempotency_keys"
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int] = mapped_column(Integer)
    body: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(index=True)


class ExecutorRow(Table):
    """Heartbeats of live workers. `beat` is a counter, so that clocks of two machines are never compared."""

    __tablename__ = "executors"
    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    beat: Mapped[int] = mapped_column(BigInteger, default=0)
    host: Mapped[str] = mapped_column(String(255))
    started_at: Mapped[datetime]


class StepAttemptRow(Table):
    """Running steps of workflows, and steps whose process died. `attempts` counts how often a step has started since it last
    ended."""

    __tablename__ = "step_attempts"
    workflow_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    step: Mapped[str] = mapped_column(String(100), primary_key=True)
    attempts: Mapped[int] = mapped_column(Integer)
    updated_at: Mapped[datetime] = mapped_column(index=True)


class DeletionRow(Table):
    """Deletions done in the database that other stores may still have to follow. Written in the transaction of the deletion.

    `session_id` None: only the stored files of `keys` (one that ends in a slash is a folder); else all data of that session.
    `workflows` are the engine's ids of the session's workflows. `passes` counts completed passes over all stores, `failures` the
    failed attempts since then; a process holds the row until `claimed_until`.
    """

    __tablename__ = "deletions"
    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    session_id: Mapped[str | None] = mapped_column(_ID, index=True)
    keys: Mapped[list[str]]
    workflows: Mapped[list[str]]
    passes: Mapped[int] = mapped_column(Integer, default=0)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime]
    next_at: Mapped[datetime] = mapped_column(index=True)
    claimed_until: Mapped[datetime | None]


class RestoreRow(Table):
    """A restored backup: only the provider knows the purchases made between the two times."""

    __tablename__ = "restores"
    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    taken_at: Mapped[datetime]
    restored_at: Mapped[datetime]


SESSIONS = cast(RawTable, SessionRow.__table__)
USERS = cast(RawTable, UserRow.__table__)
CALLS = cast(RawTable, PaidCallRow.__table__)
STEP_ATTEMPTS = cast(RawTable, StepAttemptRow.__table__)
"""Core tables for hot statements: without the ORM they cost half. Objects loaded before are not refreshed."""
