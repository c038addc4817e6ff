from __future__ import annotations

import tomllib
from dataclasses import fields, replace

import pytest
from hypothesis import given

from adreel.domain.ad import Ad, Beat, BeatShot, EndCard, Offer, ScreenText
from adreel.domain.scripts.ad_format.reading import parse_ad
from adreel.domain.scripts.ad_format.writing import to_document, to_json, to_toml
from support.ads import ADS, MUG


@given(ADS)
def test_any_script_reads_back_equal_from_both_formats(ad: Ad) -> None:
    assert parse_ad(to_toml(ad, "A heading\nof two lines")) == ad
    assert parse_ad(to_json(ad)) == ad


@given(ADS)
def test_both_formats_hold_the_same_document(ad: Ad) -> None:
    assert tomllib.loads(to_toml(ad)) == to_document(ad)


@pytest.mark.parametrize("kind", [Ad, Beat, BeatShot, ScreenText, Offer, EndCard])
def test_the_whole_script_of_the_tests_has_every_field(kind: type) -> None:
    """Otherwise a field that is not written would not be missed above."""
    written = to_toml(replace(MUG, beats=(replace(MUG.beats[0], recording="hook.wav"), *MUG.beats[1:])))
    assert [
        field.name for field in fields(kind) if f"{field.name} =" not in written and field.name not in _TABLES
    ] == []


_TABLES = ("offer", "end", "beats")


def test_what_people_edit_is_explained() -> None:
    lines = to_toml(MUG, "Edit the words").splitlines()
    assert lines[0] == "# Edit the words"
    tops = [place for place, line in enumerate(lines) if line.startswith(("product =", "facts =", "[offer]", "[end]"))]
    assert len(tops) == 4
    assert all(lines[place - 1].startswith("# ") for place in tops)
    explained = "".join(line for line in lines if line.startswith("#"))
    assert "push_in" in explained
    assert "lifestyle" in explained


def test_amounts_keep_their_decimals_and_are_texts() -> None:
    assert 'price = "24.90"' in to_toml(MUG)
    assert '"price": "24.90"' in to_json(MUG)


def test_what_is_empty_is_left_out() -> None:
    plain = replace(MUG, offer=None, end=EndCard(), facts=(), brand=None, seconds=None)
    assert not {"offer", "end", "facts", "brand", "seconds"} & to_document(plain).keys()
