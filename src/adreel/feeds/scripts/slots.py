"""Slots of a template, such as {title:40} or {brand|Our own}: what stands in them for a product, and what for none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from adreel.domain.errors import InputError
from adreel.domain.scripts.ad_format.fields import nearest
from adreel.domain.scripts.claims.sources import savings
from adreel.feeds.product import Product
from adreel.feeds.raw import normalized
from adreel.feeds.scripts.offers import offer_of, shortened_name, statements_of
from adreel.providers.planning.script_words import Language, amount_text, until_text

NAMES = ("title", "brand", "id", "description", "price", "was", "saving", "until", "measure", "unit_price")
NUMBERED = "benefit"
COLUMN = "column"
_SHORTENED = ("title", "brand")
"""Names may be cut at a word. Statements may not: a part of one may say something else, so a long one counts as missing."""
_SLOT = re.compile(
    r"\{\{|\}\}|\{(?P<name>[^{}:|!]*)(?::(?P<most>\d{1,3}))?(?P<needed>!)?(?:\|(?P<otherwise>[^{}]*))?\}"
)


class MissingError(InputError):
    """A product lacks what a template needs."""


@dataclass(frozen=True, slots=True)
class SlotValues:
    """The words of one product at a time `now`. Amounts and days are written in a language."""

    product: Product
    now: datetime
    language: Language

    def of(self, name: str) -> str | None:
        """The text of a slot; None where the product has nothing for it."""
        kind, _, rest = name.partition(".")
        if kind == NUMBERED:
            facts = statements_of(self.product)
            return facts[int(rest) - 1] if int(rest) <= len(facts) else None
        if kind == COLUMN:
            return self.product.fields.get(normalized(rest)) or None
        if name in ("title", "brand", "id", "description"):
            return getattr(self.product, name)
        return self._unit(name) if name in ("measure", "unit_price") else self._offer(name)

    def _offer(self, name: str) -> str | None:
        offer = offer_of(self.product, self.now)
        if offer is None:
            return None
        if name == "price":
            return amount_text(offer.price, offer.currency, self.language)
        if name == "until":
            return offer.until and until_text(offer.until, self.language)
        if offer.was is None:
            return None
        if name == "was":
            return amount_text(offer.was, offer.currency, self.language)
        return next((f"{int(value)}%" for each in savings(offer) if each.unit == "%" for value in each.values), None)

    def _unit(self, name: str) -> str | None:
        measure, base, offer = self.product.measure, self.product.base, offer_of(self.product, self.now)
        if measure is None:
            return None
        if name == "measure":
            return f"{measure.amount.normalize():f}\u00a0{measure.unit}"
        if base is None or offer is None or base.unit != measure.unit:
            return None
        price = round(offer.price / measure.amount * base.amount, 2)
        return f"{amount_text(price, offer.currency, self.language)} / {base.amount.normalize():f}\u00a0{base.unit}"


def check_slots(text: str, where: str) -> None:
    """Raises InputError for a slot that does not exist, and for a brace that begins none."""
    for found in _found(text, where):
        name = found["name"].strip()
        kind, dot, rest = name.partition(".")
        if (kind == NUMBERED and re.fullmatch(r"[1-9]\d?", rest)) or (kind == COLUMN and dot and normalized(rest)):
            continue
        if name not in NAMES:
            known = (*NAMES, f"{NUMBERED}.1", f"{COLUMN}.NAME")
            raise InputError(f"{where}: there is no slot {found[0]!r}{nearest(name, known)}")


def filled(text: str, values: SlotValues) -> str | None:
    """The text with the product's words. None if a slot stays empty, or all is blank: the text is then left out.

    Raises MissingError for an empty slot that is needed.
    """
    parts, place = list[str](), 0
    for found in _found(text, "the template"):
        value = _value(found, values)
        if value is None:
            return None
        parts += [text[place : found.start()], value]
        place = found.end()
    text = _unescaped("".join((*parts, text[place:])))
    return text if text.strip() else None


def _value(found: re.Match[str], values: SlotValues) -> str | None:
    name, most = found["name"].strip(), int(found["most"] or 0)
    value = values.of(name)
    if value and most and len(value) > most:
        value = shortened_name(value, most) if name in _SHORTENED else None
    if value:
        # The product's own braces are no slots.
        return value.replace("{", "{{").replace("}", "}}")
    if found["needed"]:
        raise MissingError(
            f"the template needs {found[0]}, and the product has {'none' if not most else 'none that fits'}"
        )
    return found["otherwise"]


def _found(text: str, where: str) -> Iterator[re.Match[str]]:
    for found in _SLOT.finditer(text):
        if found[0] not in ("{{", "}}"):
            yield found
    if re.search(r"[{}]", _SLOT.sub("", text)):
        raise InputError(f"{where}: {text[:60]!r} has a brace that begins no slot; write {{{{ for a brace")


def _unescaped(text: str) -> str:
    return text.replace("{{", "{").replace("}}", "}")
