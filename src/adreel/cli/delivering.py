"""Prints the result of a finished film."""

from __future__ import annotations

import typer

from adreel.agents.maker import Delivery
from adreel.cli.report import as_json_text, as_words


def show(delivery: Delivery, as_json: bool) -> None:
    """Prints the film as text or JSON, with notes on standard error. Exits with 1 when the film is incomplete."""
    typer.echo(as_json_text(delivery) if as_json else as_words(delivery))
    for note in delivery.notes:
        typer.echo(f"adreel: note: {note}", err=True)
    for error in delivery.failed:
        typer.echo(f"adreel: the film is incomplete: {error}", err=True)
    if delivery.failed:
        raise typer.Exit(1)
