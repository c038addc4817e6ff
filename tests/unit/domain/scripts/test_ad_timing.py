from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adreel.domain.ad import Ad, Beat, BeatShot, EndCard, ScreenText, TextRole
from adreel.domain.errors import InputError
from adreel.domain.films.formats import to_seconds
from adreel.domain.scripts.ad_timing import MOVEMENT_FRAMES, ad_lengths, end_frames, least_seconds, needed_frames

QUIET = Ad("", tuple(Beat(f"beat {n}", BeatShot(1)) for n in range(3)))


def with_words(name: str, words: int, seconds: float | None = None, weight: float = 1.0) -> Beat:
    text = ScreenText(TextRole.HEADLINE, "word " * words)
    return Beat(name, BeatShot(1), (text,), seconds=seconds, weight=weight)


def test_beats_share_the_film_by_weight() -> None:
    beats = tuple(replace(beat, weight=weight) for beat, weight in zip(QUIET.beats, (1, 2, 1), strict=True))
    assert ad_lengths(replace(QUIET, beats=beats, seconds=12.0), 3).beats == (90, 180, 90)


def test_without_a_length_a_beat_has_that_of_a_clip_on_average() -> None:
    assert ad_lengths(QUIET, 2.0).beats == (60, 60, 60)
    assert sum(ad_lengths(replace(QUIET, beats=(with_words("a", 30), *QUIET.beats)), 1.0).beats) > 4 * 30


def test_a_beat_is_as_long_as_its_words_take_whatever_its_weight() -> None:
    long = with_words("long", 9, weight=0.01)
    ad = replace(QUIET, beats=(*QUIET.beats, long), seconds=12.0, style="bold")
    lengths = ad_lengths(ad, 3).beats
    assert lengths[-1] == needed_frames(long, "bold") == 90 + MOVEMENT_FRAMES["bold"]
    assert sum(lengths) == 360


def test_an_unknown_style_gets_the_time_of_the_slowest() -> None:
    beat = with_words("a", 3)
    assert needed_frames(beat, "own") == max(needed_frames(beat, style) for style in MOVEMENT_FRAMES)


def test_the_end_card_is_part_of_the_film_and_long_enough_to_be_read() -> None:
    ad = replace(QUIET, product="Morgen Mug", end=EndCard("Order yours", "morgen.example", "Morgen Ltd."), seconds=12.0)
    lengths = ad_lengths(ad, 3)
    assert lengths.end == end_frames(ad) == 50 + 23
    assert sum(lengths.beats) + lengths.end == 360
    assert end_frames(replace(ad, end=EndCard("Order yours", legal="word " * 12))) == 120 + 23
    assert end_frames(replace(ad, end=EndCard(address="morgen.example"))) == 0


def test_crossfades_take_nothing_from_the_film() -> None:
    ad = replace(QUIET, seconds=12.0, end=EndCard("Go"))
    lengths = ad_lengths(ad, 3, overlap=15)
    assert sum(lengths.beats) + lengths.end - 3 * 15 == 360


def test_lengths_that_people_gave_are_kept() -> None:
    ad = replace(QUIET, beats=(replace(QUIET.beats[0], seconds=2.5), *QUIET.beats[1:]), seconds=10.0)
    assert ad_lengths(ad, 3).beats == (75, 113, 112)


@pytest.mark.parametrize(
    ("beats", "seconds", "words"),
    [
        ((with_words("hook", 9, seconds=2.0),), None, "beat 'hook' lasts 2.0 s, and its words take 4.4 s"),
        ((with_words("hook", 30),), 6.0, "take at least 11.4 s, and the film is to last 6 s; shorten"),
        ((Beat("a", BeatShot(1), seconds=3.0),), 6.0, "take 3.0 s, and the film is to last 6 s; change"),
        ((Beat("a", BeatShot(1), seconds=9.0), Beat("b", BeatShot(1))), 6.0, "take at least 10.0 s"),
    ],
)
def test_words_that_cannot_be_read_in_the_time_are_refused(
    beats: tuple[Beat, ...], seconds: float | None, words: str
) -> None:
    with pytest.raises(InputError) as refused:
        ad_lengths(replace(QUIET, beats=beats, seconds=seconds), 3)
    assert words in str(refused.value)


_beats = st.lists(st.tuples(st.integers(0, 20), st.floats(0.01, 100)), min_size=1, max_size=8)


@given(_beats, st.floats(0, 60), st.sampled_from([0, 15]))
def test_the_sum_is_exact_and_every_beat_can_be_read(
    given_beats: list[tuple[int, float]], spare: float, overlap: int
) -> None:
    beats = tuple(
        with_words(f"{place}", words, weight=weight) if words else Beat(f"{place}", BeatShot(1), weight=weight)
        for place, (words, weight) in enumerate(given_beats)
    )
    ad = Ad("Mug", beats, EndCard("Go"))
    ad = replace(ad, seconds=least_seconds(ad) + spare)
    lengths = ad_lengths(ad, 3, overlap)
    film = sum(lengths.beats) + lengths.end - overlap * len(beats)
    assert to_seconds(film) == pytest.approx(ad.seconds, abs=0.5 / 30 + 1e-6)
    needed = [needed_frames(beat, ad.style) for beat in beats]
    assert all(length >= least for length, least in zip(lengths.beats, needed, strict=True))
