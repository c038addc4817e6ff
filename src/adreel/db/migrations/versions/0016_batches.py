"""catalogues, their batches and their films."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_TIME = sa.DateTime(timezone=True)
_ID = sa.String(64)


def upgrade() -> None:
    op.create_table(
        "catalogues",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_catalogues_user_id_users", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_catalogues"),
        sa.UniqueConstraint("user_id", "name", name="uq_catalogues_name"),
    )
    _add_batches()
    _add_rows()
    _add_films()


def _add_batches() -> None:
    catalogue = "fk_batches_catalogue_id_catalogues"
    op.create_table(
        "batches",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("catalogue_id", _ID, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("pause", sa.String(16)),
        sa.Column("ordered", _JSON, nullable=False),
        sa.Column("feed", _JSON, nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("last_seq", sa.Integer(), nullable=False),
        sa.Column("is_planned", sa.Boolean(), nullable=False),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("gone", sa.Integer(), nullable=False),
        sa.Column("film_seconds", sa.Float(53), nullable=False),
        sa.Column("sample_until", sa.Integer()),
        sa.Column("error", sa.Text()),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("ended_at", _TIME),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_batches_user_id_users", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["catalogue_id"], ["catalogues.id"], name=catalogue, ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_batches"),
    )
    op.create_index("ix_batches_user_created", "batches", ["user_id", "created_at", "id"])
    op.create_index("ix_batches_catalogue_id", "batches", ["catalogue_id"])
    op.create_index("ix_batches_state", "batches", ["state"])


def _of_row() -> list[sa.Column[Any]]:
    return [
        sa.Column("batch_id", _ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("product_id", sa.String(100), nullable=False),
    ]


def _add_rows() -> None:
    op.create_table(
        "batch_rows",
        *_of_row(),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("placement", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("change", sa.String(16), nullable=False),
        sa.Column("script", sa.String(64), nullable=False),
        sa.Column("seconds", sa.Float(53), nullable=False),
        sa.Column("ad", _JSON),
        sa.Column("links", _JSON, nullable=False),
        sa.Column("film_id", _ID, nullable=False),
        sa.Column("workflow", sa.String(200)),
        sa.Column("field", sa.String(32), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.id"], name="fk_batch_rows_batch_id_batches", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("batch_id", "number", name="pk_batch_rows"),
    )
    op.create_index("ix_batch_rows_state", "batch_rows", ["batch_id", "state", "number"])
    op.create_index("ix_batch_rows_film_id", "batch_rows", ["film_id"])
    problem = "fk_batch_problems_batch_id_batches"
    op.create_table(
        "batch_problems",
        *_of_row(),
        sa.Column("field", sa.String(32), nullable=False),
        sa.Column("is_error", sa.Boolean(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name=problem, ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("batch_id", "number", name="pk_batch_problems"),
    )


def _add_films() -> None:
    catalogue = "fk_catalogue_films_catalogue_id_catalogues"
    op.create_table(
        "catalogue_films",
        sa.Column("id", _ID, nullable=False),
        sa.Column("user_id", _ID, nullable=False),
        sa.Column("catalogue_id", _ID, nullable=False),
        sa.Column("batch_id", _ID, nullable=False),
        sa.Column("product_id", sa.String(100), nullable=False),
        sa.Column("placement", sa.String(64), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("is_gone", sa.Boolean(), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("storage_key", sa.Text(), nullable=False),
        sa.Column("still_key", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("script", sa.String(64), nullable=False),
        sa.Column("links", _JSON, nullable=False),
        sa.Column("photos", _JSON, nullable=False),
        sa.Column("seconds", sa.Float(53), nullable=False),
        sa.Column("took", sa.Float(53), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("notes", _JSON, nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("checked_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["catalogue_id"], ["catalogues.id"], name=catalogue, ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_catalogue_films"),
    )
    op.create_index("ix_catalogue_films_product", "catalogue_films", ["catalogue_id", "product_id", "placement"])
    op.create_index("ix_catalogue_films_user_id", "catalogue_films", ["user_id"])
    op.create_index("ix_catalogue_films_batch_id", "catalogue_films", ["batch_id"])


def downgrade() -> None:
    for table in ("catalogue_films", "batch_problems", "batch_rows", "batches", "catalogues"):
        op.drop_table(table)
