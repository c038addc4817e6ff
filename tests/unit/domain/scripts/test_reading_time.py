from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adreel.domain.scripts.reading_time import count_words, reading_seconds


@pytest.mark.parametrize(
    ("texts", "seconds"),
    [
        ([], 0),
        (["", " "], 0),
        (["Now"], 1),
        (["one two three four five six"], 2),
        (["one two three", "four five six"], 2),
        # Scripts without spaces: two Han letters, or five Thai ones, are a word.
        (["手作りのコーヒーカップ" * 2], 22 / 2 / 3),
        (["กาแฟ" * 10], 40 / 5 / 3),
        # A long compound is read as several words.
        (["Donaudampfschifffahrtsgesellschaft " * 3], 3),
    ],
)
def test_words_take_a_third_of_a_second_and_never_less_than_one(texts: list[str], seconds: float) -> None:
    assert reading_seconds(texts) == pytest.approx(seconds)


@given(st.text(max_size=60), st.text(max_size=60))
def test_more_words_never_take_less_time(one: str, other: str) -> None:
    assert count_words(f"{one} {other}") == pytest.approx(count_words(one) + count_words(other))
    assert reading_seconds([one, other]) >= max(reading_seconds([one]), reading_seconds([other]))
