"""what was asked of a film, beside its words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.add_column("sessions", sa.Column("film_options", _JSON))


def downgrade() -> None:
    # Not as a batch: SQLite would make the table anew, and dropping the old one deletes what refers to it.
    op.drop_column("sessions", "film_options")
