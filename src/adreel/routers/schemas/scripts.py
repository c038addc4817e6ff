"""Bodies of requests about scripts. The script itself is generated from `domain.ad.Ad`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import ConfigDict, Field

from adreel.domain.ad import Ad, EndCard, Offer
from adreel.domain.scripts.ad_format.reading import LONGEST_FACT, LONGEST_FILM, LONGEST_TEXT, MAX_FACTS, SHORTEST_BEAT
from adreel.domain.scripts.ad_request import AdRequest
from adreel.routers.schemas.common import Answer, Body, ModelName, Prompt

_MAX_PHOTOS = 40

Text = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]
Fact = Annotated[str, Field(min_length=1, max_length=LONGEST_FACT)]
Price = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=4, allow_inf_nan=False)]


class OfferBody(Body):
    """`currency` is an ISO 4217 code; `was` is the former price, above `price`; `until` is the last day."""

    price: Price
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    was: Price | None = None
    badge: Text | None = None
    until: date | None = None


class WriteScript(Body):
    """`photos` is the number of photos. A fact in quotation marks is a customer's opinion, one with a question mark a problem
    that the product solves. `recipe` and `style` left out are chosen, `seconds` is the recipe's, `cta` the usual one; "" is none.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "photos": 2,
                    "product": "Morgen Mug",
                    "facts": ["Hand-glazed stoneware", "Holds 350 ml"],
                    "offer": {"price": "24.90", "was": "34.90", "currency": "EUR", "until": "2026-12-24"},
                    "recipe": "launch",
                    "address": "morgen.example",
                }
            ]
        }
    )

    photos: Annotated[int, Field(ge=1, le=_MAX_PHOTOS)] = 1
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

    def request(self) -> AdRequest:
        offer = self.offer and Offer(**self.offer.model_dump())
        return AdRequest(
            photos=tuple(f"photo-{number}" for number in range(1, self.photos + 1)),
            product=self.product,
            facts=tuple(self.facts),
            offer=offer,
            end=EndCard(self.cta, self.address, self.legal),
            brand=self.brand,
            recipe=self.recipe,
            style=self.style,
            prompt=self.prompt,
            seconds=self.seconds,
        )


class WrittenScript(Answer):
    """`script` as data, without photos; `toml` the same as the file that people edit."""

    script: Ad
    toml: str
