"""Sound from what the voice model predicts for each 12.5 ms: a spectrum in parts, and the pitch.

The spectrum of a frame is the sum of three parts: the harmonics of the pitch, filtered; noise, shaped; and a part with phases of
its own. It is predicted up to 12 kHz; the frames are as long at 48 kHz, the rate of adreel's sound, with nothing above.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from adreel.domain.films.formats import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]
    Spectrum = npt.NDArray[np.complex64]

MODEL_RATE = 24_000
_SIZE, _HOP = 1200, 300
_UP = SAMPLE_RATE // MODEL_RATE
FRAME = _HOP * _UP
"""Samples of one frame at 48 kHz."""
_VOICED = 40.0
"""Hz of pitch above which a frame is voiced."""
_HIGHEST = 11_000.0
"""Hz of the highest harmonic."""
_LOUDEST = np.float32(7.0)
"""Largest logarithm of a magnitude."""


@dataclass(frozen=True, slots=True)
class Predicted:
    """What the model gives: five arrays of (601 frequencies, frames) and the pitch in Hz of each frame."""

    harmonic: Floats
    turn: Floats
    noise: Floats
    free: Floats
    phase: Floats
    pitch: Floats


def synthesize(predicted: Predicted, seed: int) -> Floats:
    """The sound at 48 kHz, one channel. The same seed gives the same noise."""
    spectrum = _harmonics(predicted.pitch)
    spectrum *= _polar(predicted.harmonic, np.float32(np.pi) * np.tanh(predicted.turn))
    spectrum += _noise(predicted.noise, seed)
    spectrum += _polar(predicted.free, predicted.phase)
    # The highest frequency of the model's rate would be counted twice at the higher one.
    spectrum[-1] = 0
    return _overlapped(spectrum)


def _polar(logarithm: Floats, angle: Floats) -> Spectrum:
    size = np.exp(np.minimum(logarithm, _LOUDEST))
    return (size * np.cos(angle) + 1j * (size * np.sin(angle))).astype(np.complex64)


def _noise(logarithm: Floats, seed: int) -> Spectrum:
    pairs = np.random.default_rng(seed).standard_normal((*logarithm.shape, 2), dtype=np.float32)
    return (pairs.view(np.complex64)[:, :, 0] * np.exp(np.minimum(logarithm, _LOUDEST))).astype(np.complex64)


def _harmonics(pitch: Floats) -> Spectrum:
    """The spectra (frequencies, frames) of a train of pulses with this pitch."""
    pulses = _pulses(_pitch_of_samples(pitch))
    around = np.pad(pulses, _SIZE // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(around, _SIZE)[::_HOP][: len(pitch)]
    # A cosine of height 1 gets the magnitude 1.
    return np.fft.rfft(frames * (_window(_SIZE) * np.float32(4 / _SIZE)), axis=1).T.astype(np.complex64)


def _pitch_of_samples(pitch: Floats) -> Floats:
    centres = (np.arange(len(pitch)) + 0.5) * _HOP
    return np.interp(np.arange(len(pitch) * _HOP) + 0.5, centres, pitch).astype(np.float32)


def _pulses(pitch: Floats) -> Floats:
    """All harmonics up to the highest with height 1: the sum of cosines in closed form (Dirichlet kernel); 0 where unvoiced."""
    voiced = pitch > _VOICED
    hertz = np.maximum(pitch, _VOICED)
    turns = np.cumsum(hertz, dtype=np.float64) / MODEL_RATE
    angle = ((turns % 1.0) * 2 * np.pi).astype(np.float32)
    order = np.floor(_HIGHEST / hertz) + np.float32(0.5)
    below = 2 * np.sin(angle / 2)
    at_pulse = np.abs(below) <= 2e-3
    kernel = np.where(at_pulse, order, np.sin(order * angle) / np.where(at_pulse, 1, below)) - np.float32(0.5)
    return np.where(voiced, kernel, 0).astype(np.float32)


@cache
def _window(size: int) -> Floats:
    """Periodic Hann."""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)).astype(np.float32)


def _overlapped(spectrum: Spectrum) -> Floats:
    """The inverse short-time transform at 48 kHz: windowed frames added up, divided by the sum of squared windows."""
    size, frames = _SIZE * _UP, spectrum.shape[1]
    pieces = np.fft.irfft(spectrum.T, size, axis=1).astype(np.float32) * (_window(size) * np.float32(_UP))
    steps = size // FRAME
    sound = np.zeros((frames + steps - 1, FRAME), np.float32)
    weight = np.zeros_like(sound)
    square = np.square(_window(size)).reshape(steps, FRAME)
    for step in range(steps):
        sound[step : step + frames] += pieces.reshape(frames, steps, FRAME)[:, step]
        weight[step : step + frames] += square[step]
    whole = (sound / np.maximum(weight, np.float32(1e-11))).reshape(-1)
    return whole[size // 2 : size // 2 + frames * FRAME].astype(np.float32, copy=False)
