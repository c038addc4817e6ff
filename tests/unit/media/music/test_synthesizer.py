"""The compiled synthesizer plays what it is asked for, the same way each time, and refuses what it cannot."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pytest

from adreel.domain.errors import SetupError
from adreel.media.music import synthesizer
from adreel.media.music.synthesizer import Samples, Synthesizer

RATE = 48_000
FONT = (files("adreel.assets") / "soundfont/sonivox.sf2").read_bytes()
PIANO, STRINGS, FLUTE = 0, 48, 73


def played(
    pitch: int, *, pan: float = 0.0, semitones: float = 0.0, velocity: int = 100, number: int = PIANO
) -> Samples:
    """Half a second of one note."""
    synth = Synthesizer(FONT, RATE, -12.0)
    synth.program(0, number, drums=False)
    synth.pan(0, pan)
    synth.tune(0, semitones)
    synth.note_on(0, pitch, velocity)
    return rendered(synth, RATE // 2)


def rendered(synth: Synthesizer, samples: int) -> Samples:
    sound = np.zeros((samples, 2), np.float32)
    synth.render(sound)
    return sound


def pitch_hz(sound: Samples) -> float:
    spectrum = np.abs(np.fft.rfft(sound.sum(axis=1) * np.hanning(len(sound))))
    return float(np.argmax(spectrum)) * RATE / len(sound)


@pytest.mark.parametrize(("pitch", "hz"), [(69, 440.0), (57, 220.0), (81, 880.0)])
def test_a_note_has_its_pitch(pitch: int, hz: float) -> None:
    assert pitch_hz(played(pitch, number=FLUTE)) == pytest.approx(hz, rel=0.01)


def test_tuning_raises_the_pitch_by_semitones() -> None:
    assert pitch_hz(played(69, semitones=12, number=FLUTE)) == pytest.approx(880, rel=0.01)


def test_velocity_and_pan_decide_how_loud_each_side_is() -> None:
    loud, soft = played(60), played(60, velocity=30)
    assert np.abs(loud).max() > 2 * np.abs(soft).max() > 0
    left = np.abs(played(60, pan=-1.0)).max(axis=0)
    right = np.abs(played(60, pan=1.0)).max(axis=0)
    assert left[0] > 8 * left[1]
    assert right[1] > 8 * right[0]


def test_the_same_notes_give_the_same_bits() -> None:
    assert played(64).tobytes() == played(64).tobytes()


def test_rendering_in_pieces_gives_the_same_bits_as_at_once() -> None:
    synth = Synthesizer(FONT, RATE, -12.0)
    synth.program(0, PIANO, drums=False)
    synth.pan(0, 0.0)
    synth.note_on(0, 60, 100)
    # The envelope moves in steps of 64 samples.
    pieces = np.concatenate([rendered(synth, 6_400), rendered(synth, 17_600)])
    assert np.array_equal(pieces, played(60))


def test_nothing_sounds_after_the_note_is_off_or_all_is_stopped() -> None:
    synth = Synthesizer(FONT, RATE, -12.0)
    synth.program(0, STRINGS, drums=False)
    synth.note_on(0, 60, 100)
    assert np.abs(rendered(synth, RATE // 4)).max() > 0.001
    synth.stop()
    rendered(synth, RATE // 10)
    assert np.abs(rendered(synth, RATE // 4)).max() == 0


def test_a_soundfont_that_is_none_is_refused() -> None:
    with pytest.raises(SetupError, match="soundfont"):
        Synthesizer(b"not a soundfont", RATE, 0.0)


def test_a_target_of_another_shape_is_refused() -> None:
    synth = Synthesizer(FONT, RATE, 0.0)
    for target in (np.zeros((10, 2), np.float64), np.zeros((10, 1), np.float32), np.zeros((2, 10), np.float32).T):
        with pytest.raises(ValueError, match="contiguous float32"):
            synth.render(target)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize("machine", [("linux", "riscv64"), ("win32", "AMD64")])
def test_a_machine_without_a_library_is_named(machine: tuple[str, str]) -> None:
    with pytest.raises(SetupError, match=f"{machine[0]} {machine[1]}.*linux x86_64"):
        synthesizer._library(*machine)
    synthesizer._library.cache_clear()


def test_every_library_is_in_the_package() -> None:
    folder = files("adreel.assets") / "synthesizer"
    assert all((folder / name).is_file() for name in synthesizer.LIBRARIES.values())
