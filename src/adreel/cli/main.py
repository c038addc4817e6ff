"""The root of the command line. Heavy modules are imported by the command that needs them."""

from __future__ import annotations

import gc
import logging
import os
import sys
from typing import Annotated, NoReturn

import typer

from adreel.cli import accounts, books, films, models, service
from adreel.domain.errors import AdreelError
from adreel.version import __version__

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    # Plain help: drawing it with rich would double the time that --help takes.
    rich_markup_mode=None,
    help="Product photos in, finished 1080p product video ads out.",
)
app.command()(films.make)
app.command()(films.compose)
app.command()(models.models)
app.command()(books.reconcile)
app.command()(service.serve)
app.command()(service.worker)
app.add_typer(service.db, name="db")
app.add_typer(accounts.user, name="user")


@app.command()
def doctor() -> None:
    """Say what is installed and whether the main job can run."""
    from adreel.doctor import Setup, examine
    from adreel.settings import read_settings

    settings = read_settings()
    findings = examine(Setup(settings.data_dir, settings.ffmpeg, settings.lines))
    for finding in findings:
        mark = "ok  " if finding.ok else "FAIL" if finding.needed else "note"
        typer.echo(f"{mark}  {finding.name}: {finding.detail}")
    if any(finding.needed and not finding.ok for finding in findings):
        raise typer.Exit(1)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"adreel {__version__}")
        raise typer.Exit


@app.callback()
def common(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def main() -> NoReturn:
    """Runs the command line. An error that adreel raises on purpose becomes one line and its exit code."""
    # What fontTools has to say of a person's font file is said by our own error.
    logging.getLogger("fontTools").setLevel(logging.CRITICAL)
    # Our matrices are small: NumPy would start threads for large ones, which spin for 0.1 s of each processor.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        app()
    except AdreelError as error:
        typer.echo(f"adreel: {error}", err=True)
        sys.exit(error.exit_code)
    finally:
        # Leaves out the interpreter's last search for cycles among all objects: the memory goes back as a whole anyway.
        gc.freeze()
    sys.exit(0)
