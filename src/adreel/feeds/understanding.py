"""Makes products of rows: reads every field, and reports what cannot be read by row and field."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar
from urllib.parse import urljoin, urlsplit

from adreel.feeds.fields import FieldNames
from adreel.feeds.product import FeedRow, Problem, Product, Sale
from adreel.feeds.raw import LONGEST_VALUE, RawRow
from adreel.feeds.values import (
    has_markup,
    plain_text,
    read_availability,
    read_interval,
    read_measure,
    read_money,
)

T = TypeVar("T")

LONGEST_ID = 100
LONGEST_TITLE = 150
"""Characters; the limit of Google's specification. Longer titles are reported, not refused."""
MOST_IMAGES = 10
MOST_FACTS = 20
_LONGEST_FACT = 200
_LONGEST_DESCRIPTION = 2000
_IMAGES = re.compile(r"[|\n]|[,;]\s*(?=https?://)|[,;]\s+")
_FACTS = re.compile(r"[|\n]")
_CONTROLS = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
"""Characters that no address and no name of a file has, and that databases refuse."""
_SHOWN = 40


@dataclass(slots=True)
class Understanding:
    """Reads rows. `currency` is that of prices without one; `base` is the address from which relative links count.

    Remembers the first currency, to report rows with another.
    """

    names: FieldNames
    currency: str | None = None
    base: str | None = None
    first_currency: str | None = None

    def read(self, raw: RawRow) -> FeedRow:
        """Never raises for what a row says: it is in the result."""
        row_id = plain_text(self.names.value(raw, "id"))[:LONGEST_ID]
        if raw.fault is not None:
            problem = Problem(raw.row, row_id, "", raw.fault)
            return FeedRow(raw.row, row_id, None, (problem,), raw.ends_early)
        reading = _Reading(self, raw, row_id)
        product = reading.product()
        failed = any(problem.is_error for problem in reading.problems)
        return FeedRow(raw.row, row_id, None if failed else product, tuple(reading.problems))


