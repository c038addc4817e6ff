from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adreel.media.music.genres import ALL
from adreel.media.music.theory import PENTATONIC, SCALES, Chord, Key, chord, ladder, movement, nearest, voice_lead

C = Key(0, "major")
A_MINOR = Key(9, "minor")


@pytest.mark.parametrize(
    ("symbol", "key", "tones"),
    [
        ("I", C, (0, 4, 7)),
        ("vi", C, (9, 0, 4)),
        ("V7", C, (7, 11, 2, 5)),
        ("ii9", C, (2, 5, 9, 0, 4)),
        ("IVmaj7", C, (5, 9, 0, 4)),
        ("V9sus4", C, (7, 0, 2, 5, 9)),
        ("bVII", C, (10, 2, 5)),
        ("II7", C, (2, 6, 9, 0)),
        ("i", A_MINOR, (9, 0, 4)),
        ("VI", A_MINOR, (5, 9, 0)),
        ("V", A_MINOR, (4, 8, 11)),
        ("I", Key(7, "major"), (7, 11, 2)),
    ],
)
def test_roman_numerals_give_the_tones_a_textbook_gives(symbol: str, key: Key, tones: tuple[int, ...]) -> None:
    assert sorted(chord(symbol, key).tones) == sorted(tones)
    assert chord(symbol, key).root == tones[0]


@pytest.mark.parametrize("symbol", ["", "VIII", "Imaj13", "H", "iV"])
def test_an_unknown_numeral_is_refused(symbol: str) -> None:
    with pytest.raises(ValueError, match="unknown"):
        chord(symbol, C)


@settings(deadline=None)
@given(st.integers(20, 100), st.sets(st.integers(0, 11), min_size=1))
def test_nearest_is_among_the_tones_and_never_over_a_tritone_away_from_a_single_one(
    pitch: int, tones: set[int]
) -> None:
    found = nearest(pitch, tuple(tones))
    assert found % 12 in tones
    assert abs(found - pitch) <= 6


def test_voices_hold_the_common_tones_of_one_four_five_one() -> None:
    voicings = voice_lead(tuple(chord(s, C) for s in ("I", "IV", "V", "I")), 60)
    assert set(voicings[0]) & set(voicings[1]), "C stays between C and F major"
    assert all(movement(a, b) <= 5 for a, b in pairwise(voicings))


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("tonic", range(12))
def test_every_progression_is_led_smoothly_around_its_centre(name: str, tonic: int) -> None:
    genre = ALL[name]
    for progression in (*genre.progressions, *genre.contrasts):
        voicings = voice_lead(tuple(chord(s, Key(tonic, genre.mode)) for s in progression), 60)
        for symbol, voicing in zip(progression, voicings, strict=True):
            assert {p % 12 for p in voicing} <= set(chord(symbol, Key(tonic, genre.mode)).tones)
            assert voicing[0] >= 44
            assert voicing[-1] <= 80
        assert all(movement(a, b) < 7 for a, b in pairwise(voicings))


def test_a_borrowed_tone_replaces_the_scale_tone_beside_it() -> None:
    d_major = Chord(2, (0, 4, 7))
    classes = {pitch % 12 for pitch in ladder(C, SCALES["major"], d_major, 60, 84)}
    assert 6 in classes
    assert 5 not in classes
    assert {pitch % 12 for pitch in ladder(C, PENTATONIC["major"], chord("I", C), 60, 84)} == {0, 2, 4, 7, 9}
