"""Recipes of ads as data: beats, what they say, how they are filmed, and which fall away first."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TypeVar

from adreel.catalogue.fields import Entry
from adreel.domain.ad import TextRole
from adreel.domain.errors import InputError
from adreel.domain.films.scene import CameraMovement, Mood, ViewType

Choice = TypeVar("Choice", bound=StrEnum)


class WordSource(StrEnum):
    """Where a text of a recipe comes from."""

    PRODUCT = "product"
    TAGLINE = "tagline"
    FACT = "fact"
    QUESTION = "question"
    QUOTE = "quote"
    PRICE = "price"
    BADGE = "badge"
    UNTIL = "until"


class Need(StrEnum):
    """What an ad must have for a recipe."""

    PRICE = "price"
    QUOTE = "quote"
    QUESTION = "question"


class Pace(StrEnum):
    SLOW = "slow"
    STEADY = "steady"
    BRISK = "brisk"

    @property
    def intensity(self) -> float:
        """The strength of the camera's movement, as of a `Scene`."""
        return {Pace.SLOW: 0.3, Pace.STEADY: 0.5, Pace.BRISK: 0.8}[self]


@dataclass(frozen=True, slots=True)
class RecipeWords:
    role: TextRole
    source: WordSource


@dataclass(frozen=True, slots=True)
class RecipeBeat:
    """One beat. `framing` and `camera` are preferences, the best first; beats with a `drop` above 0 fall away in its order."""

    name: str
    words: tuple[RecipeWords, ...]
    framing: tuple[ViewType, ...]
    camera: tuple[CameraMovement, ...]
    weight: float
    drop: int


@dataclass(frozen=True, slots=True)
class Recipe:
    """`seconds` is the length of the film, end card included; `style` that of the text; `mood` chooses the music when the prompt
    has none."""

    name: str
    summary: str
    seconds: float
    pace: Pace
    style: str
    mood: Mood
    needs: tuple[Need, ...]
    beats: tuple[RecipeBeat, ...]


def recipe(name: str) -> Recipe:
    """Returns a recipe that ships with adreel. Raises InputError for a name that is not one."""
    known = recipes()
    if name not in known:
        raise InputError(f"no recipe is called {name!r}; choose one of {', '.join(known)}")
    return known[name]


@cache
def recipes() -> Mapping[str, Recipe]:
    """Returns the recipes that ship with adreel, by name."""
    return parse_recipes(resources.files("adreel.catalogue").joinpath("recipes.toml").read_text(encoding="utf-8"))


def parse_recipes(text: str) -> Mapping[str, Recipe]:
    """Parses recipes. Raises InputError that names the recipe and the field at fault."""
    try:
        document = Entry("the recipes", tomllib.loads(text))
    except ValueError as error:
        raise InputError(f"the recipes are not valid TOML: {error}") from error
    tables = document.entry("recipes")
    document.finish()
    return MappingProxyType({name: _recipe(name, tables.entry(name)) for name in tables.names()})


def _recipe(name: str, entry: Entry) -> Recipe:
    found = Recipe(
        name=name,
        summary=entry.text("summary"),
        seconds=_positive(entry, "seconds"),
        pace=_choice(entry, "pace", Pace),
        style=entry.text("style"),
        mood=_choice(entry, "mood", Mood),
        needs=_choices(entry, "needs", Need, may_be_empty=True),
        beats=tuple(map(_beat, entry.entries("beats"))),
    )
    entry.finish()
    names = [beat.name for beat in found.beats]
    if len(set(names)) < len(names):
        raise InputError(f"{entry.where}: two beats have the same name")
    if all(beat.drop for beat in found.beats):
        raise InputError(f"{entry.where}: every beat may fall away; give one that stays the drop 0")
    return found


def _beat(entry: Entry) -> RecipeBeat:
    name = entry.text("name")
    entry = entry.named(name)
    beat = RecipeBeat(
        name=name,
        words=tuple(map(_words, entry.entries("words", may_be_empty=True))),
        framing=_choices(entry, "framing", ViewType),
        camera=_choices(entry, "camera", CameraMovement),
        weight=_positive(entry, "weight"),
        drop=entry.whole("drop"),
    )
    entry.text("name")
    entry.finish()
    if len(set(beat.framing)) * len(set(beat.camera)) < 2:
        raise InputError(
            f"{entry.where}: give a second framing or camera move, so that it need not repeat its neighbour"
        )
    return beat


def _words(entry: Entry) -> RecipeWords:
    words = RecipeWords(_choice(entry, "role", TextRole), _choice(entry, "source", WordSource))
    entry.finish()
    return words


def _positive(entry: Entry, field: str) -> float:
    value = entry.number(field)
    if not value:
        raise entry.complaint(field, "a number above 0")
    return value


def _choice(entry: Entry, field: str, kind: type[Choice]) -> Choice:
    return kind(entry.one_of(field, list(kind)))


def _choices(entry: Entry, field: str, kind: type[Choice], *, may_be_empty: bool = False) -> tuple[Choice, ...]:
    values = entry.texts(field, may_be_empty=may_be_empty)
    wrong = [value for value in values if value not in list(kind)]
    if wrong:
        raise entry.complaint(field, f"a list of {', '.join(kind)}; {wrong[0]!r} is none of them")
    return tuple(kind(value) for value in values)
