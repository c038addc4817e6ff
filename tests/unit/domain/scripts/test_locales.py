"""Words of a script in other languages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adreel.domain.ad import Offer
from adreel.domain.errors import InputError
from adreel.domain.scripts.locales import locale_name, locale_template, localized, parse_locale
from support.ads import MUG

FILLED = "Übersetzt"
BADGE = "New"
AD = replace(
    MUG,
    beats=(replace(MUG.beats[0], spoken="Good morning."), *MUG.beats[1:]),
    offer=replace(MUG.offer, badge=BADGE) if isinstance(MUG.offer, Offer) else MUG.offer,
)


def _filled(template: str) -> str:
    return template.replace('""  #', f'"{FILLED}"  #').replace('"",  #', f'"{FILLED}",  #')


def test_a_filled_template_translates_every_text_and_changes_nothing_else() -> None:
    done = localized(AD, parse_locale(_filled(locale_template(AD, "de-AT")), "de-AT", "de.toml"))
    shown = [words.text for beat in done.beats for words in beat.words]
    assert shown
    assert set(shown) == {FILLED}
    assert [beat.spoken for beat in done.beats] == [FILLED if beat.spoken else None for beat in AD.beats]
    assert {done.end.cta, *done.facts} == {FILLED}
    assert [(beat.name, beat.shot, beat.seconds, [each.role for each in beat.words]) for beat in done.beats] == [
        (beat.name, beat.shot, beat.seconds, [each.role for each in beat.words]) for beat in AD.beats
    ]
    assert (done.photos, done.product, done.recipe, done.style) == (AD.photos, AD.product, AD.recipe, AD.style)


def test_a_recording_in_the_language_of_the_script_does_not_speak_another() -> None:
    recorded = replace(AD, beats=(replace(AD.beats[0], recording="hook.wav"), *AD.beats[1:]))
    done = localized(recorded, parse_locale(_filled(locale_template(AD, "de")), "de", "de.toml"))
    assert (done.beats[0].spoken, done.beats[0].recording) == (FILLED, None)


def test_an_empty_template_names_each_text_that_is_missing_and_keeps_prices() -> None:
    words = parse_locale(locale_template(AD, "de"), "de", "de.toml")
    assert words.language == "de"
    with pytest.raises(InputError) as caught:
        localized(AD, words)
    message = str(caught.value)
    assert "beat 'benefit', words 1 ('Holds 350 ml')" in message
    assert "'Morgen Mug'" not in message
    assert "beat 'hook', spoken ('Good morning.')" in message
    assert "end, cta" in message
    assert "€24.90" not in message


def test_a_beat_that_shows_the_products_name_has_that_of_the_file() -> None:
    text = _filled(locale_template(AD, "de")).replace(f'    "{FILLED}",  # "Morgen Mug"', '    "",')
    done = localized(
        AD, parse_locale(text.replace('product = "Morgen Mug"', 'product = "Morgen-Tasse"'), "de", "de.toml")
    )
    assert done.beats[0].words[0].text == done.product == "Morgen-Tasse"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[beats.nowhere]\nspoken = 'x'", "words of a beat 'nowhere', which the script does not have"),
        ("[beats.hook]\nwords = ['a', 'b', 'c', 'd']", "beat 'hook': 4 words are given, and the script shows"),
        ("[beats.hook]\nword = ['a']", "has no field 'word'"),
        ("[beats.hook]\nwords = 'a'", "a list of at most 12 texts"),
        ("[beats.hook]\nwords = [3]", "words 1: the field 'text' must be a text"),
        ("beats = 3", "must be a table"),
        ("prize = '3'", "has no field 'prize'"),
        ("= 3", "de.toml is not valid TOML"),
    ],
)
def test_a_file_that_cannot_be_used_names_what_is_wrong(text: str, fault: str) -> None:
    with pytest.raises(InputError, match=r"de\.toml") as caught:
        localized(AD, parse_locale(text, "de", "de.toml"))
    assert fault in str(caught.value)


def test_the_language_is_that_of_the_file_else_of_the_locales_name() -> None:
    assert parse_locale("", "pt-BR", "a.toml").language == "pt"
    assert parse_locale("language = 'zh-TW'", "tw", "a.toml").language == "zh"
    for name in ("../de", "", "d e", "-x"):
        with pytest.raises(InputError, match="no name of a locale"):
            locale_name(name)
