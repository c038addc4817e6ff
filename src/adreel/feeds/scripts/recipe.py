"""The script of a product by one of adreel's recipes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from adreel.agents.script import write_script
from adreel.domain.ad import Ad, EndCard
from adreel.domain.scripts.ad_request import AdRequest
from adreel.feeds.product import Product
from adreel.feeds.scripts.offers import offer_of, shortened_name, statements_of

LONGEST_NAME = 60
"""Characters of a title on the screen; feeds have up to 150, with sizes and colours."""


@dataclass(frozen=True, slots=True)
class RecipeScript:
    """`name` is a recipe, None for what suits each product; the rest as in `AdRequest`."""

    name: str | None = None
    style: str | None = None
    seconds: float | None = None
    end: EndCard = field(default_factory=EndCard)
    prompt: str = ""

    def ad(self, product: Product, photos: int, now: datetime) -> Ad:
        """The script of a product with so many photos at a time. Raises InputError, ClaimError."""
        return write_script(
            AdRequest(
                photos=tuple(f"{number}" for number in range(1, photos + 1)),
                product=shortened_name(product.title, LONGEST_NAME),
                facts=statements_of(product),
                offer=offer_of(product, now),
                end=self.end,
                brand=product.brand,
                recipe=self.name,
                style=self.style,
                prompt=self.prompt,
                seconds=self.seconds,
            )
        )
