from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from adreel.domain.ad import Offer
from adreel.domain.scripts.claims.sheet import TruthSheet
from adreel.providers.planning.script_words import (
    LANGUAGES,
    amount_text,
    badge_text,
    language_of,
    until_text,
)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Holds 350 ml", "en"),
        ("", "en"),
        ("Steingut aus Portugal, hält die Wärme", "de"),
        ("Une tasse pour le matin", "fr"),
        ("Una taza para el café de la mañana", "es"),
    ],
)
def test_the_language_is_that_of_the_facts(text: str, name: str) -> None:
    assert language_of([text]) is LANGUAGES[name]


@pytest.mark.parametrize(
    ("amount", "currency", "language", "text"),
    [
        ("24.90", "EUR", "en", "€24.90"),
        ("24.9", "EUR", "de", "24,90\u00a0€"),
        ("1299", "EUR", "de", "1.299\u00a0€"),
        ("1299.00", "EUR", "fr", "1\u202f299,00\u00a0€"),
        ("1299.5", "USD", "en", "$1,299.50"),
        ("1980", "JPY", "en", "¥1,980"),
        ("24.90", "CHF", "en", "CHF\u00a024.90"),
        ("24.90", "CHF", "de", "24,90\u00a0CHF"),
        ("0.125", "USD", "en", "$0.125"),
    ],
)
def test_amounts_are_written_as_people_of_the_language_do(amount: str, currency: str, language: str, text: str) -> None:
    assert amount_text(Decimal(amount), currency, LANGUAGES[language]) == text


def test_a_badge_is_the_users_or_what_is_saved_rounded_down() -> None:
    english = LANGUAGES["en"]
    assert badge_text(Offer(Decimal(20), badge="New"), english) == "New"
    assert badge_text(Offer(Decimal(20)), english) is None
    assert badge_text(Offer(Decimal("20.10"), was=Decimal(30)), english) == "Save 33%"
    assert badge_text(Offer(Decimal("29.10"), was=Decimal(30)), english) is None


@pytest.mark.parametrize("name", LANGUAGES)
def test_the_words_of_every_language_have_their_source_in_the_offer(name: str) -> None:
    language = LANGUAGES[name]
    for month in range(1, 13):
        offer = Offer(Decimal("1024.90"), "EUR", Decimal("2034.90"), None, date(2026, month, 24))
        sheet = TruthSheet((), offer)
        assert offer.until is not None
        said = [
            language.cta,
            badge_text(offer, language) or "",
            until_text(offer.until, language),
            amount_text(offer.price, offer.currency, language),
        ]
        assert [found for text in said for found in sheet.unsupported(text)] == []
