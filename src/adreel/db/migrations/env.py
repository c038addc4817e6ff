"""Run by Alembic for every command, on the connection and within the transaction that `adreel.db.migrate` gives."""

from __future__ import annotations

from alembic import context

from adreel.db.batch_tables import BatchRow

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=BatchRow.metadata,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
