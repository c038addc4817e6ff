"""limits of accounts, and what counts towards them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0006"

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("users", sa.Column("limits", _JSON, nullable=False, server_default="{}"))
    op.add_column("users", sa.Column("day", sa.String(10)))
    op.add_column("users", sa.Column("day_spent", sa.BigInteger, nullable=False, server_default="0"))
    op.add_column("users", sa.Column("hour", sa.String(13)))
    op.add_column("users", sa.Column("hour_sessions", sa.Integer, nullable=False, server_default="0"))


def downgrade() -> None:
    # Column by column: SQLite would delete what refers to a table that is made anew.
    for name in ("hour_sessions", "hour", "day_spent", "day", "limits"):
        op.drop_column("users", name)