@dataclass(slots=True)
class _Reading:
    """One row while it is read."""

    rules: Understanding
    raw: RawRow
    id: str
    problems: list[Problem] = field(default_factory=list[Problem])

    def product(self) -> Product:
        price, currency, sale = self._offer()
        return Product(
            row=self.raw.row,
            id=self._id(),
            title=self._title(),
            images=self._images(),
            price=price,
            currency=currency,
            sale=sale,
            availability=self._optional("availability", read_availability),
            brand=self._text("brand") or None,
            description=self._text("description")[:_LONGEST_DESCRIPTION] or None,
            url=self._url(),
            facts=self._facts(),
            measure=self._optional("measure", read_measure),
            base=self._optional("base", read_measure),
            fields={name: plain_text(values[0][:LONGEST_VALUE]) for name, values in self.raw.fields.items() if values},
        )

    def _add(self, field: str, message: str, *, is_error: bool = True) -> None:
        self.problems.append(Problem(self.raw.row, self.id, field, message, is_error))

    @contextmanager
    def _reported(self, field: str, value: str, *, is_error: bool = True) -> Generator[None]:
        try:
            yield
        except ValueError as error:
            self._add(field, f"{_shown(value)} {error}", is_error=is_error)

    def _value(self, field: str) -> str:
        value = self.rules.names.value(self.raw, field)[:LONGEST_VALUE]
        if "\ufffd" in value:
            self._add(field, f"{_shown(value)} has letters that are not UTF-8; save the feed as UTF-8")
        return value

    def _text(self, field: str) -> str:
        return plain_text(self._value(field))

    def _id(self) -> str:
        if not self.id:
            self._add("id", "is missing")
        return self.id

    def _title(self) -> str:
        value = self._value("title")
        title = plain_text(value)
        if not title:
            self._add("title", "is missing" if not value else f"{_shown(value)} has no words")
        elif has_markup(value):
            self._add("title", f"markup was removed: {_shown(title)}", is_error=False)
        if len(title) > LONGEST_TITLE:
            self._add("title", f"has {len(title)} characters, more than {LONGEST_TITLE}", is_error=False)
        return title

    def _offer(self) -> tuple[Decimal | None, str | None, Sale | None]:
        """The regular price, its currency, and the reduced price."""
        price, currency = self._price()
        if price is None:
            return None, None, None
        if self._value("sale_price") and self._value("price"):
            return price, currency, self._sale(price)
        former = self._former(price)
        return (price, currency, None) if former is None else (former, currency, Sale(price))

    def _price(self) -> tuple[Decimal | None, str | None]:
        value = self._value("price") or self._value("sale_price")
        if not value:
            return None, None
        named = self._text("currency").upper() or None
        if named and not re.fullmatch(r"[A-Z]{3}", named):
            self._add("currency", f"{_shown(named)} is not three letters such as EUR")
            named = None
        with self._reported("price", value):
            amount, own = read_money(value)
            return amount, self._currency(value, own, named)
        return None, None

    def _currency(self, value: str, own: str | None, named: str | None) -> str | None:
        if own and named and own != named and "$" not in value:
            self._add("currency", f"{_shown(value)} contradicts the currency {named}")
        # A dollar sign stands for many currencies: whatever else names one knows better.
        known = (named or self.rules.currency or own) if "$" in value else (own or named or self.rules.currency)
        if known is None:
            self._add("currency", f"{_shown(value)} names no currency; give one for all rows")
        elif self.rules.first_currency is None:
            self.rules.first_currency = known
        elif known != self.rules.first_currency:
            self._add("currency", f"is {known}, the rows before have {self.rules.first_currency}", is_error=False)
        return known

    def _sale(self, price: Decimal) -> Sale | None:
        """The reduced price; one that equals the price is none, as shops export it."""
        value, dates = self._value("sale_price"), self._value("sale_dates")
        with self._reported("sale_price", value):
            amount, own = read_money(value)
            if own and "$" not in value and own != (read_money(self._value("price"))[1] or own):
                raise ValueError("is in another currency than the price")
            if amount > price:
                raise ValueError(f"is above the price of {price}")
            if amount == price:
                return None
            with self._reported("sale_dates", dates):
                return Sale(amount, *(read_interval(dates) if dates else (None, None)))
        return None

    def _former(self, price: Decimal) -> Decimal | None:
        """The former price of a row that gives today's price and what it was before."""
        value = self._value("was")
        with self._reported("was", value, is_error=False):
            amount = read_money(value)[0] if value else price
            if amount < price:
                raise ValueError(f"is below the price of {price}, so it is not shown")
            return amount if amount > price else None
        return None

    def _optional(self, field: str, read: Callable[[str], T]) -> T | None:
        value = self._value(field)
        if not value:
            return None
        with self._reported(field, value, is_error=False):
            return read(value)
        return None

    def _images(self) -> tuple[str, ...]:
        found: list[str] = []
        for name in ("image", "more_images"):
            for value in self.rules.names.values(self.raw, name):
                found += [part.strip() for part in self._split(value[:LONGEST_VALUE]) if part.strip()]
        images = tuple(dict.fromkeys(filter(None, (self._link("image", each) for each in found))))
        if not images and not any(problem.field == "image" for problem in self.problems):
            self._add("image", "is missing")
        if len(images) > MOST_IMAGES:
            self._add("image", f"there are {len(images)} photos; the first {MOST_IMAGES} are used", is_error=False)
        return images[:MOST_IMAGES]

    def _split(self, value: str) -> list[str]:
        # A comma in an address belongs to it, unless another address follows.
        return _IMAGES.split(value) if "://" in value else re.split(r"[|\n,;]", value)

    def _link(self, field: str, value: str) -> str:
        """An address or a path; relative ones of a feed from the web become addresses."""
        try:
            link = urljoin(self.rules.base, value) if self.rules.base else value
            scheme = urlsplit(link).scheme
        except ValueError:
            self._add(field, f"{_shown(value)} is not an address")
            return ""
        if _CONTROLS.search(link):
            self._add(field, f"{_shown(value)} has control characters")
            return ""
        # One letter is the drive of a path.
        if scheme not in ("", "http", "https") and "://" in link:
            self._add(field, f"{_shown(value)} is not an https address or a path")
            return ""
        return link

    def _url(self) -> str | None:
        return self._link("url", value) or None if (value := self._value("url")) else None

    def _facts(self) -> tuple[str, ...]:
        values = self.rules.names.values(self.raw, "facts")
        parts = (plain_text(part) for value in values for part in _FACTS.split(value[:LONGEST_VALUE]))
        return tuple(dict.fromkeys(part[:_LONGEST_FACT] for part in parts if part))[:MOST_FACTS]


def _shown(value: str) -> str:
    text = " ".join(value.split())
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
