"""Reads the typed fields of one table of a script; every error names the table, the field and what it must be."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar, cast

from adreel.domain.errors import InputError

Choice = TypeVar("Choice", bound=StrEnum)

_SHOWN = 40
"""Longest quotation of a value in an error, in characters."""
_MOST_DIGITS = 12
_MOST_DECIMALS = 4


class Fields:
    """One table. `where` names it in errors, as ``ad.toml, beat 2 'offer'``. Raises InputError for a value that is not a table,
    and for a field that is not among `known`.
    """

    def __init__(self, where: str, values: object, known: Collection[str]) -> None:
        if not isinstance(values, Mapping):
            raise InputError(f"{where} must be a table of fields")
        self.where = where
        self._values = cast("Mapping[str, object]", values)
        for name in self._values:
            if name not in known:
                raise InputError(f"{where} has no field {_shown(name)}{nearest(name, known)}")

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None

    def fault(self, name: str, requirement: str) -> InputError:
        return InputError(f"{self.where}: the field {name!r} must be {requirement}, not {_shown(self._values[name])}")

    def value(self, name: str) -> object:
        """Returns the field as it was read. Raises InputError when it is missing."""
        if name not in self:
            raise InputError(f"{self.where} lacks the field {name!r}")
        return self._values[name]

    def text(self, name: str, longest: int) -> str:
        """Returns a text that is not blank, of at most `longest` characters, without control characters but line breaks."""
        value = self.value(name)
        if not _is_text(value, longest):
            raise self.fault(name, f"a text of 1 to {longest} characters without control characters")
        return cast("str", value)

    def text_or_none(self, name: str, longest: int) -> str | None:
        """Returns a text; None for a missing or empty one."""
        return self.text(name, longest) if name in self and self._values[name] != "" else None

    def texts(self, name: str, longest: int, most: int) -> tuple[str, ...]:
        """Returns a list of texts, empty when the field is missing."""
        values = self._list(name, most)
        if not all(_is_text(value, longest) for value in values):
            raise self.fault(name, f"a list of texts of 1 to {longest} characters without control characters")
        return tuple(cast("Sequence[str]", values))

    def number(self, name: str, low: float, high: float) -> float:
        value = _float(self.value(name))
        if value is None or not low <= value <= high:
            raise self.fault(name, f"a number from {low:g} to {high:g}")
        return value

    def number_or_none(self, name: str, low: float, high: float) -> float | None:
        return self.number(name, low, high) if name in self else None

    def whole(self, name: str, low: int, high: int) -> int:
        value = self.value(name)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self.fault(name, f"a whole number from {low} to {high}")
        return value

    def money(self, name: str) -> Decimal:
        """Returns an amount, written as a text or as a number that was read as a Decimal: never as a float."""
        amount = _amount(self.value(name))
        if amount is None:
            raise self.fault(name, 'an amount in quotation marks such as "24.90"')
        return amount

    def day_or_none(self, name: str) -> date | None:
        """Returns a day, written as a date of TOML or as a text."""
        if name not in self:
            return None
        value = self.value(name)
        try:
            day = date.fromisoformat(value) if isinstance(value, str) else value
        except ValueError:
            day = None
        if not isinstance(day, date) or isinstance(day, datetime):
            raise self.fault(name, "a day such as 2026-12-24")
        return day

    def choice(self, name: str, choices: type[Choice]) -> Choice:
        value = self.value(name)
        if value not in list(choices):
            near = nearest(value, list(choices))
            raise InputError(
                f"{self.where}: the field {name!r} must be one of {', '.join(choices)}, not {_shown(value)}{near}"
            )
        return choices(cast("str", value))

    def choice_or_none(self, name: str, choices: type[Choice]) -> Choice | None:
        return self.choice(name, choices) if name in self else None

    def tables(self, name: str, most: int) -> Sequence[object]:
        """Returns a list, empty when the field is missing; its elements are read by `Fields`."""
        return self._list(name, most)

    def _list(self, name: str, most: int) -> Sequence[object]:
        value = self.value(name) if name in self else []
        if not isinstance(value, (list, tuple)) or len(cast("Sequence[object]", value)) > most:
            raise self.fault(name, f"a list of at most {most}")
        return cast("Sequence[object]", value)


def nearest(name: object, known: Collection[str]) -> str:
    """Returns the nearest known name as the end of an error message, or the known ones when none is near."""
    near = get_close_matches(str(name), [str(each) for each in known], n=1)
    return f"; did you mean {near[0]!r}?" if near else f"; choose from {', '.join(known)}"


def _is_text(value: object, longest: int) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= longest and not any(map(_is_bad, value))


def _is_bad(letter: str) -> bool:
    return (letter < " " and letter != "\n") or letter == "\x7f" or "\ud800" <= letter <= "\udfff"


def _float(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def _amount(value: object) -> Decimal | None:
    if isinstance(value, (bool, float)) or not isinstance(value, (str, int, Decimal)):
        return None
    try:
        amount = Decimal(value)
    except (InvalidOperation, ValueError):
        return None
    if not amount.is_finite() or amount < 0 or amount.adjusted() >= _MOST_DIGITS:
        return None
    return amount if cast("int", amount.as_tuple().exponent) >= -_MOST_DECIMALS else None


def _shown(value: object) -> str:
    text = str(value) if isinstance(value, (Decimal, date)) else repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
