"""Tests of which lines are refused because they are in another language."""

from __future__ import annotations

import pytest

from adreel.domain.errors import TextError
from adreel.media.speech.voice import check_line


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("Guten Morgen, das ist die beste Tasse für dich", "German"),
        ("Das ist gut", "German"),
        ("Bonjour tout le monde, votre tasse est là", "French"),
        ("La taza para tu mañana", "Spanish"),
        ("Kubek na dobry początek dnia, nie tylko w domu", "Polish"),
        ("おはようございます", "Hiragana"),
        ("Доброе утро", "Cyrillic"),
        ("صباح الخير", "Arabic"),
        ("Say 早 to the day", "Chinese"),
    ],
)
def test_another_language_is_refused_by_its_name(line: str, language: str) -> None:
    with pytest.raises(TextError, match=language):
        check_line(line)


@pytest.mark.parametrize(
    "line",
    [
        "The mug that keeps up with you.",
        "Morgen Mug. Hand-glazed stoneware, 350 ml.",
        "Only $24.99 at morgen.co",
        "Café au lait, made at home",
        "Now for less",
        "Hale",
        "Do it in style. Die cast.",
        "Nordvik & Co., est. 1987.",
    ],
)
def test_english_with_names_is_not_refused(line: str) -> None:
    check_line(line)


def test_a_name_with_a_pronunciation_may_be_in_any_script() -> None:
    check_line("Say 早 to the day", {"早": "/zˈW/"})


@pytest.mark.parametrize("line", ["", "  ", "!!!", "— …", "😀"])
def test_a_line_without_words_is_refused(line: str) -> None:
    with pytest.raises(TextError, match="nothing to say"):
        check_line(line)
