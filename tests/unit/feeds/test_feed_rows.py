"""A row of a feed: what becomes a product, and what is reported by field."""

from __future__ import annotations

from decimal import Decimal

import pytest

from adreel.domain.errors import InputError
from adreel.feeds.fields import FieldNames
from adreel.feeds.product import FeedRow
from adreel.feeds.raw import RawRow, normalized
from adreel.feeds.understanding import Understanding

GOOD = {"id": "P1", "title": "Mug", "price": "24.90 EUR", "image_link": "a.jpg"}


def read(understanding: Understanding | None = None, /, **changes: str) -> FeedRow:
    rules = understanding or Understanding(FieldNames())
    fields = {normalized(name): (value,) for name, value in {**GOOD, **changes}.items()}
    return rules.read(RawRow(2, fields))


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("id", {"id": ""}),
        ("title", {"title": ""}),
        ("title", {"title": "<script>alert(1)</script>"}),
        ("title", {"title": "Mug \ufffd"}),
        ("image", {"image_link": ""}),
        ("image", {"image_link": "ftp://shop.example/a.jpg"}),
        ("image", {"image_link": "https://shop.example/\x00a.jpg"}),
        ("image", {"image_link": "https://shop.example/\ud800.jpg"}),
        ("image", {"image_link": "https://[shop.example/a.jpg"}),
        ("price", {"price": "ask us"}),
        ("currency", {"price": "19.90"}),
        ("currency", {"currency": "Euro"}),
        ("currency", {"currency": "GBP"}),
        ("sale_price", {"sale_price": "99.00 EUR"}),
        ("sale_price", {"sale_price": "9.00 GBP"}),
        ("sale_dates", {"sale_price": "9.00 EUR", "sale_price_effective_date": "tomorrow"}),
    ],
)
def test_an_error_names_the_field_and_leaves_the_product_out(field: str, changes: dict[str, str]) -> None:
    row = read(**changes)
    assert row.product is None
    assert [problem.field for problem in row.problems if problem.is_error] == [field]


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("title", {"title": "<b>Mug</b>"}),
        ("title", {"title": "Mug, hand-glazed " * 18}),
        ("availability", {"availability": "maybe"}),
        ("was", {"compare_at_price": "9.90"}),
        ("image", {"image_link": ",".join(f"{number}.jpg" for number in range(12))}),
    ],
)
def test_a_note_keeps_the_product(field: str, changes: dict[str, str]) -> None:
    row = read(**changes)
    assert row.product is not None
    assert [(problem.field, problem.is_error) for problem in row.problems] == [(field, False)]


def test_emoji_and_right_to_left_text_are_titles_as_others() -> None:
    for title in ("Mug 🦄", "ספל בוקר"):
        row = read(title=title)
        assert (row.product and row.product.title, row.problems) == (title, ())


def test_another_currency_than_before_is_noted() -> None:
    rules = Understanding(FieldNames())
    assert read(rules).problems == ()
    (problem,) = read(rules, price="19.90 GBP").problems
    assert (problem.field, problem.is_error) == ("currency", False)
    assert "EUR" in problem.message


def test_a_former_price_makes_a_sale_without_an_end() -> None:
    product = read(compare_at_price="34.90").product
    assert product is not None
    assert product.price == Decimal("34.90")
    assert product.sale is not None
    assert (product.sale.price, product.sale.ends) == (Decimal("24.90"), None)


def test_links_of_a_feed_from_the_web_count_from_its_address() -> None:
    rules = Understanding(FieldNames(), base="https://shop.example/feeds/all.csv")
    product = read(rules, image_link="../a.jpg", link="/mug").product
    assert product is not None
    assert (product.images, product.url) == (("https://shop.example/a.jpg",), "https://shop.example/mug")


def test_columns_of_other_names_and_with_numbers_are_found() -> None:
    names = FieldNames({"title": "Bezeichnung"})
    row = read(Understanding(names), Bezeichnung="Becher", image_2="b.jpg", image_10="c.jpg", benefit_1="Blue")
    assert row.product is not None
    assert (row.product.title, row.product.facts) == ("Becher", ("Blue",))
    assert row.product.images == ("a.jpg", "b.jpg", "c.jpg")
    with pytest.raises(InputError, match="no field 'colour'"):
        FieldNames({"colour": "x"})
