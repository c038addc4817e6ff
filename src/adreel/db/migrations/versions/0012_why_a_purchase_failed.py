"""why a purchase failed, where the next one depends on it: a part of its error message before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"

_ADVICE = "use another photo"
"""What messages about refused pictures contained in the versions before."""


def upgrade() -> None:
    op.add_column("paid_calls", sa.Column("failure", sa.String(16)))
    calls = sa.table("paid_calls", *(sa.column(name, sa.String()) for name in ("state", "error", "failure")))
    refused = (calls.c.state == "lost") & calls.c.error.contains(_ADVICE, autoescape=True)
    op.execute(calls.update().where(refused).values(failure="input_refused"))


def downgrade() -> None:
    op.drop_column("paid_calls", "failure")
