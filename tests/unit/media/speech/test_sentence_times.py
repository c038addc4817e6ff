"""Times of words where the voice gives none."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from adreel.domain.films.formats import SAMPLE_RATE
from adreel.media.speech.sentence_times import sentence_times, sentences_of, words_of


def _sound(*spoken: float, pause: float = 0.4) -> np.ndarray:
    """Tones of so many seconds, with pauses between them."""
    parts: list[np.ndarray] = []
    for seconds in spoken:
        at = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
        parts += [0.3 * np.sin(2 * np.pi * 200 * at), np.zeros(round(pause * SAMPLE_RATE))]
    return np.concatenate(parts[:-1]).astype(np.float32)


def test_sentences_begin_and_end_at_the_pauses_and_words_lie_within_them() -> None:
    times = sentence_times("Good morning, mug. Made by hand!", _sound(1.5, 0.9))
    assert [each.text for each in times] == ["Good", "morning,", "mug.", "Made", "by", "hand!"]
    assert times[0].start == 0
    assert times[2].end == pytest.approx(1.5, abs=0.03)
    assert times[3].start == pytest.approx(1.9, abs=0.03)
    assert times[-1].end == pytest.approx(2.8, abs=0.03)
    assert all(before.end <= after.start + 1e-6 for before, after in pairwise(times))


def test_without_a_pause_sentences_are_parted_by_their_letters() -> None:
    times = sentence_times("Aaaa. Bbbb.", _sound(2.0))
    assert [(each.start, each.end) for each in times] == [(0.0, 1.0), (1.0, 2.0)]


def test_a_price_is_no_end_of_a_sentence_and_chinese_is_parted_by_letters() -> None:
    assert len({each.start for each in sentence_times("Only 24.90 now", _sound(1.0))}) == 3
    assert words_of("你好，世界。Morgen mug") == ["你", "好，", "世", "界。Morgen", "mug"]
    assert [each.text for each in sentence_times("你好。世界。", _sound(0.5, 0.5))] == ["你", "好。", "世", "界。"]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ('She said "Go." Then left.', ['She said "Go."', "Then left."]),
        ("Only 24.90 today! Really?!", ["Only 24.90 today!", "Really?!"]),
        ("你好。很好的杯子", ["你好。", "很好的杯子"]),
        ("「你好。」好", ["「你好。」", "好"]),
        ("  ", []),
    ],
)
def test_a_sentence_keeps_the_marks_that_close_it(text: str, sentences: list[str]) -> None:
    assert sentences_of(text) == sentences
