"""The script of an ad: what it says and shows, beat by beat, as data that people edit, agents write and jobs store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from adreel.domain.films.scene import CameraMovement, ViewType

AD_VERSION = 1
"""The version of the format; a document of a later version is refused."""

USUAL_RECIPE = "launch"
USUAL_STYLE = "editorial"


class TextRole(StrEnum):
    """What words on the screen are for; a text style gives each role its size, face and place."""

    HEADLINE = "headline"
    BULLET = "bullet"
    PRICE = "price"
    BADGE = "badge"
    LOWER_THIRD = "lower_third"
    ADDRESS = "address"
    LEGAL = "legal"


@dataclass(frozen=True, slots=True)
class ScreenText:
    """Words on the screen. `struck` is shown struck through beside them, as the former price is."""

    role: TextRole
    text: str
    struck: str | None = None


def read_words(stored: Iterable[Mapping[str, Any]]) -> tuple[ScreenText, ...]:
    """Reads the JSON of `dataclasses.asdict`, as jobs and assets store it."""
    return tuple(ScreenText(TextRole(each["role"]), each["text"], each["struck"]) for each in stored)


@dataclass(frozen=True, slots=True)
class BeatShot:
    """What a beat shows: the photo (1 is the first), its framing, its camera move; None leaves the choice to adreel.

    `intensity` is 0 (barely moving) to 1.
    """

    photo: int
    framing: ViewType | None = None
    camera: CameraMovement | None = None
    intensity: float | None = None


@dataclass(frozen=True, slots=True)
class Beat:
    """One shot with its words. `name` is unique in its ad and says what the beat is for ("hook", "benefit", "offer").

    `seconds` is its length; None gives it a share of the film by `weight`. `spoken` is the line to be spoken over it;
    `recording` is the line as a person spoke it: a file, or in a session the id of one of the user's files.
    """

    name: str
    shot: BeatShot
    words: tuple[ScreenText, ...] = ()
    spoken: str | None = None
    seconds: float | None = None
    weight: float = 1.0
    recording: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What the product costs. `was` is the former price, `badge` a few words such as "Save 20 %", `until` the last day.

    `currency` is an ISO 4217 code.
    """

    price: Decimal
    currency: str = "USD"
    was: Decimal | None = None
    badge: str | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class EndCard:
    """The words of the last card: call to action, address of the shop, legal line."""

    cta: str | None = None
    address: str | None = None
    legal: str | None = None


@dataclass(frozen=True, slots=True)
class Ad:
    """A script. `product` is empty for a product without a name. `facts` are the user's own statements, the only source of
    claims. `recipe` and `style` name the recipe that it follows and the style of its text. `photos` are paths from the folder of
    the script's file, in the order of their numbers. `seconds` is the length of the film, end card included; None gives it the
    usual length of a clip for each beat.
    """

    product: str
    beats: tuple[Beat, ...]
    end: EndCard = EndCard()
    brand: str | None = None
    facts: tuple[str, ...] = ()
    offer: Offer | None = None
    recipe: str = USUAL_RECIPE
    style: str = USUAL_STYLE
    prompt: str = ""
    photos: tuple[str, ...] = ()
    seconds: float | None = None
    version: int = AD_VERSION
