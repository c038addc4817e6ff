"""Styles of captions that are part of the picture, read from `caption_styles.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from adreel.domain.errors import InputError
from adreel.domain.films.color import Color

USUAL_CAPTION_STYLE = "plate"


@dataclass(frozen=True, slots=True)
class CaptionStyle:
    """`cap` is the height of capitals in pixels of a shorter side of 1080. `spoken` is the colour of the word that is being
    spoken. Letters stand on a `plate`, or have an `outline`."""

    name: str
    title: str
    face: str
    cap: int
    ink: Color
    spoken: Color | None = None
    plate: Color | None = None
    opacity: float = 1.0
    outline: Color | None = None


def caption_style(name: str) -> CaptionStyle:
    """The style of this name; the usual one for an empty name. Raises InputError for an unknown name."""
    styles = caption_styles()
    wanted = name or USUAL_CAPTION_STYLE
    if wanted not in styles:
        raise InputError(f"no caption style is called {wanted!r}; choose one of {', '.join(styles)}")
    return styles[wanted]


@cache
def caption_styles() -> Mapping[str, CaptionStyle]:
    """All styles, by name."""
    text = resources.files("adreel.media.overlays").joinpath("caption_styles.toml").read_text(encoding="utf-8")
    return MappingProxyType({name: _style(name, table) for name, table in tomllib.loads(text).items()})


def _style(name: str, table: Mapping[str, Any]) -> CaptionStyle:
    values: dict[str, Any] = dict(table)
    values |= {field: Color.parse(values[field]) for field in ("ink", "spoken", "plate", "outline") if field in values}
    return CaptionStyle(name=name, **values)
