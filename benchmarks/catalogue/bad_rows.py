"""Twenty rows as feeds should not have them, and what is to become of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.catalogue_feed import Row, product_row

TOO_LARGE = 30_000_000
"""Bytes of a photo that is larger than adreel downloads."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """`changes` to a good row; `field` is the field of the problem that is to be reported for it, "" where the row is made right
    without a word; `is_made`: its film is made all the same."""

    what: str
    changes: Mapping[str, str]
    field: str
    is_made: bool


def bad_rows(site: str) -> tuple[BadRow, ...]:
    """The rows; `site` is the address of the photos that are not files."""
    return (
        BadRow("no photo at the path", {"image_link": "photos/none.jpg", "additional_image_link": ""}, "image", False),
        BadRow("one of three photos missing", {"image_link": "photos/none.jpg"}, "image", True),
        BadRow("a photo that is 404", _only(f"{site}/gone.jpg"), "image", False),
        BadRow("a photo of 30 MB", _only(f"{site}/large.jpg"), "image", False),
        BadRow("a path out of the folder", _only("../../etc/passwd"), "image", False),
        BadRow("a text with the name of a photo", _only("photos/text.jpg"), "image", False),
        BadRow("a photo that breaks off", _only("photos/cut.jpg"), "image", False),
        BadRow("a price in words", {"price": "ask us"}, "price", False),
        BadRow("a price that could be two", {"price": "1.299 EUR"}, "price", False),
        BadRow("a price without a currency", {"price": "19.90"}, "currency", False),
        BadRow("a price in another currency", {"price": "29.00 USD"}, "currency", True),
        BadRow("a sale above the price", {"price": "10.00 EUR", "sale_price": "12.00 EUR"}, "sale_price", False),
        BadRow("no title", {"title": ""}, "title", False),
        BadRow("no id", {"id": ""}, "id", False),
        BadRow("the id of another row", {"id": "P00000"}, "id", False),
        BadRow("emoji in the title", {"title": "Morgen Mug 🦄☕ with a horn"}, "", True),
        BadRow("a title from right to left", {"title": "ספל בוקר כחול"}, "", True),
        BadRow("HTML in the title", {"title": "<b>Mug</b><script>alert(1)</script>"}, "title", True),
        BadRow("a title of 300 characters", {"title": "Hand-glazed mug for the morning, " * 9 + "and"}, "title", True),
        BadRow("a formula as the title", {"title": '=HYPERLINK("http://x.example","Mug")'}, "", True),
    )


def _only(link: str) -> Mapping[str, str]:
    return {"image_link": link, "additional_image_link": ""}


def injected(number: int, bad: BadRow) -> Row:
    """The row of a bad product, made of a good one's."""
    return {**product_row(number), "id": f"X{number:05d}", **bad.changes}


def write_bad_photos(folder: Path, good: Path) -> None:
    (folder / "text.jpg").write_text("not a photo", encoding="utf-8")
    whole = good.read_bytes()
    (folder / "cut.jpg").write_bytes(whole[: len(whole) * 2 // 3])
