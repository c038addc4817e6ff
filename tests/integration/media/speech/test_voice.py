"""Tests of the offline voice, spoken by the model that adreel ships."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import cv2
import numpy as np
import pytest

from adreel.domain.errors import TextError
from adreel.domain.films.formats import SAMPLE_RATE
from adreel.media.speech.voice import VOICE, Speech, Voice, offline_voice

LINE = "Morning, made by hand. Only $5!"


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """As in adreel's own processes."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    yield
    cv2.setNumThreads(threads)


@pytest.fixture(scope="module")
def speech(one_thread: None) -> Speech:
    return offline_voice().say(LINE)


def _level(samples: np.ndarray) -> float:
    return float(20 * np.log10(np.sqrt(np.mean(np.square(samples))) + 1e-9))


def test_a_line_is_spoken_at_the_pace_and_level_of_speech(speech: Speech) -> None:
    assert speech.samples.dtype == np.float32
    assert 2.2 < len(speech.samples) / SAMPLE_RATE < 4.5
    assert -32 < _level(speech.samples) < -18
    assert np.abs(speech.samples).max() < 1


def test_each_written_word_has_its_time_inside_the_sound(speech: Speech) -> None:
    assert [word.text for word in speech.words] == LINE.split()
    assert all(word.start < word.end for word in speech.words)
    assert all(before.end <= after.start for before, after in pairwise(speech.words))
    assert speech.words[0].start >= 0
    assert speech.words[-1].end <= len(speech.samples) / SAMPLE_RATE


def test_the_sound_is_where_the_words_are(speech: Speech) -> None:
    def between(start: float, end: float) -> float:
        return _level(speech.samples[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)])

    hand, only = speech.words[3], speech.words[4]
    silence = between(hand.end + 0.05, only.start - 0.05)
    assert all(between(word.start, word.end) > silence + 15 for word in speech.words)


def test_the_ends_are_silent_so_that_nothing_clicks(speech: Speech) -> None:
    assert speech.samples[0] == 0
    assert speech.samples[-1] == 0
    assert np.abs(np.diff(speech.samples)).max() < 0.25


def test_the_same_line_gives_the_same_bits(speech: Speech) -> None:
    again = Voice().say(LINE)
    assert np.array_equal(again.samples, speech.samples)
    assert again.words == speech.words
    assert not np.array_equal(offline_voice().say(LINE, seed=1).samples, speech.samples)


def test_voices_in_threads_give_the_same_bits(speech: Speech) -> None:
    with ThreadPoolExecutor(3) as pool:
        spoken = list(pool.map(offline_voice().say, [LINE] * 3))
    assert all(np.array_equal(each.samples, speech.samples) for each in spoken)


def test_a_faster_line_is_shorter(speech: Speech) -> None:
    faster = offline_voice().say(LINE, speed=1.15)
    assert 0.8 < len(faster.samples) / len(speech.samples) < 0.95


def test_a_line_of_as_many_sounds_as_the_one_before_may_be_longer() -> None:
    # OpenCV's memory was planned for the length of the first, which a slower or another line exceeds.
    voice = Voice()
    faster = voice.say("Now €24.90 instead of €34.90.", speed=1.15)
    assert len(voice.say("Now €24.90 instead of €34.90.").samples) > len(faster.samples)
    assert len(voice.say("Now €24.90, down from €34.90.").samples) > len(faster.samples)


@pytest.mark.parametrize("speed", [0.9, 1.16])
def test_another_speed_is_refused(speed: float) -> None:
    with pytest.raises(TextError, match=f"{speed:g} times"):
        offline_voice().say(LINE, speed=speed)


def test_a_line_longer_than_the_model_takes_at_once_is_spoken_whole() -> None:
    line = " ".join(["a cup of tea,"] * 40)
    spoken = offline_voice().say(line)
    assert len(spoken.words) == 160
    assert all(before.end <= after.start + 1e-6 for before, after in pairwise(spoken.words))


def test_the_voice_names_its_model_by_the_hash_of_the_file() -> None:
    from hashlib import sha256

    from adreel.media.speech.lexicon import VOICE_FOLDER

    assert VOICE.sha256 == sha256((VOICE_FOLDER / "heart.onnx").read_bytes()).hexdigest()
