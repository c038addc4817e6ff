"""The order of a batch: its JSON, as it is stored, and the `BatchOrder` of `feeds` that it stands for."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from adreel.agents.options import check_request
from adreel.catalogue import recipes
from adreel.domain.ad import EndCard
from adreel.domain.catalogues.batch import Json
from adreel.domain.errors import InputError
from adreel.domain.films.encoder_profile import EncoderProfile
from adreel.domain.films.film_options import FilmOptions, read_request
from adreel.feeds.batches.conditions import read_condition
from adreel.feeds.batches.planning import BatchOrder, ScriptSource
from adreel.feeds.fields import FieldNames
from adreel.feeds.scripts.recipe import RecipeScript
from adreel.feeds.scripts.template import read_template
from adreel.placements.loader import Placements, find_placements

AUTO = "auto"
"""The recipe that suits each product."""
_FOR_RECIPES = ("style", "seconds", "cta", "prompt")


def read_order(order: Json, placements: Placements) -> BatchOrder:
    """The order of a batch without a folder. Reads fonts: not for the event loop.

    Raises InputError for an order that no batch can have, TextError and MusicError for options of its films.
    """
    FieldNames(order.get("columns") or {})
    film = _film(order)
    check_request(film)
    return BatchOrder(
        out=Path(),
        script=_script(order),
        film=film,
        clip_seconds=float(order.get("clip_seconds") or 3.0),
        limit=order.get("limit"),
        conditions=tuple(map(read_condition, order.get("where") or ())),
        remote_photos=bool(order.get("rights_confirmed")),
        placements=find_placements(placements, tuple(order.get("placements") or ())),
    )


def encoder_of(order: Json) -> EncoderProfile:
    return EncoderProfile(order.get("encoder") or EncoderProfile.STANDARD)


def budget_of(order: Json, limit: Decimal | None) -> Decimal | None:
    """The most that the films of a batch may cost together: what its user gives, within the service's limit."""
    given = order.get("budget")
    amounts = [amount for amount in (None if given is None else Decimal(given), limit) if amount is not None]
    return min(amounts, default=None)


def _film(order: Json) -> FilmOptions:
    film = read_request(order.get("film") or {})
    return replace(film, aspect=order.get("aspect") or film.aspect)


def _script(order: Json) -> ScriptSource:
    template, recipe = order.get("template"), order.get("recipe")
    if (template is None) == (recipe is None):
        raise InputError("a batch has either a template or a recipe (its name, or auto); give one of the two")
    if template is None:
        name = None if recipe == AUTO else recipes.recipe(str(recipe)).name
        end = EndCard(order.get("cta"))
        return RecipeScript(name, order.get("style"), order.get("seconds"), end, order.get("prompt") or "")
    given = next((name for name in _FOR_RECIPES if order.get(name)), None)
    if given is not None:
        raise InputError(f"{given} goes with a recipe; the template says this itself")
    return read_template(str(template), "the template")
