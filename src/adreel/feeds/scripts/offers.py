"""Today's price of a product and its badge, as a script has them."""

from __future__ import annotations

from datetime import datetime

from adreel.domain.ad import Offer
from adreel.feeds.product import Product
from adreel.providers.planning.fact_lines import fact_lines

_MOST_FACTS = 12
_LONGEST_FACT = 300


def offer_of(product: Product, now: datetime) -> Offer | None:
    """The price at `now`, with the former price while a sale holds; None without a price."""
    if product.price is None or product.currency is None:
        return None
    sale = product.sale
    if sale is None or not sale.holds(now):
        return Offer(product.price, product.currency)
    return Offer(sale.price, product.currency, product.price, until=sale.last_day)


def statements_of(product: Product) -> tuple[str, ...]:
    """The shop's own statements about the product: its facts, else the sentences of its description."""
    if product.facts:
        return product.facts
    lines = fact_lines([product.description]) if product.description else []
    return tuple(line.text for line in lines if len(line.text) <= _LONGEST_FACT)[:_MOST_FACTS]


def sources_of(product: Product) -> tuple[str, ...]:
    """Everything the shop states, as sources of claims."""
    description = (product.description[:_LONGEST_FACT],) if product.description else ()
    return tuple(dict.fromkeys((*product.facts, *statements_of(product), *description)))


def shortened_name(name: str, most: int) -> str:
    """A name of at most `most` characters, cut at a word: "Mug, hand-glazed and large" is "Mug, hand-glazed"."""
    if len(name) <= most:
        return name
    head, space, _ = name[: most + 1].rpartition(" ")
    return (head if space else name[:most]).rstrip(" ,;:–—-&+/(")
