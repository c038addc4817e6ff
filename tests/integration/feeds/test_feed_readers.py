"""Feeds in files: tables, workbooks, Merchant XML, products.json; broken ones and hostile ones."""

from __future__ import annotations

import json
import time
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook

from adreel.domain.errors import InputError
from adreel.feeds.product import FeedRow, Product
from adreel.feeds.reading import Feed

HEADER = "id,title,price,image_link"
RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title>
<item><g:id>M1</g:id><title>Plain</title><g:title>Morgen Mug</g:title><g:price>34.90 EUR</g:price>
<g:sale_price>24.90 EUR</g:sale_price>
<g:sale_price_effective_date>2026-11-20T00:00Z/2026-12-01T00:00Z</g:sale_price_effective_date>
<g:availability>in_stock</g:availability><g:image_link>https://cdn.example/a.jpg</g:image_link>
<g:additional_image_link>https://cdn.example/b.jpg</g:additional_image_link>
<g:additional_image_link>https://cdn.example/c.jpg</g:additional_image_link>
<g:product_highlight>Hand-glazed &amp; blue</g:product_highlight><link>https://shop.example/m1</link></item>
<item><g:id>M2</g:id><title>Bowl</title><g:price>ask</g:price><g:image_link>https://cdn.example/d.jpg</g:image_link></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">
<entry><g:id>M1</g:id><title>Mug</title><g:price>24.90 EUR</g:price><g:image_link>a.jpg</g:image_link>
<link rel="self" href="https://shop.example/no"/><link href="https://shop.example/m1"/></entry></feed>"""
ENTITIES = """<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">
<!ENTITY c SYSTEM "file:///etc/passwd">]><rss><channel><item><id>M1</id><title>&b;&c;</title></item></channel></rss>"""


def read(path: Path, content: str | bytes, **options: str) -> list[FeedRow]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return list(Feed((path,), path.parent, **options).rows())  # pyright: ignore[reportArgumentType]


def products(rows: Sequence[FeedRow]) -> list[Product]:
    return [row.product for row in rows if row.product is not None]


@pytest.mark.parametrize(
    "content",
    [
        f'{HEADER}\nM1,"Mug, blue",24.90 EUR,a.jpg\n',
        "\ufeffID;Title;Price;Image Link\r\nM1;Mug, blue;24,90 €;a.jpg\r\n\r\n",
        "g:id\tg:title\tg:price\tg:image_link\nM1\tMug, blue\t24.90 EUR\ta.jpg\n",
        "id\ttitle\tprice\timage link\nM1\tMug, blue\t24.90 EUR\ta.jpg\n".encode("utf-16"),
    ],
)
def test_tables_of_all_kinds(content: str | bytes, tmp_path: Path) -> None:
    (row,) = read(tmp_path / "feed.txt", content)
    assert row.product is not None, row.problems
    assert (row.row, row.id, row.product.title, row.product.price) == (2, "M1", "Mug, blue", Decimal("24.90"))


def test_broken_rows_do_not_stop_the_others(tmp_path: Path) -> None:
    lines = [HEADER, "A,Mug,1.00 EUR,a.jpg", "B,Mug,x,a.jpg", "C,Mug,2.00 EUR,a.jpg,extra", "a,Mug,3.00 EUR,a.jpg"]
    lines += [f'D,"{"x" * 200_000}",1.00 EUR,a.jpg', "E,Mug,4.00 EUR,a.jpg"]
    rows = read(tmp_path / "feed.csv", "\n".join(lines))
    assert [product.id for product in products(rows)] == ["A", "E"]
    found = [(problem.row, problem.field) for row in rows for problem in row.problems]
    assert found == [(3, "price"), (4, ""), (5, "id"), (6, "")]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is empty"),
        ("a,b\n1,2\n", "no column for id, title, image; its columns are a, b"),
        (b"PK\x03\x04 no workbook", "not a workbook"),
        ('{"goods": []}', 'no list of "products"'),
        ("[" * 100_000, "not valid JSON"),
    ],
)
def test_what_is_no_feed_is_refused_as_a_whole(content: str | bytes, words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=words):
        read(tmp_path / "feed", content)


def test_a_workbook(tmp_path: Path) -> None:
    book, path = Workbook(), tmp_path / "feed.xlsx"
    sheet = book.worksheets[0]
    for line in (
        ["SKU", "Name", "Price", "Currency", "Image", "In stock"],
        [4006381333931, "Mug 🦄", 19.990000000000002, "EUR", "a.jpg", True],
        [None] * 6,
        ["M2", "=HYPERLINK(1)", 5, "EUR", "b.jpg", False],
    ):
        sheet.append(line)
    book.save(path)
    first, last = Feed((path,), tmp_path).rows()
    assert first.product is not None
    assert (first.id, first.product.title, first.product.price) == ("4006381333931", "Mug 🦄", Decimal("19.99"))
    assert first.product.availability == "in_stock"
    assert (last.row, last.product) == (4, None), "a formula that was never computed has no value"


def test_a_workbook_that_unpacks_to_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adreel.feeds.tables._LARGEST_SHEET", 1000)
    path = tmp_path / "feed.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", "0" * 2000)
    with pytest.raises(InputError, match="2000 bytes when unpacked"):
        list(Feed((path,), tmp_path).rows())


def test_a_workbook_with_styles_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "feed.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/styles.xml", b"<a/>" * (1024 * 1024 + 1))
    with pytest.raises(InputError, match="4194308 bytes that is no sheet"):
        list(Feed((path,), tmp_path).rows())


def test_a_workbook_with_texts_without_end_is_refused_wherever_they_are(tmp_path: Path) -> None:
    path, good = tmp_path / "feed.xlsx", tmp_path / "good.xlsx"
    book = Workbook()
    assert book.active is not None
    book.active.append(HEADER.split(","))
    book.save(good)
    assert list(Feed((good,), tmp_path).rows()) == []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/sharedStrings.xml", b"<si/>" * (7 * 1024 * 1024))
    with pytest.raises(InputError, match="36700160 bytes of texts"):
        list(Feed((path,), tmp_path).rows())
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    moved = b'<Override PartName="/xl/worksheets/texts.xml" ContentType="' + kind + b'" /></Types>'
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b"</Types>", moved))
        target.writestr("xl/worksheets/texts.xml", b"<sst/>")
    with pytest.raises(InputError, match="in an unusual place"):
        list(Feed((path,), tmp_path).rows())


@pytest.mark.parametrize("number", [10**15, 1_000_000])
def test_a_workbook_cannot_name_rows_without_end(number: int, tmp_path: Path) -> None:
    path, good = tmp_path / "feed.xlsx", tmp_path / "good.xlsx"
    book = Workbook()
    assert book.active is not None
    book.active.append(HEADER.split(","))
    book.active.append(["M1", "Mug", "5 EUR", "a.jpg"])
    book.save(good)
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name).replace(b'<row r="2"', f'<row r="{number}"'.encode()))
    began = time.process_time()
    if number > 10**9:
        with pytest.raises(InputError, match="has rows after 1048576"):
            list(Feed((path,), tmp_path).rows())
    else:
        assert [row.row for row in Feed((path,), tmp_path).rows()] == [number]
    assert time.process_time() - began < 10


@pytest.mark.parametrize("row", ["x\n", "M1,Mug,5 EUR,a.jpg\n"])
def test_rows_without_an_id_of_their_own_count_too(row: str, tmp_path: Path) -> None:
    path = tmp_path / "feed.csv"
    path.write_text(f"{HEADER}\n" + row * 10)
    assert len(list(Feed((path,), tmp_path, most_rows=10).rows())) == 10
    with pytest.raises(InputError, match="more than 9 rows"):
        list(Feed((path,), tmp_path, most_rows=9).rows())


def test_a_short_first_row_is_a_problem_of_its_own(tmp_path: Path) -> None:
    first, second = read(tmp_path / "feed.csv", f"{HEADER}\nM0\nM1,Mug,5 EUR,a.jpg\n")
    assert {problem.field for problem in first.problems} == {"title", "image"}
    assert second.product is not None


def test_a_line_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adreel.feeds.tables._LONGEST_LINE", 1000)
    good = "M1,Mug,5 EUR,a.jpg\n"
    with pytest.raises(InputError, match="a line of more than 1000 characters"):
        read(tmp_path / "feed.csv", f"{HEADER}\n{good}{',' * 2000}\n{good}")


def test_a_merchant_feed_with_a_sale(tmp_path: Path) -> None:
    mug, bowl = read(tmp_path / "feed.xml", RSS)
    product = mug.product
    assert product is not None
    assert (product.title, product.price, product.facts) == ("Morgen Mug", Decimal("34.90"), ("Hand-glazed & blue",))
    assert [Path(image).name for image in product.images] == ["a.jpg", "b.jpg", "c.jpg"]
    assert product.sale is not None
    assert product.sale.holds(datetime(2026, 11, 30, tzinfo=UTC))
    assert not product.sale.holds(datetime(2026, 12, 1, tzinfo=UTC))
    assert [problem.field for problem in bowl.problems] == ["price"]


def test_an_atom_feed(tmp_path: Path) -> None:
    (row,) = read(tmp_path / "feed.xml", ATOM)
    assert row.product is not None
    assert (row.product.id, row.product.url) == ("M1", "https://shop.example/m1")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (ENTITIES, "document type"),
        (RSS.replace("<item><g:id>M2", "<item><wrong></other><g:id>M2"), "mismatched tag"),
        ("<rss><channel>" + "<a>" * 100, "nested more than"),
        (RSS[: RSS.index("<g:id>M2")], "no element found"),
    ],
)
def test_xml_that_is_hostile_or_breaks_off_ends_the_feed(content: str, words: str, tmp_path: Path) -> None:
    rows = read(tmp_path / "feed.xml", content)
    assert rows[-1].ends_early
    assert words in rows[-1].problems[0].message
    assert "root:" not in str(rows)
    assert [row.id for row in rows[:-1]] == (["M1"] if "M1" in content and "ENTITY" not in content else [])


def test_an_item_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    links = "<g:additional_image_link>https://cdn.example/a.jpg</g:additional_image_link>" * 5000
    (mug, _) = read(tmp_path / "feed.xml", RSS.replace("<g:product_highlight>", links + "<g:product_highlight>", 1))
    assert mug.product is not None


def test_the_products_of_a_shopify_shop(tmp_path: Path) -> None:
    variants = [
        {"price": "29.00", "available": False},
        {"price": "19.00", "compare_at_price": "25.00", "available": True},
    ]
    mug = {
        "id": 7,
        "title": "Mug",
        "body_html": "<p>Blue.</p>",
        "vendor": "Morgen",
        "handle": "mug",
        "variants": variants,
    }
    document = {"products": [{**mug, "images": [{"src": "https://cdn.example/a.jpg"}]}, "broken"]}
    mug_row, broken = read(
        tmp_path / "p.json", json.dumps(document), url="https://s.example/products.json", currency="EUR"
    )
    product = mug_row.product
    assert product is not None
    assert (product.id, product.price, product.currency) == ("7", Decimal("25.00"), "EUR")
    assert product.sale is not None
    assert (product.sale.price, product.availability) == (Decimal("19.00"), "in_stock")
    assert product.url == "https://s.example/products/mug"
    assert broken.problems[0].message == "is not a product"


def test_a_saved_product_page(tmp_path: Path) -> None:
    markup = '<html><meta property="og:title" content="Mug"><meta property="og:image" content="a.jpg"></html>'
    (row,) = read(tmp_path / "mug.html", markup)
    assert row.product is not None
    assert (row.product.id, row.product.images) == ("mug", ("a.jpg",))
