"""Amounts, times, texts and file names as they go over the wire."""

from __future__ import annotations

import json
import logging
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adreel.domain.costs.money import format_amount
from adreel.routers.common.files import clean_name, disposition
from adreel.routers.common.metrics import JsonFormatter, RequestFilter, request_id
from adreel.routers.schemas.common import clean_text, format_time


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "0.00"),
        ("0.8", "0.80"),
        ("0.145000", "0.145"),
        ("12", "12.00"),
        ("1E+3", "1000.00"),
        ("0.000001", "0.000001"),
    ],
)
def test_amounts_have_two_decimals_or_as_many_as_they_need(amount: str, text: str) -> None:
    assert format_amount(Decimal(amount)) == text


@given(st.decimals(0, 10**9, places=6))
def test_amounts_stay_what_they_are(amount: Decimal) -> None:
    text = format_amount(amount)
    assert Decimal(text) == amount
    assert len(text.partition(".")[2]) == 2 or not text.endswith("0")


def test_times_are_written_in_utc() -> None:
    moment = datetime(2026, 5, 4, 12, 0, tzinfo=timezone(timedelta(hours=2)))
    assert format_time(moment) == "2026-05-04T10:00:00Z"


@pytest.mark.parametrize("text", ["", "Größe\n\tund 🎬 e\u0301", "نص"])
def test_texts_of_all_scripts_are_taken(text: str) -> None:
    assert clean_text(text) == text


@pytest.mark.parametrize("text", ["\0", "a\x1bb", "\x7f", "\ud800", "a\udfffb"])
def test_texts_that_nobody_can_keep_or_show_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must"):
        clean_text(text)


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("a.jpg", "a.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\photos\\b.png", "b.png"),
        ("..", ""),
        ('a"b\r\n.jpg', "ab.jpg"),
        ("\u202egpj.exe", "gpj.exe"),
        ("\ud800", ""),
    ],
)
def test_a_file_name_is_only_a_name(given_name: str, name: str) -> None:
    assert clean_name(given_name) == name


@given(st.text(max_size=300))
def test_a_download_name_never_breaks_its_header(name: str) -> None:
    header = disposition(name)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') in (0, 2)
    header.encode("latin-1")


def test_a_log_line_is_one_json_object_with_its_request() -> None:
    record = logging.LogRecord("adreel.api", logging.INFO, "f.py", 1, "two\nlines %s", ("x",), None)
    token = request_id.set("abc")
    try:
        assert RequestFilter().filter(record)
    finally:
        request_id.reset(token)
    line = JsonFormatter().format(record)
    assert "\n" not in line
    assert json.loads(line)["message"] == "two\nlines x"
    assert json.loads(line)["request"] == "abc"
