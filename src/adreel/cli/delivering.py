"""Prints the result of finished films."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from adreel.agents.film_orders import Delivery
from adreel.cli.report import as_json_text, as_words


def show(delivery: Delivery, as_json: bool) -> None:
    """Prints the film as text or JSON, with notes on standard error. Exits with 1 when the film is incomplete."""
    show_all([delivery], as_json)


def show_all(deliveries: Sequence[Delivery], as_json: bool) -> None:
    """Prints films, as JSON one object a line. Exits with 1 when one is incomplete, or does not fit its placement."""
    for delivery in deliveries:
        typer.echo(as_json_text(delivery) if as_json else as_words(delivery))
        for note in delivery.notes:
            typer.echo(f"adreel: note: {note}", err=True)
        for error in delivery.failed:
            typer.echo(f"adreel: the film is incomplete: {error}", err=True)
    if any(each.failed or _is_refused(each) for each in deliveries):
        raise typer.Exit(1)


def _is_refused(delivery: Delivery) -> bool:
    fitted = delivery.film.fitted
    return fitted is not None and fitted.judgement.refused
