"""Which products of a feed get a film: conditions such as ``price>=20`` or ``brand=Morgen``."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from adreel.domain.errors import InputError
from adreel.feeds.product import Product
from adreel.feeds.raw import normalized
from adreel.feeds.values import read_money

_OWN = ("id", "title", "brand", "description", "availability", "price", "currency", "url")
_CONDITION = re.compile(r"\s*([^<>=!~]+?)\s*(<=|>=|!=|=|<|>|~)\s*(.*?)\s*", re.DOTALL)
_ORDER: Mapping[str, Callable[[Decimal, Decimal], bool]] = MappingProxyType(
    {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
)


@dataclass(frozen=True, slots=True)
class Condition:
    """A field of the product or a column of the feed, one of = != < <= > >= ~ (contains), and a value."""

    field: str
    sign: str
    value: str

    def holds(self, product: Product) -> bool:
        """Texts are compared without regard to case; a product without the field fails all but "!="."""
        found = _found(product, self.field)
        if self.sign in _ORDER:
            amount = _amount(found)
            return amount is not None and _ORDER[self.sign](amount, Decimal(self.value))
        is_same = found.casefold() == self.value.casefold() or _equal(found, self.value)
        if self.sign == "~":
            return self.value.casefold() in found.casefold()
        return is_same if self.sign == "=" else not is_same


def read_condition(text: str) -> Condition:
    """Raises InputError for a text that is no condition."""
    found = _CONDITION.fullmatch(text)
    if found is None:
        raise InputError(f"{text!r} is no condition; write a field, one of = != < <= > >= ~, and a value: price>=20")
    field, sign, value = found.groups()
    if sign in _ORDER and _amount(value) is None:
        raise InputError(f"{text!r} compares with {value!r}, which is not a number")
    amount = _amount(value)
    return Condition(normalized(field), sign, str(amount) if sign in _ORDER else value)


def all_hold(conditions: Iterable[Condition], product: Product) -> bool:
    return all(condition.holds(product) for condition in conditions)


def _found(product: Product, field: str) -> str:
    value = getattr(product, field) if field in _OWN else product.fields.get(field)
    return "" if value is None else str(value)


def _amount(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except ArithmeticError:
        pass
    try:
        return read_money(text)[0]
    except ValueError:
        return None


def _equal(found: str, value: str) -> bool:
    try:
        return Decimal(found) == Decimal(value)
    except ArithmeticError:
        return False
