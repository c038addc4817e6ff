"""the provider's own times of a purchase."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_TIME = sa.DateTime(timezone=True)
_COLUMNS = ("provider_posted_at", "provider_created_at")


def upgrade() -> None:
    for name in _COLUMNS:
        op.add_column("paid_calls", sa.Column(name, _TIME))


def downgrade() -> None:
    for name in reversed(_COLUMNS):
        op.drop_column("paid_calls", name)
