"""A film is data first: items in order, on whole frames."""

from __future__ import annotations

from adreel.domain.films.film import Transition
from adreel.domain.films.formats import to_frames, to_seconds
from adreel.media.timeline import CopySpan, FadeSpan, Item, Timeline


def test_lengths_are_whole_frames() -> None:
    """People give seconds; inside, a length is a number of frames at 30 per second, so that nothing drifts."""
    assert to_frames(2.5) == 75
    assert to_seconds(75) == 2.5


def test_a_timeline_says_where_every_frame_comes_from() -> None:
    """With cuts, every frame of the film is a frame of one item: it can be copied without encoding it again."""
    film = Timeline((Item("intro", 30), Item("clip", 90)))
    assert film.frames == 120
    assert film.spans == (CopySpan(0, 0, 30), CopySpan(1, 0, 90))


def test_a_crossfade_overlaps_two_items() -> None:
    """A crossfade takes fifteen frames of both neighbours. Only these fifteen are encoded; the rest is still copied."""
    film = Timeline((Item("one", 60), Item("two", 60)), Transition.CROSSFADE)
    assert film.frames == 105
    assert film.spans == (CopySpan(0, 0, 45), FadeSpan(0), CopySpan(1, 15, 60))
