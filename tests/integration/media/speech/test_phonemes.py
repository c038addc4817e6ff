"""Tests of the sounds of words: by lexicon, endings, neighbours and the dictionary."""

from __future__ import annotations

import pytest

from adreel.media.speech.lexicon import past, plural, progressive
from adreel.media.speech.normalizer import read_aloud
from adreel.media.speech.phonemes import phonemes_of


def _sounds(text: str, **pronunciations: str) -> list[str]:
    return [each.phonemes for each in phonemes_of(read_aloud(text, pronunciations))]


@pytest.mark.parametrize(("stem", "expected"), [("mˈʌɡ", "mˈʌɡz"), ("kˈʌp", "kˈʌps"), ("ɡlˈæs", "ɡlˈæsᵻz")])
def test_plurals_sound_as_the_stem_ends(stem: str, expected: str) -> None:
    assert plural(stem) == expected


def test_the_past_and_the_progressive() -> None:
    assert past("hˈit") == "hˈiɾᵻd"
    assert past("stˈɑp") == "stˈɑpt"
    assert past("lˈʌv") == "lˈʌvd"
    assert progressive("sˈɪt") == "sˈɪɾɪŋ"


def test_an_e_that_an_ending_took_comes_back() -> None:
    assert _sounds("rated") == ["ɹˈATᵻd"]
    assert _sounds("ratted")[0].startswith("ɹˈæ")
    assert _sounds("rating")[0].startswith("ɹˈA")


def test_articles_hear_what_follows() -> None:
    assert _sounds("the apple")[0] == "ði"
    assert _sounds("the mug")[0] == "ðə"
    assert _sounds("a mug")[0] == "ɐ"


def test_words_of_two_sounds_are_told_apart_by_their_neighbours() -> None:
    use = _sounds("I use it")[1], _sounds("the use of it")[1]
    assert use[0].endswith("z")
    assert use[1].endswith("s")


def test_a_short_form_is_spelled_and_a_word_no_lexicon_holds_is_read() -> None:
    assert _sounds("BMW")[0].count("ˈ") == 1
    assert _sounds("Zorblify")[0]


def test_a_dictionary_gives_phonemes() -> None:
    assert _sounds("Morgen mug", morgen="/mˈɔɹɡən/")[0] == "mˈɔɹɡən"
    assert _sounds("Hale mug", hale="hail") == _sounds("hail mug")
