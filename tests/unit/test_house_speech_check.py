"""The measures of `make speech-check`: a wrong yardstick would make every figure in docs/speech.md wrong."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2]))

    def module(name: str) -> Any:
        return importlib.import_module(f"benchmarks.speech.{name}")

    return module


def test_words_are_compared_without_figures_and_punctuation(load: Any) -> None:
    plain = load("word_errors").plain_words
    assert plain("Only $24.99!") == plain("only twenty-four dollars and ninety nine cents")
    assert plain("USB-C at 7 p.m.") == ["usbc", "at", "seven", "pm"]


def test_replaced_missing_and_added_words_are_errors(load: Any) -> None:
    words = load("word_errors")
    said, heard = ["one", "two", "three", "four"], ["one", "too", "three", "and", "four", "five"]
    assert words.errors(said, said) == 0
    assert words.errors(said, heard) == 3
    assert words.errors(said, []) == 4
    assert words.misread(said, heard) == [("two", "too"), ("", "and"), ("", "five")]


def test_words_that_sound_alike_are_known(load: Any) -> None:
    assert load("words").sound_alike("hale", "hail")
    assert not load("words").sound_alike("ships", "chips")


def test_a_planted_click_is_found_and_a_tone_is_none(load: Any) -> None:
    is_click = load("sound_levels").is_click
    time = np.arange(48_000) / 48_000
    tone = np.repeat((0.5 * np.sin(2 * np.pi * 440 * time))[:, None], 2, axis=1).astype(np.float32)
    assert not any(is_click(tone, place) for place in range(0, 48_000, 1000))
    cut = tone.copy()
    cut[24_000:] += 0.2
    assert is_click(cut, 24_000)
    assert not is_click(cut, 12_000)
