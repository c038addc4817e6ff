"""Reads models.toml into typed records. Facts live in the file, not in code."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from typing import Any

from adreel.domain.errors import InputError


@dataclass(frozen=True, slots=True)
class VideoModel:
    """A model that turns one image into one clip.

    `price_per_clip` is in US dollars; `min_seconds` and `max_seconds` bound a clip's length; `typical_seconds_per_clip_second`
    is the usual wait for each second of clip on two cores, for estimates only.
    """

    name: str
    title: str
    reference: str
    price_per_clip: Decimal
    min_seconds: float
    max_seconds: float
    typical_seconds_per_clip_second: float
    licence: str

    def check_duration(self, seconds: float) -> None:
        """Raises InputError when the model cannot make a clip of this length."""
        if not self.min_seconds <= seconds <= self.max_seconds:
            raise InputError(
                f"clips of {seconds:g} s are not possible with {self.name}; "
                f"choose between {self.min_seconds:g} and {self.max_seconds:g} seconds"
            )


Catalogue = Mapping[str, VideoModel]


def load_catalogue() -> Catalogue:
    """The catalogue that ships with adreel."""
    text = resources.files("adreel.catalogue").joinpath("models.toml").read_text(encoding="utf-8")
    return parse_catalogue(text)


def parse_catalogue(text: str) -> Catalogue:
    """Parses catalogue TOML. Raises InputError that names the model and field at fault."""
    tables: dict[str, dict[str, Any]] = tomllib.loads(text).get("models", {})
    return {name: _video_model(name, table) for name, table in tables.items()}


def _video_model(name: str, table: dict[str, Any]) -> VideoModel:
    try:
        return VideoModel(
            name=name,
            title=str(table["title"]),
            reference=str(table["reference"]),
            price_per_clip=Decimal(str(table["price_per_clip"])),
            min_seconds=float(table["min_seconds"]),
            max_seconds=float(table["max_seconds"]),
            typical_seconds_per_clip_second=float(table["typical_seconds_per_clip_second"]),
            licence=str(table["licence"]),
        )
    except KeyError as missing:
        raise InputError(f"the catalogue's model {name!r} lacks the field {missing.args[0]!r}") from missing
    except (ArithmeticError, ValueError) as broken:
        raise InputError(f"the catalogue's model {name!r} has a value that is not a number") from broken
