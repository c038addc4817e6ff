"""``adreel models``: lists models with their prices and whether they can be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from adreel.cli.tables import table

if TYPE_CHECKING:
    from adreel.catalogue.listing import Listed

_HEAD = ("NAME", "KIND", "PRICE", "", "SEEN", "STATUS", "SECONDS", "MAKES", "PROVIDER", "HERE")


def models(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")] = False,
    sources: Annotated[bool, typer.Option("--sources", help="Show the source of each model's facts.")] = False,
) -> None:
    """List the models of the catalogue, your own among them (ADREEL_MODELS), with their prices."""
    import json

    from adreel.bootstrap.local import known_models
    from adreel.bootstrap.settings import read_settings

    found = known_models(read_settings())
    if as_json:
        typer.echo(json.dumps({"models": [_facts(model) for model in found]}, ensure_ascii=False))
        return
    if sources:
        typer.echo(
            table(("NAME", "PRICE SEEN", "SOURCE"), [(model.name, _seen(model), model.source) for model in found])
        )
        return
    typer.echo(table(_HEAD, [_row(model) for model in found], right=frozenset({2})))
    typer.echo()
    typer.echo(
        "Prices in US dollars, as seen on that day. ~ estimate, not confirmed by the provider's page or a bill. "
        "* from your own file. Sources: adreel models --sources."
    )


def _row(model: Listed) -> tuple[str, ...]:
    from adreel.domain.costs.money import format_amount

    price = f"{'~' if model.price_is_estimate else ''}{format_amount(model.price)}"
    name = f"{model.name} *" if model.own else model.name
    columns = (name, model.kind, price, f"/ {model.unit}", _seen(model), model.status)
    return *columns, _lengths(model), _makes(model), model.provider, _here(model)


def _here(model: Listed) -> str:
    if model.unusable is not None:
        return f"not usable: {model.unusable}"
    needs = _needs(model)
    return "usable" if needs is None else f"set {needs}"


def _needs(model: Listed) -> str | None:
    """The setting that is missing, if any."""
    from adreel.bootstrap.remedies import token_setting
    from adreel.providers.registry import provider

    return None if model.has_account else token_setting(provider(model.provider))


def _seen(model: Listed) -> str:
    return "own" if model.seen_on is None else model.seen_on.isoformat()


def _makes(model: Listed) -> str:
    """The resolution, and the aspects unless the model supports all of adreel's."""
    from adreel.domain.films.formats import ASPECTS

    every = model.aspects is None or len(model.aspects) == len(ASPECTS)
    aspects = "" if every else ",".join(model.aspects or ())
    return " ".join(part for part in (model.resolution or "", aspects) if part)


def _lengths(model: Listed) -> str:
    if model.max_seconds is None:
        return ""
    least = f"{model.min_seconds:g} " if model.min_seconds else ""
    return f"{least}to {model.max_seconds:.4g}"


def _facts(model: Listed) -> dict[str, Any]:
    from dataclasses import asdict

    from adreel.domain.costs.money import format_amount

    seen = None if model.seen_on is None else model.seen_on.isoformat()
    facts = {name: value for name, value in asdict(model).items() if name != "has_account"}
    needed = {"needs": _needs(model), "available": model.available}
    return {**facts, "price": format_amount(model.price), "seen_on": seen, **needed}
