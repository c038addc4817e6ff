from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adreel.domain.errors import ClipError, InputError
from adreel.domain.films.film import Transition
from adreel.domain.films.formats import TRANSITION_FRAMES
from adreel.media.timeline import CopySpan, FadeSpan, Item, Timeline


def timeline(*lengths: int, transition: Transition = Transition.CUT) -> Timeline:
    return Timeline(tuple(Item(f"item {index}", length) for index, length in enumerate(lengths)), transition)


def test_cuts_copy_every_frame_of_every_item() -> None:
    film = timeline(30, 90, 30)
    assert film.frames == 150
    assert film.starts == (0, 30, 120)
    assert film.spans == (CopySpan(0, 0, 30), CopySpan(1, 0, 90), CopySpan(2, 0, 30))


def test_an_item_takes_over_at_its_cut_or_in_the_middle_of_its_crossfade() -> None:
    assert timeline(30, 90, 30).cuts == (30, 120)
    half = TRANSITION_FRAMES // 2
    assert timeline(30, 90, 30, transition=Transition.CROSSFADE).cuts == (15 + half, 90 + half)


def test_crossfades_overlap_neighbours() -> None:
    film = timeline(30, 90, 30, transition=Transition.CROSSFADE)
    assert film.frames == 150 - 2 * TRANSITION_FRAMES
    assert film.starts == (0, 15, 90)
    assert film.spans == (CopySpan(0, 0, 15), FadeSpan(0), CopySpan(1, 15, 75), FadeSpan(1), CopySpan(2, 15, 30))


def test_an_item_just_long_enough_is_all_crossfade() -> None:
    film = timeline(30, 30, 30, transition=Transition.CROSSFADE)
    assert film.spans == (CopySpan(0, 0, 15), FadeSpan(0), FadeSpan(1), CopySpan(2, 15, 30))


def test_too_short_an_item_is_named() -> None:
    with pytest.raises(ClipError, match=r"item 1 lasts 0\.97 s.*set the transition to cut"):
        timeline(30, 29, 30, transition=Transition.CROSSFADE)


@pytest.mark.parametrize("lengths", [(), (0,)])
def test_an_empty_film_is_refused(lengths: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="nothing to show"):
        timeline(*lengths)


@given(st.lists(st.integers(2 * TRANSITION_FRAMES, 400), min_size=1, max_size=12), st.sampled_from(Transition))
def test_spans_are_an_unbroken_row(lengths: list[int], transition: Transition) -> None:
    film = timeline(*lengths, transition=transition)
    overlap = TRANSITION_FRAMES if transition is Transition.CROSSFADE else 0
    assert sum(span.frames for span in film.spans) == film.frames == sum(lengths) - overlap * (len(lengths) - 1)
    place = 0
    for span in film.spans:
        if isinstance(span, CopySpan):
            assert place == film.starts[span.item] + span.first
        else:
            assert place == film.starts[span.right]
        place += span.frames
