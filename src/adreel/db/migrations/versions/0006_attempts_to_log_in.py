"""attempts to log in, counted for all API processes together."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "login_budgets",
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("account", sa.String(64)),
        sa.Column("spent_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_login_budgets"),
    )
    op.create_index("ix_login_budgets_account", "login_budgets", ["account"])
    op.create_index("ix_login_budgets_spent_until", "login_budgets", ["spent_until"])


def downgrade() -> None:
    op.drop_table("login_budgets")
