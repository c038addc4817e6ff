"""``adreel serve``, ``adreel worker`` and ``adreel db``."""

from __future__ import annotations

from typing import Annotated

import typer

db = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Look after the database.")


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; any but this machine's own makes people log in.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 for any that is free.")] = 8000,
    worker: Annotated[
        bool,
        typer.Option("--worker/--no-worker", help="Also do the work here; not needed beside workers of their own."),
    ] = True,
) -> None:
    """Run the service: API, page and, unless told otherwise, a worker."""
    from adreel.server import run_server
    from adreel.settings import read_settings

    run_server(read_settings(), host, port, typer.echo, with_worker=worker)


def worker() -> None:
    """Run a worker only. Any number on any machine, beside one PostgreSQL."""
    from adreel.server import run_worker
    from adreel.settings import read_settings

    run_worker(read_settings(), typer.echo)


@db.command()
def upgrade() -> None:
    """Bring the database up to this version of adreel."""
    import asyncio

    from adreel.bootstrap.database import upgrade_database
    from adreel.settings import read_settings

    typer.echo(asyncio.run(upgrade_database(read_settings())))
