"""A product of a shop as data, and the problems of a row of a feed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum


class Availability(StrEnum):
    """The values of Google's product data specification."""

    IN_STOCK = "in_stock"
    OUT_OF_STOCK = "out_of_stock"
    PREORDER = "preorder"
    BACKORDER = "backorder"


@dataclass(frozen=True, slots=True)
class Measure:
    """An amount of content, such as 750 ml."""

    amount: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class Sale:
    """A reduced price, and when it holds; None is open. Times know their zone."""

    price: Decimal
    begins: datetime | None = None
    ends: datetime | None = None

    def holds(self, now: datetime) -> bool:
        return (self.begins is None or self.begins <= now) and (self.ends is None or now < self.ends)

    @property
    def last_day(self) -> date | None:
        """The last day on which it holds, in the time zone of the feed."""
        return None if self.ends is None else (self.ends - timedelta(seconds=1)).date()


@dataclass(frozen=True, slots=True)
class Product:
    """One product. `row` is its place in the feed, counted as a spreadsheet does (1 is the header) or from 1 where there is none.

    `price` is the regular one, in `currency` (ISO 4217), without `sale`. `images` are addresses, or paths from the feed's folder.
    `facts` are the shop's own statements; `measure` is what a package contains, `base` the amount to which unit prices refer.
    `fields` has every text of the row by its normalized name.
    """

    row: int
    id: str
    title: str
    images: tuple[str, ...]
    price: Decimal | None = None
    currency: str | None = None
    sale: Sale | None = None
    availability: Availability | None = None
    brand: str | None = None
    description: str | None = None
    url: str | None = None
    facts: tuple[str, ...] = ()
    measure: Measure | None = None
    base: Measure | None = None
    fields: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of a row: the field ("" for the whole row) and why. An error leaves the product out, a note does not."""

    row: int
    id: str
    field: str
    message: str
    is_error: bool = True


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A row as it was read; without a product if a problem is an error. `ends_early`: the rest of the feed cannot be read."""

    row: int
    id: str
    product: Product | None
    problems: tuple[Problem, ...] = ()
    ends_early: bool = False
