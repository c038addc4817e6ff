"""Measures the sound of a film: loudness and true peak (ITU-R BS.1770), silence, an abrupt end."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from adreel.domain.errors import ClipError, ToolError
from adreel.media.ffmpeg.process import Limits, run
from adreel.placements.commands import ENVELOPE_RATE, sound_args
from adreel.placements.streams import FilmFacts

_GATE = -70.0
"""LUFS; the absolute gate of BS.1770: nothing louder was measured."""
_SILENT_PEAK = -50.0
"""dBTP below which a track holds no sound that anyone hears."""
_BLOCK = ENVELOPE_RATE // 50
"""20 ms."""
_ENDING = 3
"""Blocks of the ending: the last one may be the padding of an AAC frame."""
_ABRUPT_DB = -35.0
_ABRUPT_BELOW = 15.0
"""An ending above -35 dBFS that is less than 15 dB below the level of the film was cut off: a fade ends lower."""
_SECONDS_PER_SECOND = 5.0

_LOUDNESS = re.compile(r"^\s*I:\s*(-?[\d.]+|-inf|nan) LUFS", re.MULTILINE)
_PEAK = re.compile(r"^\s*Peak:\s*(-?[\d.]+|-inf|nan) dBFS", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class SoundLevels:
    """`loudness` in LUFS and `true_peak` in dBTP, minus infinity for silence."""

    loudness: float
    true_peak: float
    silent: bool
    abrupt: bool


def measure_sound(ffmpeg: Path, path: Path, facts: FilmFacts, index: int) -> SoundLevels:
    """Decodes the stream `index` once, in a process with limits. Raises ClipError for sound that does not decode."""
    data = bytearray()
    limits = Limits(seconds=60 + _SECONDS_PER_SECOND * facts.seconds)
    try:
        output = run(sound_args(ffmpeg, path, facts, index), limits=limits, on_output=data.extend)
    except ToolError as error:
        raise ClipError(f"the sound of {path} does not decode ({error}); export it again") from error
    loudness, peak = _figure(_LOUDNESS, output.stderr), _figure(_PEAK, output.stderr)
    return SoundLevels(
        loudness=loudness if loudness > _GATE else -math.inf,
        true_peak=peak,
        silent=peak < _SILENT_PEAK,
        abrupt=ends_abruptly(np.frombuffer(bytes(data), "<i2").astype(np.float64) / 32768),
    )


def _figure(pattern: re.Pattern[str], log: str) -> float:
    found = pattern.findall(log)
    return float(found[-1]) if found and found[-1] not in ("-inf", "nan") else -math.inf


def ends_abruptly(sound: np.ndarray) -> bool:
    """Whether mono sound at 8 kHz is still loud when it ends."""
    blocks = len(sound) // _BLOCK
    if blocks <= _ENDING:
        return False
    power = np.mean(np.square(sound[len(sound) - blocks * _BLOCK :].reshape(blocks, _BLOCK)), axis=1)
    ending, whole = _decibels(float(power[-_ENDING:].max())), _decibels(float(power.mean()))
    return ending > _ABRUPT_DB and ending > whole - _ABRUPT_BELOW


def _decibels(power: float) -> float:
    return 10 * math.log10(power + 1e-12)
