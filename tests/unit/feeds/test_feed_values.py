"""Money, dates and texts as feeds have them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from adreel.feeds.product import Availability, Measure, Sale
from adreel.feeds.values import (
    has_markup,
    plain_text,
    read_availability,
    read_interval,
    read_measure,
    read_money,
)


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("24.99 USD", "24.99", "USD"),
        ("EUR 19,90", "19.90", "EUR"),
        ("1.299,00 €", "1299.00", "EUR"),
        ("$1,299", "1299", "USD"),
        ("US$ 20", "20", "USD"),
        ("1'299.50 CHF", "1299.50", "CHF"),
        ("1\u202f299,00 EUR", "1299.00", "EUR"),
        ("20.00 CAD $", "20.00", "CAD"),
        ("1299", "1299", None),
    ],
)
def test_money_is_read_as_countries_write_it(text: str, amount: str, currency: str | None) -> None:
    assert read_money(text) == (Decimal(amount), currency)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("ask us", "not an amount"),
        ("-5.00 EUR", "below 0"),
        ("0.00 EUR", "is 0"),
        ("1.299 EUR", "thousands or a fraction"),
        ("10.00 - 20.00 EUR", "more than one number"),
        ("24.90 EUR / 100 g", "more than one number"),
        ("CA$20", "which dollar"),
        ("19,90 kr", "a currency such as"),
        ("12345678901 EUR", "not an amount"),
    ],
)
def test_a_price_that_could_mean_something_else_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_money(text)


def test_times_of_a_sale_have_a_zone_and_days_hold_until_their_end() -> None:
    begins, ends = read_interval("2026-11-24T11:07+0100/2026-11-30")
    assert begins == datetime(2026, 11, 24, 11, 7, tzinfo=timezone(timedelta(hours=1)))
    sale = Sale(Decimal(5), begins, ends)
    assert sale.last_day == date(2026, 11, 30)
    assert sale.holds(datetime(2026, 11, 30, 12, tzinfo=UTC))
    assert not sale.holds(datetime(2026, 12, 1, tzinfo=UTC))
    assert not sale.holds(datetime(2026, 11, 24, 10, tzinfo=UTC))


@pytest.mark.parametrize("text", ["tomorrow", "2026-12-01/2026-11-01", "a/b"])
def test_times_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not|ends before"):
        read_interval(text)


def test_availability_and_amounts_of_content() -> None:
    assert read_availability("https://schema.org/InStock") is Availability.IN_STOCK
    assert read_availability("out of stock") is Availability.OUT_OF_STOCK
    assert read_measure("1,5kg") == Measure(Decimal("1.5"), "kg")
    with pytest.raises(ValueError, match="none of"):
        read_availability("maybe")
    with pytest.raises(ValueError, match="750 ml"):
        read_measure("much")


def test_markup_and_signs_that_turn_the_text_are_removed() -> None:
    assert plain_text("<b>Mug</b> &amp; <script>alert(1)</script>saucer\x00\u202e!") == "Mug & saucer!"
    assert plain_text("&lt;b&gt;") == "<b>", "what was escaped is data, not parsed again"
    assert plain_text("ספל בוקר 5 < 6 🦄") == "ספל בוקר 5 < 6 🦄"
    assert has_markup("<i>x")
    assert not has_markup("5 < 6")
