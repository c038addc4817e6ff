"""Spoken sound as WAV: written to a file, as bytes, and read back."""

from __future__ import annotations

import io
import wave
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from adreel.domain.errors import StorageError
from adreel.domain.films.formats import SAMPLE_RATE
from adreel.domain.machine_faults import fault_or

if TYPE_CHECKING:
    import numpy.typing as npt

_PEAK = 32767


def write_wav(path: Path, samples: npt.NDArray[np.float32]) -> None:
    """Writes one channel of samples from -1 to 1 as 16-bit WAV at 48 kHz. Raises StorageError, MachineError for a full disk."""
    try:
        path.write_bytes(wav_bytes(samples))
    except OSError as error:
        raise fault_or(error, path.parent, StorageError(f"{path} cannot be written: {error.strerror}")) from error


def wav_bytes(samples: npt.NDArray[np.float32]) -> bytes:
    """One channel of samples from -1 to 1 as 16-bit WAV at 48 kHz."""
    whole, written = np.clip(np.rint(samples * _PEAK), -_PEAK, _PEAK).astype("<i2"), io.BytesIO()
    with wave.open(written, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE)
        sound.writeframes(whole.tobytes())
    return written.getvalue()


def read_wav(path: Path) -> npt.NDArray[np.float32]:
    """The samples, from -1 to 1, of a file that `write_wav` wrote. Raises StorageError for another one."""
    try:
        with path.open("rb") as file, wave.open(file, "rb") as sound:
            form = (sound.getframerate(), sound.getnchannels(), sound.getsampwidth())
            coded = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
    except (wave.Error, EOFError, OSError, ValueError) as error:
        raise StorageError(f"the spoken line {path} cannot be read: {error}; remove the file and try again") from error
    if form != (SAMPLE_RATE, 1, 2):
        raise StorageError(f"the spoken line {path} is not 16-bit sound of one channel at {SAMPLE_RATE} Hz")
    return np.divide(coded, _PEAK, dtype=np.float32)
