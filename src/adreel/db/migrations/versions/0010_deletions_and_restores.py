"""deletions that are still to reach every store, and backups that were put back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from adreel.domain.errors import SetupError

revision = "0010"
down_revision = "0009"

_TIME = sa.DateTime(timezone=True)
_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "deletions",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("session_id", sa.String(64)),
        sa.Column("keys", _JSON, nullable=False),
        sa.Column("workflows", _JSON, nullable=False),
        sa.Column("passes", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("next_at", _TIME, nullable=False),
        sa.Column("claimed_until", _TIME),
        sa.PrimaryKeyConstraint("id", name="pk_deletions"),
    )
    op.create_index("ix_deletions_session_id", "deletions", ["session_id"])
    op.create_index("ix_deletions_next_at", "deletions", ["next_at"])
    op.create_table(
        "restores",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("taken_at", _TIME, nullable=False),
        sa.Column("restored_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_restores"),
    )


def downgrade() -> None:
    """Refuses while a deletion is pending: the version before would never carry it out."""
    pending = op.get_bind().execute(sa.text("SELECT count(*) FROM deletions WHERE passes = 0")).scalar()
    if pending:
        raise SetupError(f"{pending} deletions have not reached every store yet; let a worker run until they have")
    op.drop_table("restores")
    op.drop_table("deletions")
