"""One product page as a row of a feed: JSON-LD first, then microdata; OpenGraph fills the gaps."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urljoin, urlsplit

from adreel.domain.errors import InputError
from adreel.domain.machine_faults import fault_or
from adreel.feeds.pages.json_ld import Node, links_of, nodes, one, products_of, text_of
from adreel.feeds.pages.markup import PageData
from adreel.feeds.raw import RawRow

LARGEST = 4_000_000
"""Bytes of a page that are read; structured data stands near the beginning."""

_OPEN_GRAPH = {
    "title": ("og:title", "twitter:title"),
    "description": ("og:description", "description"),
    "brand": ("product:brand", "og:brand"),
    "price": ("product:price:amount", "og:price:amount"),
    "currency": ("product:price:currency", "og:price:currency"),
    "availability": ("product:availability", "og:availability"),
    "id": ("product:retailer_item_id",),
}


def read_page_file(path: Path, url: str | None = None) -> RawRow:
    """Reads a saved page; `url` is where it came from. Raises InputError for a file that cannot be read."""
    try:
        with path.open("rb") as file:
            markup = file.read(LARGEST)
    except OSError as error:
        raise fault_or(error, path.parent, InputError(f"{path} cannot be read: {error.strerror}")) from error
    return read_page(markup.decode("utf-8", errors="replace"), url or "", path.stem)


def read_page(markup: str, url: str = "", name: str = "page") -> RawRow:
    """Reads the product of a page. `url` is its address, `name` the id of a product without one. Never raises."""
    page = PageData()
    page.read(markup)
    base = _joined(url, page.base or "")
    found = _structured(page, base)
    for field, names in _OPEN_GRAPH.items():
        found[field] = found.get(field) or next((page.meta[each][0] for each in names if page.meta.get(each)), "")
    found["title"] = found["title"] or page.title
    images = found.pop("images", "").split()
    if not images:
        images = [
            _joined(base, link) for name in ("og:image:secure_url", "og:image") for link in page.meta.get(name, [])
        ]
    found["url"] = _joined(base, page.canonical or "") or url
    found["id"] = found["id"] or _last_part(found["url"]) or name
    fields = {field: (value,) for field, value in found.items() if value}
    return RawRow(1, {**fields, "image_link": tuple(filter(None, dict.fromkeys(images)))})


def _structured(page: PageData, base: str) -> dict[str, str]:
    """The fields of the product that says the most about itself."""
    candidates = [_fields(node, base) for node in products_of(page.json_ld)]
    if not candidates:
        candidates = [_fields(item, base) for item in page.items if item["@type"] == "Product"]
    return max(candidates, key=lambda fields: sum(map(bool, fields.values())), default={})


def _fields(product: Node, base: str) -> dict[str, str]:
    images = links_of(product.get("image"))
    for variant in nodes(product.get("hasVariant")) if not images else ():
        images += links_of(variant.get("image"))
    return {
        "id": text_of(product.get("sku"))
        or text_of(product.get("productGroupID"))
        or text_of(product.get("productID")),
        "title": text_of(product.get("name")),
        "description": text_of(product.get("description")),
        "brand": text_of(product.get("brand")),
        "images": "\n".join(_joined(base, link) for link in images),
        **_offer(product),
    }


def _offer(product: Node) -> dict[str, str]:
    """The first offer with a price, of the product or else of its variants."""
    for source in (product.get("offers"), product.get("hasVariant")):
        for offer in nodes(source):
            price = text_of(offer.get("price")) or text_of(offer.get("lowPrice"))
            specification = one(offer.get("priceSpecification"))
            inner: Node = specification if isinstance(specification, dict) else {}  # pyright: ignore[reportAssignmentType]
            price = price or text_of(inner.get("price"))
            if price:
                currency = text_of(offer.get("priceCurrency")) or text_of(inner.get("priceCurrency"))
                return {"price": price, "currency": currency, "availability": text_of(offer.get("availability"))}
    return {}


def _joined(base: str, link: str) -> str:
    try:
        return urljoin(base, link)
    except ValueError:
        return ""


def _last_part(url: str) -> str:
    try:
        return urlsplit(url).path.rstrip("/").rpartition("/")[2]
    except ValueError:
        return ""
