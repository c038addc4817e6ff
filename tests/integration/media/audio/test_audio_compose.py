"""Music as it sounds: rendered, measured, mastered and encoded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from adreel.domain.errors import MusicError
from adreel.media.audio.mix import encode_aac, master, measure_loudness
from adreel.media.music import GENRES, compose

SIX_SECONDS = 180


def decibels(sound: npt.NDArray[np.float32]) -> float:
    return float(10 * np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-12))


def band(sound: npt.NDArray[np.float32], low: float, high: float) -> float:
    """The band's part of the power, in decibels."""
    power = np.abs(np.fft.rfft(sound.mean(axis=1))) ** 2
    frequency = np.fft.rfftfreq(len(sound), 1 / 48_000)
    return float(10 * np.log10(power[(frequency >= low) & (frequency < high)].sum() / power.sum()))


@pytest.fixture(scope="module", params=GENRES)
def piece(request: pytest.FixtureRequest) -> npt.NDArray[np.float32]:
    return compose(request.param, SIX_SECONDS, 7)


def test_a_piece_is_exactly_as_long_as_the_film_and_within_range(piece: npt.NDArray[np.float32]) -> None:
    assert piece.shape == (SIX_SECONDS * 1600, 2)
    assert piece.dtype == np.float32
    assert 0.5 < np.abs(piece).max() <= 1.0


def test_a_piece_begins_at_once_has_no_holes_and_dies_away_to_silence(piece: npt.NDArray[np.float32]) -> None:
    assert decibels(piece[:9600]) > -40
    for start in range(0, 4 * 48_000, 19_200):
        assert decibels(piece[start : start + 19_200]) > -35
    assert decibels(piece[-2400:]) < -50
    assert not piece[-1].any()


def test_a_piece_has_bass_middle_and_treble_and_is_stereo(piece: npt.NDArray[np.float32]) -> None:
    assert band(piece, 35, 150) > -14
    assert band(piece, 150, 1500) > -8
    assert band(piece, 1500, 8000) > -22
    side, middle = piece[:, 0] - piece[:, 1], piece[:, 0] + piece[:, 1]
    assert -18 < decibels(side) - decibels(middle) < -3


def test_a_piece_becomes_a_soundtrack_of_the_right_loudness(piece: npt.NDArray[np.float32], tmp_path: Path) -> None:
    encode_aac(master(piece).samples, tmp_path / "sound.m4a")
    heard = measure_loudness(tmp_path / "sound.m4a")
    assert heard.integrated == pytest.approx(-14, abs=0.5)
    assert heard.true_peak <= -1


@pytest.mark.parametrize("genre", GENRES)
def test_a_seed_makes_the_same_bytes_and_another_seed_others(genre: str) -> None:
    first = compose(genre, 60, 3)
    assert first.tobytes() == compose(genre, 60, 3).tobytes()
    other = compose(genre, 60, 4)
    assert np.abs(first - other).max() > 0.1


@pytest.mark.parametrize("frames", [1, 20, 61, 97])
def test_odd_and_tiny_lengths_are_exact_too(frames: int) -> None:
    sound = compose("playful", frames, 1)
    assert sound.shape == (frames * 1600, 2)
    assert np.isfinite(sound).all()
    assert not sound[-1].any()


def test_an_unknown_genre_is_refused_with_the_choices() -> None:
    with pytest.raises(MusicError, match=r"polka.*upbeat, chill, energetic, luxury, playful"):
        compose("polka", 60, 1)
