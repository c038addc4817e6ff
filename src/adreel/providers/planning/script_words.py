"""The few words that a script needs beside the user's own, in the language of the facts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from adreel.domain.ad import Offer
from adreel.domain.scripts.claims.sources import savings


@dataclass(frozen=True, slots=True)
class Language:
    """`common` words tell the language; `until` has the places ``{day}`` and ``{month}``, `saved` the place ``{percent}``.
    `point` and `group` are the marks in numbers; `symbol_first`: an amount begins with the symbol of its currency. `meet`
    (``{name}``), `price` (``{price}``) and `now` (``{price}``, ``{was}``) are spoken."""

    common: frozenset[str]
    cta: str
    until: str
    saved: str
    months: tuple[str, ...]
    point: str
    group: str
    meet: str
    now: str
    price: str
    symbol_first: bool = False


def _language(
    common: str, cta: str, until: str, saved: str, months: str, marks: str, meet: str, now: str, price: str
) -> Language:
    point, group = marks
    words = frozenset(common.split())
    return Language(words, cta, until, saved, tuple(months.split()), point, group, meet, now, price, point == ".")


LANGUAGES: Mapping[str, Language] = MappingProxyType(
    {
        "en": _language(
            "the and of with for your is it from in to by on you keeps holds made",
            "Shop now",
            "Until {day} {month}",
            "Save {percent}%",
            "January February March April May June July August September October November December",
            ".,",
            "Meet {name}.",
            "Now {price} instead of {was}.",
            "Just {price}.",
        ),
        "de": _language(
            "der die das und mit für ist aus von dem den ein eine hält nicht auch sie für zu",
            "Jetzt entdecken",
            "Bis {day}. {month}",
            "{percent} % Rabatt",
            "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
            ",.",
            "Das ist {name}.",
            "Jetzt {price} statt {was}.",
            "Für {price}.",
        ),
        "fr": _language(
            "le la les et avec pour est une un des du en au votre dans garde sans",
            "Découvrir",
            "Jusqu'au {day} {month}",
            "{percent} % de remise",
            "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
            ",\u202f",
            "Voici {name}.",
            "Maintenant {price} au lieu de {was}.",
            "Pour {price}.",
        ),
        "es": _language(
            "el la los las y con para es una un de del en su tu mantiene sin",
            "Descubrir",
            "Hasta el {day} de {month}",
            "{percent} % de descuento",
            "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
            ",.",
            "Descubre {name}.",
            "Ahora {price} en vez de {was}.",
            "Por {price}.",
        ),
    }
)

_SYMBOLS: Mapping[str, str] = MappingProxyType({"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"})
_LEAST_SAVING = 5
"""A smaller saving is no argument."""


def language_of(texts: Iterable[str]) -> Language:
    """Returns the language whose common words are the most in the texts; English without any."""
    words = re.findall(r"[^\W\d_]+", " ".join(texts).casefold())
    return max(LANGUAGES.values(), key=lambda each: sum(word in each.common for word in words))


def amount_text(amount: Decimal, currency: str, language: Language) -> str:
    """Writes an amount of money: "€24.90" in English, "24,90 €" elsewhere."""
    whole = amount == amount.to_integral_value() and amount.as_tuple().exponent == 0
    plain = f"{amount:,.0f}" if whole else f"{amount:,.{max(2, len(str(amount).partition('.')[2]))}f}"
    marks = {",": language.group, ".": language.point}
    figures = "".join(marks.get(mark, mark) for mark in plain)
    symbol = _SYMBOLS.get(currency)
    if language.symbol_first:
        return f"{currency}\u00a0{figures}" if symbol is None else f"{symbol}{figures}"
    return f"{figures}\u00a0{symbol or currency}"


def until_text(day: date, language: Language) -> str:
    return language.until.format(day=day.day, month=language.months[day.month - 1])


def badge_text(offer: Offer, language: Language) -> str | None:
    """The offer's badge; without one, what the former price makes one save."""
    if offer.badge is not None or offer.was is None:
        return offer.badge
    saved = next(int(value) for number in savings(offer) if number.unit == "%" for value in number.values)
    return language.saved.format(percent=saved) if saved >= _LEAST_SAVING else None
