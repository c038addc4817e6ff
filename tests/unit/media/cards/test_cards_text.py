"""Cleaning, direction and division of card text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adreel.domain.errors import TextError
from adreel.media.cards.text import (
    MAX_CHARACTERS,
    clean_text,
    clusters,
    is_right_to_left,
    keep_units,
    keep_words,
    script_name,
    split_runs,
    unbreakable_words,
)


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("  Mug  ", "Mug"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("a\n\n\n b", "a\nb"),
        ("tab\tand\u00a0space", "tab and space"),
        ("bell\x07 nul\x00 esc\x1b[1m", "bell nul esc[1m"),
        ("lone\ud800surrogate", "lonesurrogate"),
        ("Cafe\u0301", "Café"),
        ("Cafe\x00\u0301", "Café"),
        ("\u1112\u1161\u11ab", "한"),
        ('L\'Oréal: 100% "pure"', 'L\'Oréal: 100% "pure"'),
        ("x" * MAX_CHARACTERS, "x" * MAX_CHARACTERS),
    ],
)
def test_text_is_cleaned_but_not_changed(typed: str, cleaned: str) -> None:
    assert clean_text(typed) == cleaned


@pytest.mark.parametrize("typed", ["", " \n\t ", "\x00\x01\x1f", "\u200d\u200b", "\u2060\ufe0f", "\u0301"])
def test_text_without_anything_to_see_is_refused(typed: str) -> None:
    with pytest.raises(TextError, match="empty"):
        clean_text(typed)


def test_text_too_long_is_refused_with_both_numbers() -> None:
    with pytest.raises(TextError, match=r"201.*200"):
        clean_text("x" * (MAX_CHARACTERS + 1))


@given(st.text(max_size=150))
def test_cleaning_twice_changes_nothing_and_leaves_no_control_character(typed: str) -> None:
    try:
        cleaned = clean_text(typed)
    except TextError:
        return
    assert clean_text(cleaned) == cleaned
    assert all(char == "\n" or ord(char) not in {*range(32), *range(127, 160)} for char in cleaned)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Mug", False),
        ("مرحبا", True),
        ("שלום", True),
        ("123 مرحبا", True),
        ("😀 שלום", True),
        ("A שלום", False),
        ("123", False),
    ],
)
def test_direction_is_that_of_the_first_strong_character(line: str, expected: bool) -> None:
    assert is_right_to_left(line) is expected


@pytest.mark.parametrize(
    "emoji",
    [
        "😀",
        "👨‍👩‍👧‍👦",
        "👩🏿‍🚀",
        "👋🏽",
        "🇫🇷🇯🇵",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "1️⃣",
        "#️⃣",
        "❤️",
        "🏳️‍🌈",
        "☕",
        "©️",
        "🧑‍⚕️",
        "❤️‍🔥",
    ],
)
def test_emoji_sequences_stay_whole(emoji: str) -> None:
    runs = list(split_runs(f"a1 {emoji} b"))
    assert [(run.text, run.emoji) for run in runs] == [("a1 ", False), (emoji, True), (" b", False)]


@pytest.mark.parametrize("text", ["100%", "#1 *new*", "© 2026 ™", "❤ ☎", "☕︎"])
def test_what_is_text_by_default_stays_text(text: str) -> None:
    assert [run.emoji for run in split_runs(text)] == [False]


@given(st.text(max_size=80))
def test_runs_joined_are_the_line(line: str) -> None:
    assert "".join(run.text for run in split_runs(line)) == line


def test_words_that_may_not_break_bound_the_type_and_scripts_without_spaces_do_not() -> None:
    assert unbreakable_words("Handmade 你好 mug กาแฟ") == ["Handmade", "mug"]
    assert unbreakable_words("머그컵 コーヒー") == ["머그컵", "コーヒー"]
    assert unbreakable_words("가" * 30) == []


def test_short_korean_words_and_loan_words_are_kept_whole() -> None:
    assert keep_words("따뜻한 컵") == "따\u2060뜻\u2060한 컵"
    assert keep_words("朝のマグ") == "朝のマ\u2060グ"
    assert keep_words("가" * 11) == "가" * 11


def test_clusters_hold_marks_together_and_leave_out_what_no_font_needs() -> None:
    assert list(clusters("né\u0323 म\u093f \u200d❤\ufe0f")) == ["n", "é\u0323", "मि", "❤"]


@pytest.mark.parametrize(
    ("char", "name"),
    [("ሰ", "Ethiopic"), ("骨", "Chinese"), ("a", "Latin"), ("한", "Hangul"), ("\u0378", "unknown script")],
)
def test_scripts_have_names(char: str, name: str) -> None:
    assert script_name(char) == name


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("Holds 350 ml", ["Holds", "350\u00a0ml"]),
        ("40 % off, 2 years", ["40\u00a0%", "off,", "2", "years"]),
        ("No. 4 amber", ["No.", "4", "amber"]),
    ],
)
def test_a_number_stays_with_its_unit(text: str, pieces: list[str]) -> None:
    assert unbreakable_words(keep_units(text)) == pieces
