"""Lengths of shots bent to the beats of one tempo."""

from __future__ import annotations

from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adreel.media.music.arrange import arrange
from adreel.media.music.cutting import Rhythm, ShotLength, cut_on_beats
from adreel.media.music.genres import ALL
from adreel.media.music.instruments import KICK
from adreel.media.music.tempo import Cues


def cuts_of(lengths: tuple[int, ...], overlap: int) -> list[int]:
    return [start + overlap // 2 for start in accumulate(length - overlap for length in lengths[:-1])]


def off_beat(rhythm: Rhythm, overlap: int) -> float:
    """The farthest cut from a beat, in frames."""
    beat = 1800 / rhythm.bpm
    return max(abs(cut - beat * round(cut / beat)) for cut in cuts_of(rhythm.lengths, overlap))


@pytest.mark.parametrize("genre", ALL)
@settings(deadline=None, max_examples=15)
@given(
    lengths=st.lists(st.integers(60, 160), min_size=2, max_size=8),
    slack=st.integers(5, 40),
    overlap=st.sampled_from([0, 15]),
    closes=st.booleans(),
)
def test_lengths_stay_within_their_limits_and_their_sum(
    genre: str, lengths: list[int], slack: int, overlap: int, *, closes: bool
) -> None:
    shots = [ShotLength(frames, frames - slack, is_strong=place == 1) for place, frames in enumerate(lengths)]
    rhythm = cut_on_beats(shots, ALL[genre].bpm, overlap, closes=closes)
    assert sum(rhythm.lengths) == sum(lengths)
    for shot, length in zip(shots, rhythm.lengths, strict=True):
        assert max(shot.least, 0.8 * shot.frames) <= length <= 1.2 * shot.frames
    assert ALL[genre].bpm[0] <= rhythm.bpm <= ALL[genre].bpm[1]


@pytest.mark.parametrize("genre", ALL)
@settings(deadline=None, max_examples=15)
@given(lengths=st.lists(st.integers(90, 160), min_size=3, max_size=7), overlap=st.sampled_from([0, 15]))
def test_cuts_fall_on_beats_where_lengths_leave_room(genre: str, lengths: list[int], overlap: int) -> None:
    shots = [ShotLength(frames, 0) for frames in lengths]
    assert off_beat(cut_on_beats(shots, ALL[genre].bpm, overlap, closes=True), overlap) <= 1


def test_lengths_that_were_asked_for_are_kept() -> None:
    shots = [ShotLength(83, 40), ShotLength(75, 40, is_fixed=True), ShotLength(97, 40), ShotLength(60, 60)]
    rhythm = cut_on_beats(shots, ALL["upbeat"].bpm, closes=True)
    assert rhythm.lengths[1] == 75
    fixed = [ShotLength(frames, 40, is_fixed=True) for frames in (83, 75, 97)]
    assert cut_on_beats(fixed, ALL["upbeat"].bpm, closes=False).lengths == (83, 75, 97)


@pytest.mark.parametrize("genre", ALL)
def test_the_music_keeps_one_tempo_and_strikes_the_offer_hardest_after_the_end_card(genre: str) -> None:
    shots = [ShotLength(frames, 60, is_strong=frames == 101) for frames in (95, 88, 112, 101, 79)]
    rhythm = cut_on_beats(shots, ALL[genre].bpm, closes=True)
    cuts = tuple(cut / 30 for cut in cuts_of(rhythm.lengths, 0))
    piece = arrange(ALL[genre], 475 / 30, 4, Cues(cuts, cuts[-1], (cuts[2],), rhythm.bpm))
    anchors = piece.tempo.anchors[:5]
    beat = 60 / rhythm.bpm
    assert all(abs(seconds - number * beat) < 1 / 30 for number, seconds in anchors)
    offer = next(number for number, seconds in anchors if seconds == cuts[2])
    assert offer in {bar.start for bar in piece.bars}
    kicks = [note for part in piece.parts if part.instrument.drums for note in part.notes if note.pitch == KICK]
    struck = {
        moment: max(note.velocity for note in kicks if note.start == moment) for moment in (n for n, _ in anchors[1:])
    }
    assert struck[offer] >= max(struck[number] for number, _ in anchors[1:3])
    assert struck[piece.tempo.accent] >= struck[offer]
