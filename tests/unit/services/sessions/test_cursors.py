from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta, timezone

import pytest

from adreel.domain.errors import InputError
from adreel.services.sessions.mapping import cursor_of, read_cursor

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def test_a_cursor_brings_back_the_row_that_it_was_made_of() -> None:
    assert read_cursor(cursor_of(MOMENT, "abc")) == (MOMENT, "abc")


def test_a_cursor_is_the_same_in_all_zones() -> None:
    assert cursor_of(MOMENT.astimezone(timezone(timedelta(hours=5))), "abc") == cursor_of(MOMENT, "abc")


def test_a_cursor_fits_into_an_address_as_it_is() -> None:
    assert cursor_of(MOMENT, "abc").replace("-", "").replace("_", "").isalnum()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "2026-01-01T00:00:00 abc",
        "yesterday abc",
        "2026-01-01T00:00:00+00:00",
        "2026-01-01T00:00:00+00:00 a\0b",
        "0001-01-01T00:00:00+14:00 abc",
    ],
)
def test_a_cursor_that_says_something_else_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="cursor"):
        read_cursor(base64.urlsafe_b64encode(text.encode()).decode())


@pytest.mark.parametrize("cursor", ["?", "a", "ü", "____"])
def test_a_cursor_that_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(InputError, match="cursor"):
        read_cursor(cursor)
