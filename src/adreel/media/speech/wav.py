"""Spoken sound as a WAV file."""

from __future__ import annotations

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
    whole = np.clip(np.rint(samples * _PEAK), -_PEAK, _PEAK).astype("<i2")
    try:
        with path.open("wb") as file, wave.open(file, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(2)
            sound.setframerate(SAMPLE_RATE)
            sound.writeframes(whole.tobytes())
    except OSError as error:
        raise fault_or(error, path.parent, StorageError(f"{path} cannot be written: {error.strerror}")) from error


def read_wav(path: Path) -> npt.NDArray[np.float32]:
    """The samples of a file that `write_wav` wrote. Raises StorageError."""
    try:
        with path.open("rb") as file, wave.open(file, "rb") as sound:
            whole = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
    except (OSError, EOFError, wave.Error) as error:
        raise StorageError(f"the spoken line {path} cannot be read: {error}; remove the file and try again") from error
    return whole.astype(np.float32) / np.float32(_PEAK)
