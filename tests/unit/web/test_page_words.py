from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from adreel.domain.sessions.stage import Stage
from adreel.web import formatting as words
from adreel.web.routes import own_path


@pytest.mark.parametrize(
    ("amount", "said"), [("0", "Free"), ("0.00", "Free"), ("0.8", "$0.80"), ("0.145", "$0.145"), ("12", "$12.00")]
)
def test_prices(amount: str, said: str) -> None:
    assert words.price(Decimal(amount)) == said


@pytest.mark.parametrize(
    ("amount", "said"), [("0", "Free"), ("0.300000", "$0.30"), ("0.145", "$0.15"), ("0.002", "under $0.01")]
)
def test_costs_are_said_in_cents(amount: str, said: str) -> None:
    assert words.cost(Decimal(amount)) == said


def test_what_failed_is_counted_by_itself() -> None:
    assert words.pieces("clip", 3, 3) == "3 clips, 3 failed"
    assert words.pieces("film", 1, 0) == "1 film"


@pytest.mark.parametrize(
    ("length", "said"), [(3, "3 s"), (2.5, "2.5 s"), (59.96, "60 s"), (60, "1 min"), (80.2, "1 min 20 s")]
)
def test_lengths(length: float, said: str) -> None:
    assert words.seconds(length) == said


def test_every_stage_has_words() -> None:
    assert all(words.stage(stage) for stage in Stage)


def test_dates() -> None:
    assert words.date(datetime(2026, 5, 4, 9, 30, tzinfo=UTC)) == "4 May 2026"


@pytest.mark.parametrize(
    ("said", "sentence"), [("wrong", "Wrong."), ("a 'B' is wrong", "A 'B' is wrong."), ("why?", "Why?"), ("", ".")]
)
def test_sentences(said: str, sentence: str) -> None:
    assert words.sentence(said) == sentence


@pytest.mark.parametrize("path", ["/", "/settings", "/s/7d9f", "/s/7d9f2c4e/clips"])
def test_logins_lead_to_our_own_pages(path: str) -> None:
    assert own_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/s/../../api",
        "/s/a/b/c",
        "/api/sessions",
        "javascript:alert(1)",
        "/settings\n",
        "/s/a\n",
        "",
    ],
)
def test_logins_lead_nowhere_else(path: str) -> None:
    assert own_path(path) == "/"
