"""Reads ``products.json`` of Shopify shops: pages of products, without a currency."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from adreel.domain.errors import InputError
from adreel.domain.machine_faults import fault_or
from adreel.feeds.raw import RawRow

LARGEST = 64 * 1024 * 1024
"""Bytes of one page; 250 products have about 2 MB."""


def read_shopify(path: Path, first: int = 1) -> Iterator[RawRow]:
    """Yields the products of one page, `first` is the number of its first. Raises InputError for a file that is no such page."""
    for row, product in enumerate(_products(path), start=first):
        if isinstance(product, dict):
            yield RawRow(row, _fields(cast("Mapping[str, Any]", product)))
        else:
            yield RawRow(row, fault="is not a product")


def _products(path: Path) -> Sequence[object]:
    try:
        if path.stat().st_size > LARGEST:
            raise InputError(f"{path} has more than {LARGEST} bytes; fetch the products in pages of 250")
        document = json.loads(path.read_bytes(), parse_float=Decimal)
    except OSError as error:
        raise fault_or(error, path.parent, InputError(f"{path} cannot be read: {error.strerror}")) from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not valid JSON: {str(error)[:200]}") from error
    if isinstance(document, dict) and isinstance(one := cast("dict[str, object]", document).get("product"), dict):
        return [cast("object", one)]
    products = cast("dict[str, object]", document).get("products") if isinstance(document, dict) else document
    if not isinstance(products, list):
        raise InputError(f'{path} has no list of "products", as Shopify\'s products.json has')
    return cast("list[object]", products)


def _fields(product: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    variant = _cheapest(_tables(product.get("variants")))
    texts: dict[str, object] = {
        "id": product.get("id"),
        "title": product.get("title"),
        "description": product.get("body_html"),
        "brand": product.get("vendor"),
        "product_type": product.get("product_type"),
        "handle": product.get("handle"),
        "link": f"/products/{product['handle']}" if product.get("handle") else None,
        "price": variant.get("price"),
        "was": variant.get("compare_at_price"),
        "availability": _available(_tables(product.get("variants"))),
    }
    fields = {name: (str(value),) for name, value in texts.items() if value not in (None, "")}
    images = [str(image["src"]) for image in _tables(product.get("images")) if image.get("src")]
    return {**fields, "image_link": tuple(images)}


def _tables(value: object) -> list[Mapping[str, Any]]:
    values = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("Mapping[str, Any]", each) for each in values if isinstance(each, dict)]


def _cheapest(variants: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    """The variant whose price is shown "from": the lowest; the first when a price is no number."""

    def price(variant: Mapping[str, Any]) -> Decimal:
        try:
            return Decimal(str(variant.get("price")))
        except ArithmeticError:
            return Decimal("Infinity")

    return min(variants, key=price, default={})


def _available(variants: Sequence[Mapping[str, Any]]) -> str | None:
    known = [variant["available"] for variant in variants if isinstance(variant.get("available"), bool)]
    return None if not known else "in_stock" if any(known) else "out_of_stock"
