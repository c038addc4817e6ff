"""the script of a session's ad."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("sessions", sa.Column("script", _JSON))


def downgrade() -> None:
    op.drop_column("sessions", "script")
