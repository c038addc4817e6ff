"""Tests of speech over music: how far the music is lowered, and the loudness of the whole."""

from __future__ import annotations

import numpy as np
import pytest

from adreel.domain.films.film import SpokenPart
from adreel.domain.films.formats import SAMPLES_PER_FRAME
from adreel.media.audio.loudness import master, measure_loudness
from adreel.media.audio.samples import Samples
from adreel.media.audio.speech_mix import RAISED_WITHOUT_MUSIC, band_level, spoken_track, with_speech
from adreel.media.music import GENRES, compose

FRAMES = 240
PARTS = (SpokenPart("Made by hand, for you.", 20), SpokenPart("Only $5.", 170, 1.1))


def _noise() -> Samples:
    return np.random.default_rng(1).normal(0, 0.2, (FRAMES * SAMPLES_PER_FRAME, 2)).astype(np.float32)


@pytest.fixture(params=["noise", "upbeat", "energetic"])
def bed(request: pytest.FixtureRequest) -> Samples:
    return _noise() if request.param == "noise" else compose(request.param, FRAMES, 7)


def test_speech_is_well_above_the_music_while_it_is_spoken(bed: Samples) -> None:
    assert {"upbeat", "energetic"} <= set(GENRES)
    speech = spoken_track(FRAMES, PARTS)
    voice, together = with_speech(None, speech), with_speech(bed, speech)
    under = together - voice
    for start, end in speech[1]:
        assert band_level(voice[start:end]) - band_level(under[start:end]) >= 8
    mastered = measure_loudness(master(together).samples)
    assert mastered.integrated == pytest.approx(-14, abs=0.5)
    assert mastered.true_peak <= -1


def test_music_is_back_between_lines_and_never_jumps() -> None:
    bed = np.full((FRAMES * SAMPLES_PER_FRAME, 2), 0.1, np.float32)
    bed[::2] *= -1
    speech = spoken_track(FRAMES, PARTS)
    under = np.abs(with_speech(bed, speech) - with_speech(None, speech))[:, 0]
    (first, second) = speech[1]
    assert under[(first[1] + second[0]) // 2] == pytest.approx(under[-1], rel=0.01)
    assert under[(first[0] + first[1]) // 2] < 0.7 * under[-1]
    assert np.abs(np.diff(under)).max() < 0.001


def test_a_quiet_room_stays_quiet_between_lines() -> None:
    room = _noise() * np.float32(0.02)
    speech = spoken_track(FRAMES, PARTS)
    raised, kept = with_speech(room, speech), with_speech(room, speech, RAISED_WITHOUT_MUSIC)
    pause = slice((speech[1][0][1] + speech[1][1][0]) // 2, (speech[1][0][1] + speech[1][1][0]) // 2 + 4800)
    assert band_level(kept[pause]) == pytest.approx(band_level(room[pause]) + RAISED_WITHOUT_MUSIC, abs=0.1)
    assert band_level(raised[pause]) > band_level(kept[pause]) + 10


def test_lines_begin_at_their_frames() -> None:
    track, spans = spoken_track(FRAMES, PARTS)
    assert [start for start, _ in spans] == [part.start * SAMPLES_PER_FRAME for part in PARTS]
    assert not track[: spans[0][0]].any()
    assert not track[spans[0][1] : spans[1][0]].any()
