"""The stand-in's speech: real sound, of about the length that the line takes to say."""

from __future__ import annotations

import io
import wave
from dataclasses import replace
from decimal import Decimal

import pytest

from adreel.catalogue.loader import load_catalogue
from adreel.testing.replicate.models import known_models
from adreel.testing.replicate.speech import Line, line_of, spoken

LINE = Line("Good morning, mug. Hand-glazed stoneware.", "Calm_Woman", 1.0, 16000, 1)


def _seconds(content: bytes) -> float:
    with wave.open(io.BytesIO(content)) as sound:
        return sound.getnframes() / sound.getframerate()


def test_a_line_lasts_as_long_as_it_takes_to_say() -> None:
    usual = _seconds(spoken(LINE, "wav"))
    assert 2 < usual < 5
    assert _seconds(spoken(replace(LINE, speed=1.15), "wav")) == pytest.approx((usual - 0.24) / 1.15 + 0.24, abs=0.05)
    assert spoken(LINE, "wav") != spoken(replace(LINE, voice="Wise_Woman"), "wav")


def test_it_is_billed_by_the_character_as_the_catalogue_says() -> None:
    for model in load_catalogue().speeches.values():
        text = "Guten Morgen, Tasse. " * 20
        assert known_models()[model.reference].price({"text": text}) == model.price_of(len(text)) > Decimal("0.02")


def test_its_input_is_that_of_the_catalogue() -> None:
    model = load_catalogue().speeches["speech-2.6-turbo"]
    given = {**model.inputs, "text": "Hi", "voice_id": "A", "language_boost": "German"}
    assert known_models()[model.reference].problems(given) == []
    assert line_of(given) == Line("Hi", "A", 1.0, 44100, 1)
