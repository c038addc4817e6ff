"""TinySoundFont, a small C library that is shipped compiled: plays a soundfont, one sample-accurate stretch after another."""

from __future__ import annotations

import ctypes
import platform
import sys
from functools import cache
from importlib.resources import as_file, files
from weakref import finalize

import numpy as np
import numpy.typing as npt

from adreel.domain.errors import SetupError

Samples = npt.NDArray[np.float32]

LIBRARIES = {
    ("linux", "x86_64"): "linux-x86_64.so",
    ("linux", "aarch64"): "linux-aarch64.so",
    ("darwin", "arm64"): "macos-arm64.dylib",
}
"""(sys.platform, platform.machine()): the file in `assets/synthesizer/`. `scripts/build_synthesizer.py` compiles them."""

CHANNELS = 16
_MAX_VOICES = 256
_STEREO_INTERLEAVED = 0
_PAN, _ALL_SOUND_OFF = 10, 120
"""MIDI controllers."""

_INT, _FLOAT, _POINTER = ctypes.c_int, ctypes.c_float, ctypes.c_void_p
_FUNCTIONS = {
    "tsf_load_memory": (_POINTER, (ctypes.c_char_p, _INT)),
    "tsf_close": (None, (_POINTER,)),
    "tsf_set_output": (None, (_POINTER, _INT, _INT, _FLOAT)),
    "tsf_set_max_voices": (_INT, (_POINTER, _INT)),
    "tsf_channel_set_presetnumber": (_INT, (_POINTER, _INT, _INT, _INT)),
    "tsf_channel_set_tuning": (_INT, (_POINTER, _INT, _FLOAT)),
    "tsf_channel_note_on": (_INT, (_POINTER, _INT, _INT, _FLOAT)),
    "tsf_channel_note_off": (None, (_POINTER, _INT, _INT)),
    "tsf_channel_midi_control": (_INT, (_POINTER, _INT, _INT, _INT)),
    "tsf_render_float": (None, (_POINTER, ctypes.POINTER(_FLOAT), _INT, _INT)),
}
"""The functions that are called: what they return, what they are given."""


class Synthesizer:
    """A soundfont with 16 channels. Not for several threads at once.

    Raises SetupError when there is no library for this machine, or the soundfont cannot be read.
    """

    def __init__(self, soundfont: bytes, sample_rate: int, gain_db: float) -> None:
        self._library = _library(sys.platform, platform.machine())
        self._synth = self._library.tsf_load_memory(soundfont, len(soundfont))
        if not self._synth:
            raise SetupError("the soundfont in the package cannot be read; install adreel again")
        finalize(self, self._library.tsf_close, self._synth)
        self._library.tsf_set_output(self._synth, _STEREO_INTERLEAVED, sample_rate, gain_db)
        self._done(self._library.tsf_set_max_voices(self._synth, _MAX_VOICES), "voices")

    def program(self, channel: int, number: int, *, drums: bool) -> None:
        """Raises SetupError when the soundfont does not have the instrument."""
        done = self._library.tsf_channel_set_presetnumber(self._synth, channel, number, int(drums))
        self._done(done, f"instrument {number}")

    def tune(self, channel: int, semitones: float) -> None:
        self._done(self._library.tsf_channel_set_tuning(self._synth, channel, semitones), "tuning")

    def pan(self, channel: int, position: float) -> None:
        """`position` from -1 (left) to 1 (right)."""
        self._control(channel, _PAN, round(64 + 63 * position))

    def note_on(self, channel: int, pitch: int, velocity: int) -> None:
        """`pitch` and `velocity` as MIDI has them, 0 to 127."""
        self._done(self._library.tsf_channel_note_on(self._synth, channel, pitch, velocity / 127), f"note {pitch}")

    def note_off(self, channel: int, pitch: int) -> None:
        self._library.tsf_channel_note_off(self._synth, channel, pitch)

    def stop(self) -> None:
        """Ends all sounds of all channels; what follows still has a short release."""
        for channel in range(CHANNELS):
            self._control(channel, _ALL_SOUND_OFF, 0)

    def render(self, target: Samples) -> None:
        """Writes the next ``len(target)`` samples into `target`, (samples, 2) and contiguous."""
        if not target.flags.c_contiguous or target.dtype != np.float32 or target.shape[1:] != (2,):
            raise ValueError(
                f"rendered into {target.dtype} of {target.shape}, not into contiguous float32 of (samples, 2)"
            )
        pointer = target.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
        self._library.tsf_render_float(self._synth, pointer, len(target), 0)

    def _control(self, channel: int, controller: int, value: int) -> None:
        done = self._library.tsf_channel_midi_control(self._synth, channel, controller, value)
        self._done(done, f"controller {controller}")

    @staticmethod
    def _done(done: int, what: str) -> None:
        """Raises SetupError for the answer 0: memory is lacking, or the soundfont has no such preset."""
        if not done:
            raise SetupError(f"the synthesizer could not set {what}; close other programs, or install adreel again")


@cache
def _library(system: str, machine: str) -> ctypes.CDLL:
    """Loaded once per process. Raises SetupError."""
    name = LIBRARIES.get((system, machine))
    if name is None:
        known = ", ".join(sorted(" ".join(pair) for pair in LIBRARIES))
        raise SetupError(f"music cannot be composed on {system} {machine}, only on {known}; use a music file, or none")
    try:
        with as_file(files("adreel.assets") / "synthesizer" / name) as path:
            library = ctypes.CDLL(str(path))
    except OSError as error:
        raise SetupError(f"the synthesizer {name} cannot be loaded ({error}); use a music file, or none") from error
    for function, (result, arguments) in _FUNCTIONS.items():
        entry = getattr(library, function)
        entry.restype, entry.argtypes = result, arguments
    return library
