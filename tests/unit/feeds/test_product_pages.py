"""Product pages as shops write them, and as they should not."""

from __future__ import annotations

import json
import time

import pytest

from adreel.feeds.fields import FieldNames
from adreel.feeds.pages.page import LARGEST, read_page
from adreel.feeds.product import FeedRow
from adreel.feeds.understanding import Understanding

URL = "https://shop.example/mugs/morgen"
PRODUCT = {
    "@context": "https://schema.org",
    "@type": "Product",
    "name": "Morgen Mug",
    "sku": "M1",
    "image": ["/a.jpg", "b.jpg"],
    "brand": {"@type": "Brand", "name": "Morgen"},
    "offers": {"@type": "Offer", "price": 24.9, "priceCurrency": "EUR", "availability": "https://schema.org/InStock"},
}


def page(markup: str) -> FeedRow:
    return Understanding(FieldNames(), base=URL).read(read_page(markup, URL))


def ld(value: object, text: str | None = None) -> str:
    return f'<html><head><script type="application/ld+json">{text or json.dumps(value)}</script></head></html>'


MICRODATA = """
<div itemscope itemtype="https://schema.org/Product"><h1 itemprop=name>Morgen <b>Mug</b></h1><meta itemprop="sku" content="M1">
<img itemprop="image" src="data:," data-src="/a.jpg"><link itemprop=image href="/mugs/b.jpg">
<span itemprop="brand" itemscope itemtype="https://schema.org/Brand"><span itemprop="name">Morgen</span></span>
<div itemprop="offers" itemscope itemtype="https://schema.org/Offer"><span itemprop="price" content="24.90">24,90</span>
<meta itemprop="priceCurrency" content="EUR"><link itemprop="availability" href="https://schema.org/InStock"></div></div>
"""
OPEN_GRAPH = """
<title>Shop</title><meta property="og:title" content="Morgen Mug"><meta property="product:retailer_item_id" content="M1">
<meta property="og:image" content="/a.jpg"><meta property="og:image" content="/mugs/b.jpg">
<meta property="product:price:amount" content="24.90"><meta property="product:price:currency" content="EUR">
<meta property="product:brand" content="Morgen"><meta property="product:availability" content="in stock">
"""


@pytest.mark.parametrize(
    "markup",
    [
        ld(PRODUCT),
        ld({"@graph": [{"@type": "BreadcrumbList"}, PRODUCT]}),
        ld([{"@type": "Organization", "name": "Shop"}, PRODUCT]),
        ld(None, json.dumps(PRODUCT).replace("}", ",}")),
        ld(None, f"<!-- {json.dumps(PRODUCT)} -->"),
        ld(None, f"//<![CDATA[\n{json.dumps(PRODUCT)}\n//]]>"),
        ld(None, "{broken") + ld(PRODUCT),
        ld(None, "{broken") + MICRODATA,
        MICRODATA,
        OPEN_GRAPH,
        '<base href="https://shop.example/mugs/">' + ld(PRODUCT),
    ],
)
def test_a_product_is_found_however_the_shop_says_it(markup: str) -> None:
    row = page(markup)
    assert row.problems == ()
    product = row.product
    assert product is not None
    assert (product.id, product.title, str(product.price), product.currency) in [
        ("M1", "Morgen Mug", price, "EUR") for price in ("24.9", "24.90")
    ]
    assert product.images == ("https://shop.example/a.jpg", "https://shop.example/mugs/b.jpg")
    assert (product.brand, product.availability) == ("Morgen", "in_stock")


def test_variants_give_the_price_and_the_photos_that_their_group_lacks() -> None:
    offer = {"@type": "Offer", "price": "19.00", "priceCurrency": "USD"}
    variant = {"@type": "Product", "name": "Mug, blue", "image": {"url": "/blue.jpg"}, "offers": [offer]}
    group = {"@type": "ProductGroup", "name": "Mug", "productGroupID": "G", "brand": "Morgen", "hasVariant": [variant]}
    product = page(ld({**group, "description": "A mug."})).product
    assert product is not None
    assert (product.id, str(product.price), product.images) == ("G", "19.00", ("https://shop.example/blue.jpg",))


def test_hostile_markup_is_text() -> None:
    product = page(ld({**PRODUCT, "name": "<img src=x onerror=alert(1)>Mug"})).product
    assert product is not None
    assert product.title == "Mug"
    assert page("<html>nothing").product is None


@pytest.mark.parametrize(
    "unit", ["<a ", "<!--", "<a b=\"'", "</", "<div itemscope itemprop=a>", "&", "<script>", "<p>z"]
)
def test_a_broken_page_takes_time_by_its_length(unit: str) -> None:
    """Python's own parser takes minutes for some of them."""
    began = time.process_time()
    page("<div itemscope>" + unit * (LARGEST // 8 // len(unit)))
    assert time.process_time() - began < 20


def test_nested_json_is_no_recursion() -> None:
    assert page(ld(None, "[" * 200_000)).product is None
