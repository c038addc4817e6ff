"""Tests of how captions break into lines."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adreel.media.captions.wrapping import LONGEST_LINE, width, wrapped


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", ()),
        ("Made by hand", ("Made by hand",)),
        ("The mug that keeps up with every morning of yours", ("The mug that keeps up with", "every morning of yours")),
        ("毎朝の一杯を、手づくりのマグカップで楽しもう", ("毎朝の一杯を、手づくり", "のマグカップで楽しもう")),
        ("매일 아침을 위한 수제 도자기 머그컵", ("매일 아침을 위한", "수제 도자기 머그컵")),
        ("كوب مصنوع يدويا من الفخار لكل صباح جميل في بيتك", ("كوب مصنوع يدويا من الفخار", "لكل صباح جميل في بيتك")),
        ("x" * 50, ("x" * 42, "x" * 8)),
    ],
)
def test_lines_are_few_and_about_equally_long(text: str, lines: tuple[str, ...]) -> None:
    assert wrapped(text) == lines


def test_a_line_begins_with_no_closing_sign() -> None:
    for length in range(12, 20):
        assert all(line[0] not in "。」" for line in wrapped("あ" * length + "。」" + "い" * 9))


def test_accents_stay_with_their_letter_and_have_no_width() -> None:
    assert width("e\u0301") == 1
    assert all(line[0] != "\u0301" for line in wrapped("e\u0301" * 60))


@settings(max_examples=100)
@given(st.text(alphabet="ab mé 漢か。「ไทย\u0301각<-", max_size=90))
def test_no_letter_is_lost_and_no_line_is_too_long(text: str) -> None:
    lines = wrapped(text)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(width(line) <= LONGEST_LINE + 2 * width("。") for line in lines)
