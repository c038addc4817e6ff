"""``adreel models``: which models there are, what they cost, and whether they can be used here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from adreel.cli.tables import table

if TYPE_CHECKING:
    from adreel.catalogue.listing import Listed

_HEAD = ("NAME", "KIND", "PRICE", "", "SECONDS", "PROVIDER", "HERE")


def models(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
) -> None:
    """List the models of the catalogue, your own among them (ADREEL_MODELS), with their prices."""
    import json

    from adreel.bootstrap.films import known_models
    from adreel.settings import read_settings

    found = known_models(read_settings())
    if as_json:
        typer.echo(json.dumps({"models": [_facts(model) for model in found]}, ensure_ascii=False))
        return
    typer.echo(table(_HEAD, [_row(model) for model in found], right=frozenset({2})))
    typer.echo()
    typer.echo(
        "Prices in US dollars; those with ~ were not confirmed by the provider's page or a bill. * from your own file."
    )


def _row(model: Listed) -> tuple[str, ...]:
    from adreel.domain.money import tidy

    price = f"{'~' if model.price_is_estimate else ''}{tidy(model.price)}"
    here = "usable" if model.needs is None else f"set {model.needs}"
    here = here if model.used else "not used yet"
    name = f"{model.name} *" if model.own else model.name
    return name, model.kind, price, f"/ {model.unit}", _lengths(model), model.provider, here


def _lengths(model: Listed) -> str:
    if model.max_seconds is None:
        return ""
    least = f"{model.min_seconds:g} " if model.min_seconds else ""
    return f"{least}to {model.max_seconds:.4g}"


def _facts(model: Listed) -> dict[str, Any]:
    from dataclasses import asdict

    from adreel.domain.money import tidy

    return {**asdict(model), "price": str(tidy(model.price)), "available": model.needs is None and model.used}
