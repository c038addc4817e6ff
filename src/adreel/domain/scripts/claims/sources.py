"""What an ad may claim: the user's facts, and what follows from the offer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal

from adreel.domain.ad import Offer
from adreel.domain.scripts.claims.lexicon import DISCOUNT, GROUPS, HALF, SALE
from adreel.domain.scripts.claims.tokens import (
    Number,
    content_words,
    fold,
    is_negated,
    is_quotation,
    numbers,
    parts,
    sentences,
)
from adreel.domain.scripts.claims.vocabulary import MONTHS, UNITS


@dataclass(frozen=True, slots=True)
class Source:
    """One statement that claims may rest on. `groups` are the groups of phrases in it. `is_former`: its amount is a former
    price; `is_saving`: its numbers are the saving."""

    text: str
    words: frozenset[str]
    numbers: tuple[Number, ...]
    groups: frozenset[str]
    negated: bool = False
    is_former: bool = False
    is_saving: bool = False


def fact_sources(facts: Iterable[str]) -> Iterator[Source]:
    """Yields the sentences of each fact that is no quotation, and their parts: a negation is one of its own part only."""
    for fact in facts:
        if is_quotation(fact):
            continue
        pieces = [piece for sentence in sentences(fact) for piece in (sentence, *parts(sentence))]
        yield from map(_source, dict.fromkeys(pieces))


def offer_sources(offer: Offer) -> Iterator[Source]:
    """Yields what an offer says: its price, former price, saving, badge and last day."""
    unit = _currency(offer.currency)
    price = _number(offer.price, unit)
    yield Source(f"{offer.price} {offer.currency}", frozenset(), (price,), frozenset())
    if offer.was is not None:
        former = _number(offer.was, unit)
        yield Source(f"{offer.was} {offer.currency}", frozenset(), (former,), frozenset(), is_former=True)
        groups = {DISCOUNT, SALE, HALF} if 2 * offer.price <= offer.was else {DISCOUNT, SALE}
        yield Source("the saving", frozenset(), savings(offer), frozenset(groups), is_saving=True)
    if offer.badge is not None:
        yield _source(offer.badge)
    if offer.until is not None:
        yield from map(_source, day_texts(offer.until))


def savings(offer: Offer) -> tuple[Number, ...]:
    """Returns what the former price makes one save: a whole percentage, rounded down, and an amount."""
    if offer.was is None:
        return ()
    saved = offer.was - offer.price
    percent = (saved * 100 / offer.was).quantize(Decimal(1), ROUND_DOWN)
    return _number(percent, "%"), _number(saved, _currency(offer.currency))


def day_texts(day: date) -> Iterator[str]:
    """Yields the ways in which people write a day, in English, German, French and Spanish."""
    numbers_of = (
        f"{day.day}.{day.month}.{day.year}",
        f"{day.day}.{day.month}.",
        f"{day.month}/{day.day}",
        day.isoformat(),
    )
    yield from numbers_of
    yield f"{day.day:02}.{day.month:02}.{day.year}"
    yield f"{day.day:02}.{day.month:02}."
    for month in MONTHS[day.month - 1]:
        for name in (month, month[:3]):
            yield f"{day.day} {name} {day.year}"
            yield f"{name} {day.day}, {day.year}"
            yield f"{day.day} de {name}"


def _source(text: str) -> Source:
    folded = fold(text)
    groups = frozenset(group.name for group in GROUPS if group.pattern.search(folded))
    return Source(text, frozenset(content_words(folded)), tuple(numbers(folded)), groups, is_negated(folded))


def _currency(code: str) -> str:
    return UNITS.get(code.casefold(), code.casefold())


def _number(value: Decimal, unit: str) -> Number:
    return Number(frozenset({value.normalize()}), unit, "", str(value))
