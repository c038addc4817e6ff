"""Bodies of requests about scripts. The script itself is generated from `domain.ad.Ad`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import ConfigDict, Field, JsonValue

from adreel.domain.ad import Ad, EndCard, Offer
from adreel.domain.scripts.ad_format.reading import LONGEST_FACT, LONGEST_FILM, LONGEST_TEXT, MAX_FACTS, SHORTEST_BEAT
from adreel.domain.scripts.ad_request import AdRequest
from adreel.routers.schemas.brands import ChosenBrand
from adreel.routers.schemas.common import Answer, Body, Id, ModelName, Prompt

_MAX_PHOTOS = 40

Text = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
Fact = Annotated[str, Field(min_length=1, max_length=LONGEST_FACT)]
Price = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=4, allow_inf_nan=False)]


_FACTS: dict[str, JsonValue] = {
    "product": "Morgen Mug",
    "facts": ["Hand-glazed stoneware", "Holds 350 ml"],
    "offer": {"price": "24.90", "was": "34.90", "currency": "EUR", "until": "2026-12-24"},
    "recipe": "launch",
    "address": "morgen.example",
}
_SCRIPT: dict[str, JsonValue] = {
    "version": 1,
    "product": "Morgen Mug",
    "facts": ["Holds 350 ml"],
    "beats": [{"name": "hook", "shot": {"photo": 1}, "words": [{"role": "headline", "text": "Morgen Mug"}]}],
    "end": {"cta": "Order yours"},
}


class OfferBody(Body):
    """`currency` is an ISO 4217 code; `was` is the former price, above `price`; `until` is the last day."""

    price: Price
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    was: Price | None = None
    badge: Text | None = None
    until: date | None = None


class ScriptFacts(Body):
    """What a script is written from. A fact in quotation marks is a customer's opinion, one with a question mark a problem
    that the product solves. `recipe` and `style` left out are chosen, `seconds` is the recipe's, `cta` the usual one; "" is none.
    `brand_kit` names a kit whose words stand where there are none here; by default the session's, "" for none.
    `spoken`: the film will speak, so that without `seconds` it may last longer than its recipe.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_FACTS]})

    product: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""
    facts: Annotated[list[Fact], Field(default_factory=list, max_length=MAX_FACTS)]
    offer: OfferBody | None = None
    cta: Annotated[str, Field(max_length=LONGEST_TEXT)] | None = None
    address: Text | None = None
    legal: Text | None = None
    brand: Text | None = None
    recipe: ModelName | None = None
    style: ModelName | None = None
    prompt: Prompt = ""
    seconds: Annotated[float, Field(ge=SHORTEST_BEAT, le=LONGEST_FILM)] | None = None
    brand_kit: ChosenBrand | None = None
    spoken: bool = False

    def request_for(self, photos: tuple[str, ...]) -> AdRequest:
        """The request to write a script for these photos."""
        offer = self.offer and Offer(**self.offer.model_dump())
        return AdRequest(
            photos=photos,
            product=self.product,
            facts=tuple(self.facts),
            offer=offer,
            end=EndCard(self.cta, self.address, self.legal),
            brand=self.brand,
            recipe=self.recipe,
            style=self.style,
            prompt=self.prompt,
            seconds=self.seconds,
            spoken=self.spoken,
        )


class WriteScript(ScriptFacts):
    """`photos` is the number of photos; the other fields say what the script is written from, all are optional."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"photos": 2, **_FACTS}]})

    photos: Annotated[int, Field(ge=1, le=_MAX_PHOTOS)] = 1

    def request(self) -> AdRequest:
        return self.request_for(tuple(f"photo-{number}" for number in range(1, self.photos + 1)))


class GenerateScript(ScriptFacts):
    """`session_id` is the session whose script a language model writes; the other fields say what it is written from."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"session_id": "7d9f2c4e8a1b4f6d9c3e5a7b1d2f4a6c", **_FACTS}]}
    )

    session_id: Id


class PutScript(Body):
    """A script as `GET` returns it. Its `photos` are ids of the session's images; left out, they are the approved images."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"script": _SCRIPT}]})

    script: dict[str, JsonValue]


class SessionScriptAnswer(Answer):
    """A session's script; all fields are null while it has none. `toml` is the same as a file that people edit.

    Lengths in seconds: of each beat in order, of the end card (0 without one), and of the whole film without crossfades; null for
    a script of an older version whose words do not fit the time any more.
    """

    script: Ad | None = None
    toml: str | None = None
    beat_seconds: list[float] | None = None
    end_seconds: float | None = None
    film_seconds: float | None = None


class WrittenScript(Answer):
    """`script` as data, without photos; `toml` the same as the file that people edit."""

    script: Ad
    toml: str
