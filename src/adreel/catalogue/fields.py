"""Reads the typed fields of a catalogue entry; errors name the model and the missing, misspelt or mistyped field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import cast

from adreel.domain.errors import InputError

Value = str | int | float | bool
"""A value that the catalogue can give to a model's input field."""


class Entry:
    """One table of the catalogue. `where` names it in errors. `finish` raises for fields that were never read."""

    def __init__(self, where: str, fields: Mapping[str, object]) -> None:
        self.where = where
        self._fields = fields
        self._read: set[str] = set()

    def __contains__(self, field: str) -> bool:
        return field in self._fields

    def complaint(self, field: str, requirement: str) -> InputError:
        """Returns an error that says what the field must be."""
        return InputError(f"{self.where}: the field {field!r} must be {requirement}")

    def raw(self, field: str) -> object:
        """Returns the field as it is in the file. Raises InputError when it is missing."""
        self._read.add(field)
        if field not in self._fields:
            raise InputError(f"{self.where} lacks the field {field!r}")
        return self._fields[field]

    def text(self, field: str) -> str:
        value = self.raw(field)
        if not isinstance(value, str) or not value.strip():
            raise self.complaint(field, "a text")
        return value

    def text_or_none(self, field: str) -> str | None:
        return self.text(field) if field in self else None

    def texts(self, field: str, *, may_be_empty: bool = False) -> tuple[str, ...]:
        values = self._list(field, may_be_empty)
        if not all(isinstance(value, str) for value in values):
            raise self.complaint(field, "a list of texts")
        return tuple(cast("Sequence[str]", values))

    def number(self, field: str, default: float | None = None) -> float:
        """Returns a number of at least zero; `default` for a missing field."""
        if default is not None and field not in self:
            return default
        value = self.raw(field)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
            raise self.complaint(field, "a number of at least 0")
        return float(value)

    def whole(self, field: str) -> int:
        value = self.raw(field)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise self.complaint(field, "a whole number of at least 0")
        return value

    def wholes(self, field: str) -> tuple[int, ...]:
        values = self._list(field)
        if not all(isinstance(value, int) and not isinstance(value, bool) and value > 0 for value in values):
            raise self.complaint(field, "a list of whole numbers above 0")
        return tuple(cast("Sequence[int]", values))

    def pair(self, field: str) -> tuple[int, int]:
        values = self.wholes(field)
        if len(values) != 2:
            raise self.complaint(field, "two whole numbers above 0")
        return values[0], values[1]

    def day(self, field: str) -> date:
        value = self.raw(field)
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.complaint(field, "a day, as 2026-11-30 without quotation marks")
        return value

    def names(self) -> tuple[str, ...]:
        """Returns the names of all fields, in order."""
        return tuple(self._fields)

    def flag(self, field: str, default: bool) -> bool:
        value = self.raw(field) if field in self else default
        if not isinstance(value, bool):
            raise self.complaint(field, "true or false")
        return value

    def money(self, field: str) -> Decimal:
        """Returns US dollars, written as a string so that they are exact."""
        return self._money(field, self.raw(field))

    def money_by(self, field: str) -> Mapping[str, Decimal]:
        """Returns prices by name; a single price has the empty name."""
        value = self.raw(field)
        prices = cast("dict[str, object]", value) if isinstance(value, dict) else {"": value}
        return {name: self._money(field, price) for name, price in prices.items()}

    def _money(self, field: str, value: object) -> Decimal:
        try:
            price = Decimal(value) if isinstance(value, str) else None
        except InvalidOperation:
            price = None
        if price is None or not price.is_finite() or price < 0:
            raise self.complaint(field, 'a price in US dollars in quotation marks, as "0.80"')
        return price

    def value(self, field: str) -> Value:
        value = self.raw(field)
        if not isinstance(value, (str, int, float, bool)):
            raise self.complaint(field, "a text, a number, true or false")
        return value

    def values(self, field: str) -> Mapping[str, Value]:
        """Returns a table of plain values; empty when it is missing."""
        if field not in self:
            return {}
        inner = self.entry(field)
        return {name: inner.value(name) for name in cast("dict[str, object]", self._fields[field])}

    def entry(self, field: str) -> Entry:
        value = self.raw(field)
        if not isinstance(value, dict):
            raise self.complaint(field, "a table")
        return Entry(f"{self.where}, {field!r}", cast("dict[str, object]", value))

    def named(self, name: str) -> Entry:
        """Returns the same table, with its name in errors."""
        return Entry(f"{self.where} {name!r}", self._fields)

    def entries(self, field: str, *, may_be_empty: bool = False) -> tuple[Entry, ...]:
        values = self._list(field, may_be_empty)
        if not all(isinstance(value, dict) for value in values):
            raise self.complaint(field, "a list of tables")
        where = f"{self.where}, {field!r}"
        return tuple(Entry(where, value) for value in cast("Sequence[dict[str, object]]", values))

    def _list(self, field: str, may_be_empty: bool = False) -> Sequence[object]:
        value = self.raw(field)
        if not isinstance(value, list) or not (value or may_be_empty):
            raise self.complaint(field, "a list" if may_be_empty else "a list that is not empty")
        return cast("list[object]", value)

    def one_of(self, field: str, choices: Sequence[str]) -> str:
        value = self.text(field)
        if value not in choices:
            raise self.complaint(field, f"one of {', '.join(choices)}")
        return value

    def finish(self) -> None:
        """Raises InputError for a field that was never read: most likely a misspelt one."""
        unknown = sorted(set(self._fields) - self._read)
        if unknown:
            raise InputError(f"{self.where} has the field {unknown[0]!r}, which means nothing here")
