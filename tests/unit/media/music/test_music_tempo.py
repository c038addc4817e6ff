from __future__ import annotations

from itertools import accumulate, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adreel.media.music.arrange import arrange
from adreel.media.music.genres import ALL
from adreel.media.music.instruments import KICK
from adreel.media.music.tempo import Cues, Tempo, fit_tempo

CLOSE = 0.040
"""Seconds within which a beat and a cut are seen and heard together."""


def fitted(name: str, seconds: float, cues: Cues, preference: float = 0.5) -> Tempo:
    slow, fast = ALL[name].bpm
    return fit_tempo(seconds, (slow, fast), slow + preference * (fast - slow), ALL[name].ring, cues)


def distance(tempo: Tempo, moment: float) -> float:
    """From a moment to the nearest beat."""
    return min(abs(tempo.seconds(beat) - moment) for beat in range(tempo.beats + 1))


@pytest.mark.parametrize("name", ALL)
@settings(deadline=None)
@given(frames=st.integers(60, 3600), preference=st.floats(0, 1))
def test_beats_and_ring_fill_every_film_from_two_seconds_to_two_minutes(
    name: str, frames: int, preference: float
) -> None:
    seconds = frames / 30
    tempo = fitted(name, seconds, Cues(), preference)
    assert ALL[name].bpm[0] - 1e-9 <= tempo.bpm <= ALL[name].bpm[1] + 1e-9
    assert tempo.seconds(tempo.beats) + tempo.ring == pytest.approx(seconds)
    assert tempo.seconds(tempo.beats + tempo.ring_beats) == pytest.approx(seconds)
    assert 0.35 < tempo.ring < max(0.6 * seconds, 1.6 * ALL[name].ring)


@pytest.mark.parametrize("name", ALL)
@settings(deadline=None, max_examples=60)
@given(
    clips=st.lists(st.integers(45, 300), min_size=1, max_size=8),
    intro=st.integers(24, 90),
    outro=st.integers(24, 150),
    preference=st.floats(0, 1),
)
def test_every_cut_of_a_film_falls_on_a_beat(
    name: str, clips: list[int], intro: int, outro: int, preference: float
) -> None:
    ends = [end / 30 for end in accumulate([intro, *clips, outro])]
    cues = Cues(tuple(ends[:-1]), ends[-2])
    tempo = fitted(name, ends[-1], cues, preference)
    assert max(distance(tempo, cut) for cut in cues.cuts) < CLOSE
    # The strongest accent, with a bar of its own, is where the end card begins; the last chord is on the card, and ends the film.
    assert abs(tempo.seconds(tempo.accent) - ends[-2]) < CLOSE
    assert tempo.seconds(tempo.beats) >= ends[-2] - CLOSE
    assert tempo.seconds(tempo.beats) + tempo.ring == pytest.approx(ends[-1])
    assert tempo.ring >= min(0.5, 0.6 * outro / 30)
    rates = [60 * (beat - before) / (end - start) for (before, start), (beat, end) in pairwise(tempo.anchors)]
    assert all(0.6 * ALL[name].bpm[0] < rate < 1.6 * ALL[name].bpm[1] for rate in rates)


def test_cuts_faster_than_the_beat_are_passed_over_and_the_end_card_is_met() -> None:
    cues = Cues((0.2, 0.4, 0.6, 3.0, 3.2), 3.2)
    tempo = fitted("luxury", 6.2, cues)
    assert abs(tempo.seconds(tempo.accent) - 3.2) < CLOSE
    assert all(later > earlier for (_, earlier), (_, later) in pairwise(tempo.anchors))


@pytest.mark.parametrize("name", ALL)
def test_the_drums_strike_hardest_where_the_end_card_begins(name: str) -> None:
    piece = arrange(ALL[name], 12.5, 4, Cues((1.0, 4.0, 7.0, 10.0), 10.0))
    kicks = [note for part in piece.parts if part.instrument.drums for note in part.notes if note.pitch == KICK]
    meeting = [note.velocity for note in kicks if abs(piece.tempo.seconds(note.start) - 10.0) < CLOSE]
    assert max(meeting) == max(note.velocity for note in kicks)
