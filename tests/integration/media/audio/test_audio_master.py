"""Loudness, mastering and AAC."""

from __future__ import annotations

import math
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from adreel.domain.errors import RenderError
from adreel.media.audio import aac
from adreel.media.audio.loudness import read_sound
from adreel.media.audio.mix import encode_aac, master, measure_loudness

Samples = npt.NDArray[np.float32]


def tone(seconds: float, level: float) -> Samples:
    wave = level * np.sin(2 * np.pi * 997 * np.arange(int(seconds * 48_000)) / 48_000)
    return np.repeat(wave[:, None], 2, axis=1).astype(np.float32)


def noise(seconds: float, level: float) -> Samples:
    return (np.random.default_rng(5).normal(size=(int(seconds * 48_000), 2)) * level).astype(np.float32)


def test_the_meter_reads_the_reference_tone_of_the_standard() -> None:
    """EBU Tech 3341: a stereo sine of 1 kHz with peaks at -23 dBFS has a loudness of -23 LUFS."""
    heard = measure_loudness(tone(2, 10 ** (-23 / 20)))
    assert heard.integrated == pytest.approx(-23, abs=0.1)
    assert heard.true_peak == pytest.approx(-23, abs=0.2)


def test_the_meter_sees_a_peak_in_the_last_samples() -> None:
    sound = tone(2.05, 0.05)
    sound[-100] = 0.9
    assert measure_loudness(sound).true_peak == pytest.approx(20 * math.log10(0.9), abs=1)


@pytest.mark.parametrize("level", [0.02, 0.3, 1.0])
def test_mastering_reaches_the_target_from_soft_and_loud(level: float) -> None:
    sound = noise(2, level) * np.linspace(0.3, 1, 96_000, dtype=np.float32)[:, None]
    result = master(sound).samples
    heard = measure_loudness(result)
    assert result.shape == sound.shape
    assert heard.integrated == pytest.approx(-14, abs=0.3)
    assert heard.true_peak < -1


def test_mastering_does_not_move_the_sound_in_time() -> None:
    sound = tone(2, 0.02)
    sound[30_000:30_400] += tone(1, 0.9)[:400]
    loudest = int(np.abs(master(sound).samples).max(axis=1).argmax())
    assert 30_000 <= loudest < 30_400


def test_a_click_does_not_bring_up_the_room_around_it() -> None:
    sound = noise(2, 0.001)
    sound[48_000:48_010] = 0.9
    result = master(sound).samples
    assert np.abs(result).max() < 10 ** (-1.9 / 20)
    assert np.sqrt(np.mean(np.square(result[:40_000]))) < 0.007


@pytest.mark.parametrize("level", [0.0, 1e-5, 1e-3])
def test_silence_and_room_noise_are_not_amplified(level: float) -> None:
    sound = noise(2, level)
    assert np.array_equal(master(sound).samples, sound)


def test_a_sound_of_less_than_a_gating_block_is_left_alone() -> None:
    assert measure_loudness(tone(0.1, 0.5)).integrated == -math.inf
    assert measure_loudness(np.zeros((0, 2), np.float32)).integrated == -math.inf
    assert master(tone(0.1, 0.5)).samples.shape == (4800, 2)


@pytest.mark.parametrize("frames", [60, 97])
def test_the_encoded_track_is_as_long_as_the_film_and_starts_with_it(tmp_path: Path, frames: int) -> None:
    path = tmp_path / "sound.m4a"
    sound = noise(frames / 30, 0.01)
    sound[20_000:20_048] += tone(1, 0.7)[:48]
    encode_aac(sound, path)
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        assert stream.codec_context.name == "aac"
        assert stream.profile == "LC"
        assert abs((container.duration or 0) / 1e6 * 48_000 - frames * 1600) < 1024
        assert stream.start_time == 0
    decoded = read_sound(path)[: frames * 1600]
    lags = np.correlate(decoded[19_900:20_200, 0], sound[20_000:20_048, 0], mode="valid")
    assert abs(int(lags.argmax()) - 100) <= 2


def test_peaks_that_aac_adds_are_taken_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hot = master(noise(2, 0.3)).samples * np.float32(10 ** (5.4 / 20))
    monkeypatch.setattr(aac, "_MOST_TRIES", 1)
    with pytest.raises(RenderError, match="does not keep its level"):
        encode_aac(hot, tmp_path / "hot.m4a")
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    encode_aac(hot, tmp_path / "hot.m4a")
    assert measure_loudness(tmp_path / "hot.m4a").true_peak <= -1


def test_only_the_places_of_true_peaks_are_lowered(tmp_path: Path) -> None:
    sound = tone(2, 0.8)
    # A quarter of the sampling rate, an eighth off in phase: samples of 0.78 that reach 1.1 between them.
    burst = slice(48_000, 49_000)
    sound[burst] = (1.1 * np.sin(np.pi / 2 * np.arange(1000) + np.pi / 4))[:, None]
    heard = encode_aac(sound, tmp_path / "burst.m4a")
    decoded = read_sound(tmp_path / "burst.m4a")
    assert heard.true_peak <= -1
    assert np.abs(decoded[10_000:40_000]).max() == pytest.approx(0.8, abs=0.02)


def test_noise_does_not_lose_its_loudness_in_aac(tmp_path: Path) -> None:
    encode_aac(master(noise(2, 0.2)).samples, tmp_path / "noise.m4a")
    assert measure_loudness(tmp_path / "noise.m4a").integrated == pytest.approx(-14, abs=0.6)


def test_silence_encodes_and_reads_as_silence(tmp_path: Path) -> None:
    encode_aac(np.zeros((96_000, 2), np.float32), tmp_path / "silence.m4a")
    assert measure_loudness(tmp_path / "silence.m4a").integrated == -math.inf


def test_the_same_sound_makes_the_same_file(tmp_path: Path) -> None:
    for name in ("a.m4a", "b.m4a"):
        encode_aac(tone(2, 0.2), tmp_path / name)
    assert (tmp_path / "a.m4a").read_bytes() == (tmp_path / "b.m4a").read_bytes()
    assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_that_is_not_there_and_a_file_that_is_no_film_are_named(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"gone.x\.m4a"):
        encode_aac(tone(2, 0.2), tmp_path / "gone" / "x.m4a")
    (tmp_path / "text.mp4").write_text("no film")
    with pytest.raises(RenderError, match=r"text\.mp4"):
        measure_loudness(tmp_path / "text.mp4")
