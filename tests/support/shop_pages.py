"""Twelve product pages after the patterns of real shop systems, made up; each with what is to be read of it."""

from __future__ import annotations

import json
from dataclasses import dataclass

FILLER = "<div class=card><a href=/x><img src=data:, data-src=/other.jpg>More</a></div>\n"


@dataclass(frozen=True, slots=True)
class ShopPage:
    """`id`, `title`, `price` (None: it has none), `currency`, and the paths of the photos."""

    name: str
    markup: str
    id: str
    title: str
    price: str | None
    currency: str | None
    images: tuple[str, ...]


def _ld(*values: object) -> str:
    texts = [json.dumps(value).replace("</", "<\\/") for value in values]
    return "".join(f'<script type="application/ld+json">{text}</script>' for text in texts)


def _offer(price: object, currency: str = "EUR", **more: object) -> dict[str, object]:
    return {
        "@type": "Offer",
        "price": price,
        "priceCurrency": currency,
        "availability": "http://schema.org/InStock",
        **more,
    }


def _product(**fields: object) -> dict[str, object]:
    return {"@context": "http://schema.org/", "@type": "Product", "name": "Linen Apron", **fields}


_THEME = _ld(
    {"@type": "Organization", "name": "Shop", "logo": "/logo.png"},
    {
        **_product(**{"@type": "ProductGroup", "productGroupID": "71", "url": "/products/apron"}),
        "hasVariant": [
            {
                "@type": "Product",
                "sku": "71-S",
                "name": "Linen Apron - S",
                "image": "/s.jpg?v=1&width=1920",
                "offers": _offer("39.00"),
            },
            {
                "@type": "Product",
                "sku": "71-L",
                "name": "Linen Apron - L",
                "image": "/l.jpg",
                "offers": _offer("42.00"),
            },
        ],
    },
)
_GRAPH = _ld(
    {
        "@graph": [
            {"@type": "BreadcrumbList", "itemListElement": []},
            _product(
                sku=4711,
                image="/apron.jpg",
                offers=[{"@type": "Offer", "priceSpecification": [{"price": "39.00", "priceCurrency": "EUR"}]}],
            ),
        ]
    }
)
_MICRODATA = """<div itemscope itemtype="http://schema.org/Product"><span itemprop="name" class="base">Linen Apron</span>
<div itemprop="sku">LA-1</div><img itemprop="image" src="/apron.jpg" alt="">
<div itemprop="offers" itemscope itemtype="http://schema.org/Offer"><meta itemprop="price" content="39">
<meta itemprop="priceCurrency" content="EUR"></div></div>"""
_GERMAN = """<div itemtype="https://schema.org/Product" itemscope><h1 itemprop="name">Linen Apron</h1>
<meta itemprop="productID" content="LA-2"><link itemprop="image" href="/apron.jpg"><div itemprop="offers" itemscope
itemtype="https://schema.org/Offer"><meta itemprop="priceCurrency" content="EUR"><span itemprop="price">39,00&nbsp;&euro;*</span>
</div></div>"""
_OPEN_GRAPH = """<meta property="og:type" content="product"><meta property="og:title" content="Linen Apron">
<meta property="og:image" content="/apron.jpg"><meta property="og:image:width" content="1200">
<meta property="product:price:amount" content="39.00"><meta property="product:price:currency" content="EUR">
<link rel="canonical" href="/linen-apron/">"""
_BROKEN = """<script type="application/ld+json">/* <![CDATA[ */ {"@type": "Product", "name": "Linen
Apron", "sku": "LA-3", "image": ["/apron.jpg",], "offers": {"@type": "Offer", "price": "39.00",
"priceCurrency": "EUR",},} /* ]]> */</script>"""
_TRUNCATED = '<script type="application/ld+json">{"@type": "Product", "name": "Linen Apron", "off</script>' + _MICRODATA
_LAZY = """<div itemscope itemtype="https://schema.org/Product"><h1 itemprop="name">Linen Apron</h1>
<meta itemprop=sku content=LA-4>
<img itemprop="image" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" data-src="/apron.jpg" loading="lazy">
<img itemprop="image" src="/blank.gif" data-srcset="/back-400.jpg 400w, /back.jpg 1600w" data-src="/back.jpg">
<div itemprop="offers" itemscope itemtype="https://schema.org/Offer"><meta itemprop="price" content="39.00">
<meta itemprop="priceCurrency" content="EUR"></div></div>"""
_RANGE = _ld(
    _product(
        sku="LA-5",
        image=[{"@type": "ImageObject", "url": "/apron.jpg"}, {"@type": "ImageObject", "contentUrl": "/back.jpg"}],
        offers={"@type": "AggregateOffer", "lowPrice": 39, "highPrice": 49, "priceCurrency": "EUR", "offerCount": 3},
    )
)
_CURRENCIES = _ld(
    _product(sku="LA-6", image="/apron.jpg", offers=[_offer("39.00"), _offer("42.00", "USD"), _offer("33.00", "GBP")])
)
_HUGE = (
    "<nav>"
    + FILLER * 2000
    + "</nav>"
    + _ld(_product(sku="LA-7", image="/apron.jpg", offers=_offer(39.0)))
    + FILLER * 60_000
)
_HOSTILE = (
    '<!-- <script type=\'application/ld+json\'>{"@type": "Product", "name": "Not this"}</script> -->'
    + _ld(
        _product(
            name="Linen Apron<script>alert(1)</script>\u202e",
            sku="../../LA-8",
            image="/apron.jpg",
            description="{title}" * 50 + "</script><img src=x onerror=alert(1)>",
            offers=_offer("39.00"),
        )
    )
    + "<a href='"
    + "<" * 5000
)

PAGES: tuple[ShopPage, ...] = (
    ShopPage("theme with variants", _THEME, "71", "Linen Apron", "39.00", "EUR", ("/s.jpg?v=1&width=1920", "/l.jpg")),
    ShopPage("graph of a plug-in", _GRAPH, "4711", "Linen Apron", "39.00", "EUR", ("/apron.jpg",)),
    ShopPage("microdata", _MICRODATA, "LA-1", "Linen Apron", "39", "EUR", ("/apron.jpg",)),
    ShopPage("German price", _GERMAN, "LA-2", "Linen Apron", "39.00", "EUR", ("/apron.jpg",)),
    ShopPage("OpenGraph alone", _OPEN_GRAPH, "linen-apron", "Linen Apron", "39.00", "EUR", ("/apron.jpg",)),
    ShopPage("JSON-LD with faults", _BROKEN, "LA-3", "Linen Apron", "39.00", "EUR", ("/apron.jpg",)),
    ShopPage("JSON-LD that breaks off", _TRUNCATED, "LA-1", "Linen Apron", "39", "EUR", ("/apron.jpg",)),
    ShopPage("lazy images", _LAZY, "LA-4", "Linen Apron", "39.00", "EUR", ("/apron.jpg", "/back.jpg")),
    ShopPage("range of prices", _RANGE, "LA-5", "Linen Apron", "39", "EUR", ("/apron.jpg", "/back.jpg")),
    ShopPage("several currencies", _CURRENCIES, "LA-6", "Linen Apron", "39.00", "EUR", ("/apron.jpg",)),
    ShopPage("huge page", _HUGE, "LA-7", "Linen Apron", "39.0", "EUR", ("/apron.jpg",)),
    ShopPage("hostile markup", _HOSTILE, "../../LA-8", "Linen Apron", "39.00", "EUR", ("/apron.jpg",)),
)
