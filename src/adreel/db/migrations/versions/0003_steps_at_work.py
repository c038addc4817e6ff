"""which steps of jobs are at work, so that work that kills its worker is found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "step_attempts",
        sa.Column("workflow_id", sa.String(200), nullable=False),
        sa.Column("step", sa.String(100), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workflow_id", "step", name="pk_step_attempts"),
    )
    op.create_index("ix_step_attempts_updated_at", "step_attempts", ["updated_at"])


def downgrade() -> None:
    op.drop_table("step_attempts")
