"""Fitting music, placing clips' own sound, ducking."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from adreel.domain.errors import MusicError, RenderError
from adreel.media.audio.mix import ClipSound, fit_music, mix

Samples = npt.NDArray[np.float32]


def tone(samples: int, frequency: float = 440.0, level: float = 0.25) -> Samples:
    wave_ = level * np.sin(2 * np.pi * frequency * np.arange(samples) / 48_000)
    return np.repeat(wave_[:, None], 2, axis=1).astype(np.float32)


def write_wav(path: Path, sound: Samples) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(np.round(sound * 32767).astype("<i2").tobytes())
    return path


def rms(sound: Samples) -> float:
    return float(np.sqrt(np.mean(np.square(sound, dtype=np.float64))))


@pytest.mark.parametrize("seconds", [0.3, 1.0, 2.0, 2.02, 3.7, 30.0])
@pytest.mark.parametrize("frames", [60, 61, 300])
def test_music_is_looped_or_cut_to_the_sample(seconds: float, frames: int) -> None:
    assert fit_music(tone(int(seconds * 48_000)), frames).shape == (frames * 1600, 2)


def test_fitted_music_fades_in_and_out() -> None:
    fitted = fit_music(tone(48_000 * 20), 300)
    assert not fitted[0].any()
    assert np.abs(fitted[-1]).max() < 1e-6
    assert rms(fitted[-4800:]) < 0.15 * rms(fitted[48_000:96_000])
    assert rms(fitted[9600:14_400]) == pytest.approx(rms(fitted[48_000:52_800]), rel=0.02)


def test_a_short_film_keeps_most_of_its_music() -> None:
    fitted = fit_music(tone(48_000 * 20), 60)
    assert rms(fitted[9600:72_000]) == pytest.approx(rms(tone(48_000)), rel=0.02)


def test_looped_noise_has_no_dip_and_no_bump_at_the_seam() -> None:
    noise = (np.random.default_rng(1).normal(size=(96_000, 2)) * 0.1).astype(np.float32)
    fitted = fit_music(noise, 300)
    levels = [rms(fitted[i : i + 4800]) for i in range(9600, 384_000, 4800)]
    assert min(levels) > 0.085
    assert max(levels) < 0.115


def test_fitting_leaves_the_music_it_was_given_alone() -> None:
    music = tone(48_000 * 3)
    before = music.copy()
    fit_music(music, 60)
    fit_music(music, 300)
    assert np.array_equal(music, before)


def test_music_without_a_sample_is_refused() -> None:
    with pytest.raises(MusicError):
        fit_music(np.zeros((0, 2), np.float32), 60)


def test_nothing_to_hear_is_none_and_music_alone_is_left_as_it_is() -> None:
    assert mix(60, None, []) is None
    music = tone(96_000)
    assert mix(60, music, []) is music


@pytest.mark.parametrize("frame", [0, 7, 29])
def test_a_clips_sound_is_placed_to_the_sample(tmp_path: Path, frame: int) -> None:
    click = np.zeros((30 * 1600, 2), np.float32)
    click[800] = 0.9
    mixed = mix(60, None, [ClipSound(write_wav(tmp_path / "click.wav", click), frame, 30)])
    assert mixed is not None
    assert mixed.shape == (60 * 1600, 2)
    assert int(np.abs(mixed[:, 0]).argmax()) == frame * 1600 + 800
    assert mixed[frame * 1600 + 800] == pytest.approx(0.9, abs=1e-3)


def test_clip_edges_do_not_click(tmp_path: Path) -> None:
    loud = np.full((30 * 1600, 2), 0.5, np.float32)
    mixed = mix(60, None, [ClipSound(write_wav(tmp_path / "dc.wav", loud), 10, 30)])
    assert mixed is not None
    assert np.abs(np.diff(mixed[:, 0])).max() < 0.01
    assert mixed[25 * 1600] == pytest.approx(0.5, abs=1e-3)


def test_overlapping_clips_crossfade_at_equal_power(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    clips = [
        ClipSound(write_wav(tmp_path / f"{n}.wav", (rng.normal(size=(48_000, 2)) * 0.1).astype(np.float32)), start, 30)
        for n, start in enumerate((0, 15))
    ]
    mixed = mix(45, None, clips)
    assert mixed is not None
    levels = [rms(mixed[i : i + 4800]) for i in range(4800, 67_200, 4800)]
    assert min(levels) > 0.09
    assert max(levels) < 0.11


def test_music_gives_way_to_a_clip_and_comes_back(tmp_path: Path) -> None:
    voice = write_wav(tmp_path / "voice.wav", tone(60 * 1600, 440, 0.2))
    music = tone(240 * 1600, 3000, 0.25)
    mixed = mix(240, music, [ClipSound(voice, 90, 60)])
    assert mixed is not None

    def heard(frame: int) -> float:
        part = mixed[frame * 1600 : (frame + 10) * 1600, 0]
        return float(np.abs(np.fft.rfft(part * np.hanning(len(part))))[1000])

    assert heard(110) < 0.55 * heard(10)
    assert heard(225) == pytest.approx(heard(10), rel=0.01)


def test_a_silent_clip_leaves_the_music_at_its_level(tmp_path: Path) -> None:
    silence = write_wav(tmp_path / "silence.wav", np.zeros((60 * 1600, 2), np.float32))
    alone = mix(240, tone(240 * 1600), [ClipSound(silence, 90, 60)])
    assert alone is not None
    assert rms(alone[100 * 1600 : 130 * 1600]) == pytest.approx(rms(alone[: 30 * 1600]), rel=0.01)


def test_sound_of_the_wrong_length_or_place_is_refused_by_name(tmp_path: Path) -> None:
    path = write_wav(tmp_path / "short.wav", tone(30 * 1600 - 1))
    with pytest.raises(RenderError, match=r"short\.wav"):
        mix(60, None, [ClipSound(path, 0, 30)])
    fine = write_wav(tmp_path / "fine.wav", tone(30 * 1600))
    with pytest.raises(RenderError, match="past the film"):
        mix(60, None, [ClipSound(fine, 31, 30)])
