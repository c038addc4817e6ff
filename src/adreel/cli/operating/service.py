"""``adreel serve``, ``adreel worker`` and ``adreel db``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

db = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Back up, restore and migrate the database.",
)


def serve(
    host: Annotated[
        str,
        typer.Option(
            help="Address to listen on; any but loopback switches the login on, and so does a public URL or a proxy."
        ),
    ] = ("127.0.0.1"),
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 for any free port.")] = 8000,
    worker: Annotated[
        bool,
        typer.Option("--worker/--no-worker", help="Run a worker in this process; not needed beside separate workers."),
    ] = True,
) -> None:
    """Run the service: API, page and a worker (see --no-worker)."""
    from adreel.bootstrap.settings import read_settings
    from adreel.server.run import run_server

    run_server(read_settings(), host, port, typer.echo, with_worker=worker)


def worker() -> None:
    """Run only a worker. With PostgreSQL any number of workers can run, on any machine."""
    from adreel.bootstrap.settings import read_settings
    from adreel.server.run import run_worker

    run_worker(read_settings(), typer.echo)


@db.command()
def downgrade(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
) -> None:
    """Migrate the database one version back, for the previous version of adreel. Make a backup first; stop all workers."""
    import asyncio

    from adreel.bootstrap.database import downgrade_database
    from adreel.bootstrap.settings import read_settings

    if not yes:
        typer.confirm("Migrate the database one version back? Data that only this version stores is lost.", abort=True)
    typer.echo(asyncio.run(downgrade_database(read_settings())))


@db.command()
def backup(folder: Annotated[Path, typer.Argument(help="A new folder for the backup.")]) -> None:
    """Copy databases, secret and stored files to a folder; the service may keep running."""
    import asyncio

    from adreel.bootstrap.backup.backups import backup as write_backup
    from adreel.bootstrap.settings import read_settings

    saved = asyncio.run(write_backup(read_settings(), folder))
    typer.echo(f"{saved.folder} contains the databases and {saved.stored} stored files")
    if saved.bucket:
        typer.echo(
            f"The files in bucket {saved.bucket} are not part of the backup; back up the bucket separately", err=True
        )


@db.command()
def restore(folder: Annotated[Path, typer.Argument(help="A folder written by `adreel db backup`.")]) -> None:
    """Restore a backup into a new data folder or an empty database. Start adreel afterwards: jobs resume."""
    import asyncio

    from adreel.bootstrap.backup.backups import restore as restore_backup
    from adreel.bootstrap.settings import read_settings

    manifest = asyncio.run(restore_backup(read_settings(), folder))
    typer.echo(
        f"Restored the state of {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC. Data deleted since then is present again."
    )


@db.command()
def upgrade() -> None:
    """Migrate the database to this version of adreel."""
    import asyncio

    from adreel.bootstrap.database import upgrade_database
    from adreel.bootstrap.settings import read_settings

    typer.echo(asyncio.run(upgrade_database(read_settings())))
