"""How long words take to read, and when they come and go in their shot."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adreel.domain.ad import ScreenText, TextRole
from adreel.domain.errors import TextError
from adreel.domain.films.formats import FPS, TRANSITION_FRAMES
from adreel.domain.scripts.reading_time import count_words
from adreel.media.overlays.loader import STYLE_NAMES, text_style
from adreel.media.overlays.reading import frames_to_read, seconds_to_read
from adreel.media.overlays.schedule import schedule, shortest_shot


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Slow mornings, made by hand", 5),
        ("Save 20 %", 2),
        ("", 0),
        ("— · —", 0),
        ("朝の一杯", 2),
        ("กาแฟสดใหม่", 2),
        ("New 朝 cup", 2.5),
        ("صباح هادئ", 2),
    ],
)
def test_words_are_counted_in_scripts_with_and_without_spaces(text: str, count: float) -> None:
    assert count_words(text) == pytest.approx(count)


def test_a_former_price_is_read_too_and_a_legal_line_by_itself() -> None:
    headline = ScreenText(TextRole.HEADLINE, "Made to last for ever and a day")
    price = ScreenText(TextRole.PRICE, "$129", "$169")
    legal = ScreenText(TextRole.LEGAL, "Offer ends in June.")
    assert seconds_to_read([headline, price]) == pytest.approx(10 / 3)
    assert seconds_to_read([headline, price, legal]) == pytest.approx(10 / 3)
    assert seconds_to_read([legal]) == pytest.approx(4 / 3)
    assert seconds_to_read([ScreenText(TextRole.BADGE, "New")]) == 1.0


@given(
    st.sampled_from(STYLE_NAMES),
    st.lists(st.integers(1, 6), min_size=1, max_size=5),
    st.integers(30, 300),
    st.integers(1, 6),
)
def test_words_are_fully_shown_long_enough_or_refused(name: str, counts: list[int], frames: int, parts: int) -> None:
    words = [ScreenText(TextRole.BULLET, " ".join(["word"] * count)) for count in counts]
    style = text_style(name)
    if frames < shortest_shot(words, style):
        with pytest.raises(TextError, match=words[0].text):
            schedule(words, parts, style, frames)
        return
    times = schedule(words, parts, style, frames)
    assert times.leaving - times.full >= frames_to_read(words) >= sum(counts) / 3 * FPS
    assert times.leaving - times.full >= FPS
    assert times.gone <= frames - TRANSITION_FRAMES
    assert 0 <= times.stagger <= style.stagger


def test_the_refusal_names_the_words_and_the_seconds() -> None:
    words = [ScreenText(TextRole.HEADLINE, "Nine words that are far too many for this")]
    with pytest.raises(TextError, match=r"'Nine words .*' take 3\.0 s to read, .* must last 4\.\d s; it lasts 2\.0 s"):
        schedule(words, 1, text_style("minimal"), 60)


def test_words_of_an_end_card_stay_until_the_end() -> None:
    words = [ScreenText(TextRole.HEADLINE, "Morgen No. 4")]
    style = text_style("editorial")
    shortest = shortest_shot(words, style, stays=True)
    assert shortest == shortest_shot(words, style) - TRANSITION_FRAMES - style.leave.frames
    times = schedule(words, 1, style, shortest, stays=True)
    assert times.leaving == times.gone == shortest
    assert times.leaving - times.full == frames_to_read(words)
