"""the first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

_TIME = sa.DateTime(timezone=True)
_MONEY = sa.BigInteger()
"""Millionths of a US dollar."""
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "executors",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("beat", sa.BigInteger(), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_executors"),
    )
    op.create_table(
        "paid_calls",
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("session_id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("provider", sa.String(64), nullable=False),
        sa.Column("model", sa.String(100), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("estimate", _MONEY, nullable=False),
        sa.Column("amount", _MONEY, nullable=False),
        sa.Column("provider_id", sa.String(100)),
        sa.Column("error", sa.Text()),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("posted_at", _TIME),
        sa.Column("settled_at", _TIME),
        sa.PrimaryKeyConstraint("key", name="pk_paid_calls"),
        sa.UniqueConstraint("provider", "provider_id", name="uq_paid_calls_order"),
    )
    op.create_index("ix_paid_calls_session_id", "paid_calls", ["session_id"])
    op.create_index("ix_paid_calls_state_created", "paid_calls", ["state", "created_at"])

    op.create_table(
        "users",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("email", sa.String(320)),
        sa.Column("password_hash", sa.Text()),
        sa.Column("budget_cap", _MONEY),
        sa.Column("spent", _MONEY, nullable=False),
        sa.Column("reserved", _MONEY, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("email", name="uq_users_email"),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("request_hash", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", _JSON, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_idempotency_keys_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "key", name="pk_idempotency_keys"),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])

    op.create_table(
        "sessions",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("stage", sa.String(32), nullable=False),
        sa.Column("return_stage", sa.String(32)),
        sa.Column("product_prompt", sa.Text(), nullable=False),
        sa.Column("video_prompt", sa.Text(), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=False),
        sa.Column("approved_image_ids", _JSON, nullable=False),
        sa.Column("approved_clip_ids", _JSON, nullable=False),
        sa.Column("clip_order", _JSON, nullable=False),
        sa.Column("final_video_id", sa.String(64)),
        sa.Column("text_overlay", _JSON, nullable=False),
        sa.Column("total_cost", _MONEY, nullable=False),
        sa.Column("reserved", _MONEY, nullable=False),
        sa.Column("budget_cap", _MONEY),
        sa.Column("job_id", sa.String(200)),
        sa.Column("job", _JSON),
        sa.Column("error", sa.Text()),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sessions_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
    )
    op.create_index("ix_sessions_job_id", "sessions", ["job_id"])
    op.create_index("ix_sessions_user_created", "sessions", ["user_id", "created_at", "id"])

    op.create_table(
        "tokens",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("user_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("expires_at", _TIME),
        sa.Column("last_used_at", _TIME),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_tokens_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.UniqueConstraint("token_hash", name="uq_tokens_token_hash"),
    )
    op.create_index("ix_tokens_user_id", "tokens", ["user_id"])

    op.create_table(
        "assets",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("session_id", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("storage_key", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("content_type", sa.String(100), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("request", sa.String(64)),
        sa.Column("view_type", sa.String(32)),
        sa.Column("source_image_id", sa.String(64)),
        sa.Column("take", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(100)),
        sa.Column("cost", _MONEY, nullable=False),
        sa.Column("generation_time", sa.Float(53), nullable=False),
        sa.Column("details", _JSON, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name="fk_assets_session_id_sessions", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_assets"),
        sa.UniqueConstraint("session_id", "kind", "request", name="uq_assets_request"),
        sa.UniqueConstraint("session_id", "number", name="uq_assets_number"),
    )
    op.create_table(
        "generation_costs",
        sa.Column("id", sa.String(200), nullable=False),
        sa.Column("session_id", sa.String(64), nullable=False),
        sa.Column("agent", sa.String(64), nullable=False),
        sa.Column("model", sa.String(100), nullable=False),
        sa.Column("amount", _MONEY, nullable=False),
        sa.Column("duration", sa.Float(53), nullable=False),
        sa.Column("success", sa.Boolean(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("created_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name="fk_generation_costs_session_id_sessions", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_generation_costs"),
    )
    op.create_index("ix_generation_costs_session_created", "generation_costs", ["session_id", "created_at"])
    op.create_index("ix_generation_costs_work", "generation_costs", ["agent", "model", "created_at"])

    op.create_table(
        "progress_events",
        sa.Column("session_id", sa.String(64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(32), nullable=False),
        sa.Column("progress", sa.Float(53), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("current_cost", _MONEY, nullable=False),
        sa.Column("data", _JSON, nullable=False),
        sa.Column("timestamp", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name="fk_progress_events_session_id_sessions", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", "seq", name="pk_progress_events"),
    )
