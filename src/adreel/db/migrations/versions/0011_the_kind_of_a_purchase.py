"""the kind of a purchase, and the image that it is made of, which were parts of its key."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_MOST_ID = 64
_COLUMNS = ("outside_job", "source_image_id", "kind")


def upgrade() -> None:
    op.add_column("paid_calls", sa.Column("kind", sa.String(16), nullable=False, server_default="clip"))
    op.add_column("paid_calls", sa.Column("source_image_id", sa.String(_MOST_ID)))
    op.add_column("paid_calls", sa.Column("outside_job", sa.Boolean(), nullable=False, server_default=sa.false()))
    _fill()
    # Without defaults, so that a process of the version before cannot record purchases of the wrong kind. SQLite makes the
    # table anew for that: no other table refers to it.
    with op.batch_alter_table("paid_calls") as table:
        table.alter_column("kind", existing_type=sa.String(16), existing_nullable=False, server_default=None)
        table.alter_column("outside_job", existing_type=sa.Boolean(), existing_nullable=False, server_default=None)


def _fill() -> None:
    """Reads the keys of the versions before: session:image-…, session:text-…, and session:IMAGE-… for a clip of an image."""
    calls = sa.table(
        "paid_calls", *(sa.column(name, sa.String()) for name in ("key", "session_id", "kind", "source_image_id"))
    )
    rest = sa.func.substr(calls.c.key, sa.func.length(calls.c.session_id) + 2)
    find = sa.func.strpos if op.get_bind().dialect.name == "postgresql" else sa.func.instr
    dash = find(rest, "-")
    is_of_session = sa.func.substr(calls.c.key, 1, sa.func.length(calls.c.session_id) + 1) == calls.c.session_id + ":"
    for kind in ("image", "text"):
        is_kind = is_of_session & (sa.func.substr(rest, 1, len(kind) + 1) == f"{kind}-")
        op.execute(calls.update().where(is_kind).values(kind=kind))
    of_an_image = is_of_session & (calls.c.kind == "clip") & dash.between(2, _MOST_ID + 1)
    op.execute(calls.update().where(of_an_image).values(source_image_id=sa.func.substr(rest, 1, dash - 1)))


def downgrade() -> None:
    for name in _COLUMNS:
        op.drop_column("paid_calls", name)
