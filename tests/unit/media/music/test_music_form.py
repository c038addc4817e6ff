from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adreel.media.music.form import phrase_sections, plan_bars
from adreel.media.music.genres import ALL
from adreel.media.music.score import steps


@settings(deadline=None)
@given(st.sampled_from([1, 2, 6, *range(4, 300, 4)]))
def test_bars_follow_one_another_and_close_with_one_cadence(beats: int) -> None:
    bars = plan_bars(beats)
    assert bars[0].start == 0
    assert all(a.start + a.beats == b.start for a, b in pairwise(bars))
    assert bars[-1].start + bars[-1].beats == beats
    assert [bar.cadence for bar in bars] == [False] * (len(bars) - 1) + [True]
    assert all(0 < bar.energy <= 1 for bar in bars)


@settings(deadline=None)
@given(st.integers(1, 60), st.integers(1, 12))
def test_what_plays_on_the_end_card_begins_with_a_bar_of_its_own(before: int, tag: int) -> None:
    bars = plan_bars(before + tag, tag)
    assert before in [bar.start for bar in bars]
    assert bars[-1].start + bars[-1].beats == before + tag
    assert bars[-1].cadence


@settings(deadline=None)
@given(st.integers(4, 70))
def test_phrases_end_with_the_piece_and_energy_rises_to_the_end(count: int) -> None:
    bars = plan_bars(4 * count)
    assert bars[-1].place == 3
    assert bars[0].energy < bars[-1].energy == max(bar.energy for bar in bars)


def test_long_pieces_have_contrast_and_a_break_and_return_to_the_theme() -> None:
    assert phrase_sections(1) == ("A",)
    assert phrase_sections(3) == ("A", "B", "A'")
    for count in range(6, 16):
        sections = phrase_sections(count)
        assert len(sections) == count
        assert {"A", "A'", "B", "break"} == set(sections)
        assert sections[-1] == "A'"


def test_the_step_notation_reads_onsets_and_lengths() -> None:
    read = steps("x--.9.......o-a-")
    assert [(s.onset, s.duration, s.symbol) for s in read] == [
        (0, 0.75, "x"),
        (1, 0.25, "9"),
        (3, 0.5, "o"),
        (3.5, 0.5, "a"),
    ]
    assert [(s.onset, s.symbol) for s in steps("x--.9.......o-a-", beats=1)] == [(0, "o"), (0.5, "a")]


def test_a_pattern_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="15 steps"):
        steps("x" * 15)


def test_every_pattern_of_every_genre_is_a_whole_bar() -> None:
    for genre in ALL.values():
        lanes = [lane.pattern for groove in genre.drumming.grooves for lane in groove]
        lanes += [lane.pattern for fill in genre.drumming.fills for lane in fill.lanes]
        for pattern in (*lanes, *genre.motifs, *genre.closings, *(p for la in genre.layers for p in la.patterns)):
            assert steps(pattern)
