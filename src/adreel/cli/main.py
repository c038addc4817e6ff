"""The root of the command line. Whatever a command needs is imported once it is chosen."""

from __future__ import annotations

import gc
import os
import sys
from typing import Annotated, NoReturn

import typer

from adreel.cli.commands import LazyGroup, register
from adreel.version import __version__

app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    # Plain help: rendering it with rich would double the time of --help.
    rich_markup_mode=None,
    help="Product photos in, finished 1080p product video ads out.",
)
register(app)


def _show_version(value: bool) -> None:
    if value:
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
    """Runs the command line. Prints an AdreelError or machine fault (a full disk) as one line; exits with its code."""
    # The matrices are small: NumPy's threads for large ones would spin for 0.1 s on each processor.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # Above malloc's threshold for mapping, so that large pictures are returned to the system when they are freed (decision 0071).
    os.environ.setdefault("PILLOW_BLOCK_SIZE", "64m")
    try:
        app()
    except Exception as error:
        failure = _failure(error)
        if failure is None:
            raise
        message, exit_code = failure
        typer.echo(f"adreel: {message}", err=True)
        sys.exit(exit_code)
    finally:
        # Skips the final garbage collection: the system frees the memory of the process anyway.
        gc.freeze()
    sys.exit(0)


def _failure(error: Exception) -> tuple[str, int] | None:
    """The message and exit code of an error that is ours or a fault of the machine; None for any other."""
    from adreel.cli.remedies import described
    from adreel.domain.errors import AdreelError
    from adreel.domain.machine_faults import machine_fault

    if isinstance(error, AdreelError):
        return described(error), error.exit_code
    fault = machine_fault(error)
    return None if fault is None else (str(fault), fault.exit_code)
