"""Reads the values of a feed: money, dates, amounts, availability, texts. Pure; each raises ValueError with a reason."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType

from adreel.feeds.product import Availability, Measure

_SYMBOLS = MappingProxyType({"€": "EUR", "£": "GBP", "¥": "JPY", "$": "USD"})
_CODE = re.compile(r"(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])")
_FIGURES = re.compile(r"[+-]?\d[\d.,'’\s\u00a0\u202f]*")
_MOST_DIGITS = 9
_TAG = re.compile(r"</?[a-zA-Z!][^<>]*>")
_SCRIPT = re.compile(r"<(script|style)\b[^<>]*>.*?(</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""Control characters, and those that turn the direction of the text around them."""
_AVAILABLE = MappingProxyType(
    {
        Availability.IN_STOCK: "in_stock instock available limited_availability onlineonly instoreonly true yes 1",
        Availability.OUT_OF_STOCK: "out_of_stock outofstock sold_out soldout discontinued unavailable false no 0",
        Availability.PREORDER: "preorder pre_order presale",
        Availability.BACKORDER: "backorder back_order available_for_order",
    }
)


def read_money(text: str) -> tuple[Decimal, str | None]:
    """Reads an amount and its currency, if it names one: "24.99 USD", "1.299,00 €", "$1,299".

    Raises ValueError also for amounts that are not above 0, and for "1.299", which means thousands in some countries.
    """
    found = _FIGURES.search(text)
    if found is None:
        raise ValueError("is not an amount")
    rest = text[: found.start()] + " " + text[found.end() :]
    code = _CODE.search(rest)
    symbol = next((name for sign, name in _SYMBOLS.items() if sign in rest), None)
    if _FIGURES.search(rest):
        raise ValueError("has more than one number")
    if code is None and re.search(r"[A-Za-z]\s*\$", rest) and not re.search(r"\bUS\s*\$", rest):
        raise ValueError("does not say which dollar; write its code, such as 24.90 CAD")
    if code is None and symbol is None and rest.strip():
        raise ValueError("is not an amount with a currency such as 24.90 EUR")
    return _amount(found[0]), code[0] if code else symbol


def _amount(figures: str) -> Decimal:
    plain = re.sub(r"['’\s\u00a0\u202f]", "", figures).rstrip(".,")
    if plain.startswith("-"):
        raise ValueError("is below 0")
    plain = plain.removeprefix("+")
    if "," in plain and "." in plain:
        thousands = "." if plain.rfind(",") > plain.rfind(".") else ","
        plain = plain.replace(thousands, "").replace(",", ".")
    elif plain.count(",") == 1 and re.search(r",\d{1,2}$", plain):
        plain = plain.replace(",", ".")
    elif re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", plain):
        raise ValueError("could mean thousands or a fraction; write it with two decimals")
    else:
        plain = plain.replace(",", "")
    if not re.fullmatch(rf"\d{{1,{_MOST_DIGITS}}}(\.\d{{1,4}})?", plain):
        raise ValueError("is not an amount")
    amount = Decimal(plain)
    if not amount:
        raise ValueError("is 0")
    return amount


def read_interval(text: str) -> tuple[datetime | None, datetime | None]:
    """Reads "BEGIN/END" in ISO 8601; without a zone the times are UTC. An end that is a day holds until its last second."""
    first, slash, last = text.strip().partition("/")
    if not slash:
        raise ValueError("is not two times with a slash between, such as 2026-11-01T00:00Z/2026-12-01T00:00Z")
    begins, ends = _time(first), _time(last, ends=True)
    if begins and ends and ends <= begins:
        raise ValueError("ends before it begins")
    return begins, ends


def _time(text: str, *, ends: bool = False) -> datetime | None:
    if not text.strip():
        return None
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise ValueError("is not a time such as 2026-11-01T00:00Z") from error
    if ends and re.fullmatch(r"[\d-]+", text.strip()):
        time = time.replace(hour=23, minute=59, second=59)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def read_availability(text: str) -> Availability:
    """Reads the values of Google, schema.org and shops. Raises ValueError."""
    word = re.sub(r"[\s-]+", "_", text.strip().rpartition("/")[2].casefold())
    for availability, words in _AVAILABLE.items():
        if word in words.split():
            return availability
    raise ValueError(f"is none of {', '.join(Availability)}")


def read_measure(text: str) -> Measure:
    """Reads an amount of content: "750 ml", "1,5kg"."""
    found = re.fullmatch(r"\s*(\d{1,7}(?:[.,]\d{1,3})?)\s*([A-Za-zµ²³]{1,10})\s*", text)
    amount = Decimal(found[1].replace(",", ".")) if found else Decimal(0)
    if found is None or not amount:
        raise ValueError("is not an amount of content such as 750 ml")
    return Measure(amount, found[2])


def plain_text(text: str) -> str:
    """Text without markup, control characters and repeated spaces. What remains is data: it is never parsed again."""
    bare = _TAG.sub(" ", _SCRIPT.sub(" ", text)) if "<" in text else text
    bare = html.unescape(bare) if "&" in bare else bare
    return " ".join(_INVISIBLE.sub("", bare).split())


def has_markup(text: str) -> bool:
    return _TAG.search(text) is not None
