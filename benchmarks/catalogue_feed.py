"""A feed of made-up products with photos drawn here, for measurements."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

COLUMNS = (
    "id",
    "title",
    "description",
    "price",
    "sale_price",
    "sale_price_effective_date",
    "availability",
    "image_link",
    "additional_image_link",
    "brand",
    "product_highlight",
)
KINDS = ("Mug", "Bowl", "Vase", "Bottle", "Lamp", "Tin", "Jar", "Cup")
TEMPLATE = """\
version = 1
product = "{title:50!}"
brand = "{brand}"
style = "bold"
seconds = 14.0

[end]
cta = "Order yours"

[[beats]]
name = "hook"
shot = { photo = 1 }
words = [{ role = "headline", text = "{title:40!}" }]

[[beats]]
name = "first"
shot = { photo = 2 }
words = [{ role = "bullet", text = "{benefit.1:60}" }]

[[beats]]
name = "second"
shot = { photo = 3 }
words = [{ role = "bullet", text = "{benefit.2:60}" }]

[[beats]]
name = "offer"
shot = { photo = 1, framing = "angle" }
words = [{ role = "price", text = "{price!}", struck = "{was}" }]
seconds = 2.5
"""

Row = dict[str, str]


def product_row(number: int, cents: int = 0) -> Row:
    """A product; `cents` are added to its price."""
    kind = KINDS[number % len(KINDS)]
    euros, rest = divmod(1990 + 137 * number % 6000 + cents, 100)
    return {
        "id": f"P{number:05d}",
        "title": f"Morgen {kind} No. {number}",
        "description": f"A {kind.lower()} for every morning.",
        "price": f"{euros}.{rest:02d} EUR",
        "availability": "in_stock",
        "image_link": f"photos/{number}-1.jpg",
        "additional_image_link": f"photos/{number}-2.jpg,photos/{number}-3.jpg",
        "brand": "Morgen",
        "product_highlight": "Hand-glazed stoneware|Safe in the dishwasher",
    }


def write_feed(path: Path, rows: Iterator[Row] | list[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer: csv.DictWriter[str] = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def draw_photos(folder: Path, count: int, side: int = 900) -> None:
    """Draws three photos of each of the products 0 to `count`: a coloured vessel on a light ground, with its number."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        for view in (1, 2, 3):
            cv2.imwrite(str(folder / f"{number}-{view}.jpg"), _photo(number, view, side))


def _photo(number: int, view: int, side: int) -> npt.NDArray[np.uint8]:
    color = [int(value) for value in np.random.default_rng(number).integers(40, 200, 3)]
    picture = np.full((side, side, 3), 246 - 4 * view, np.uint8)
    middle, width, height = (side // 2, side * 11 // 20), side * (3 + number % 3) // 20, side * (4 + view) // 20
    cv2.ellipse(picture, middle, (width, height), 0, 0, 360, color, -1, cv2.LINE_AA)
    cv2.ellipse(
        picture, (middle[0], middle[1] - height), (width // 2, width // 6), 0, 0, 360, (235, 235, 235), -1, cv2.LINE_AA
    )
    cv2.putText(
        picture,
        str(number),
        (side * 2 // 5, middle[1]),
        cv2.FONT_HERSHEY_DUPLEX,
        side / 450,
        (245, 245, 245),
        3,
        cv2.LINE_AA,
    )
    return picture
