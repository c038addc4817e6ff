"""Tests of how dates and hours are read aloud."""

from __future__ import annotations

import pytest

from adreel.media.speech.normalizer import read_aloud


def _said(text: str) -> str:
    return " ".join(part for word in read_aloud(text) for part in word.said)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Open Mon.-Fri., 9am-5pm.", "Open monday to friday nine A M to five P M"),
        ("9-5pm, 10:30-11am", "nine to five P M ten thirty to eleven A M"),
        ("Sat. 10am", "saturday ten A M"),
        ("We sat. 5 people came", "We sat five people came"),
        ("Jan–Mar", "january to march"),
        ("03/15/2026", "march fifteenth twenty twenty six"),
        ("15/03/2026", "march fifteenth twenty twenty six"),
        ("24.12.2026", "december twenty fourth twenty twenty six"),
        ("40/40/2026", "forty forty two thousand twenty six"),
    ],
)
def test_dates_and_hours(written: str, said: str) -> None:
    assert _said(written) == said
