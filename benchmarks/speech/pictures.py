"""Spectrograms and level curves as pictures, to be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from adreel.domain.films.formats import SAMPLE_RATE
from adreel.domain.films.narration import TimedText

Floats = npt.NDArray[np.float32]
Picture = npt.NDArray[np.uint8]

_WIDTH, _HIGH, _LOW = 1000, 260, 120
_HIGHEST = 14_000
_WHITE, _BLUE, _ORANGE = (255, 255, 255), (255, 170, 80), (60, 150, 255)


def spectrogram(samples: Floats, words: Sequence[TimedText], path: Path) -> None:
    """The spectrum up to 14 kHz over time, 80 dB deep, with the words; below it the level, 60 dB."""
    size, hop = 2048, 480
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(samples, size // 2), size)[::hop] * np.hanning(size)
    power = 20 * np.log10(np.abs(np.fft.rfft(windows, axis=1)) + 1e-6)
    bins = int(_HIGHEST * size / SAMPLE_RATE)
    shades = np.clip((power[:, :bins].T[::-1] - power.max() + 80) / 80 * 255, 0, 255).astype(np.uint8)
    top = cv2.applyColorMap(cv2.resize(shades, (_WIDTH, _HIGH), interpolation=cv2.INTER_AREA), cv2.COLORMAP_INFERNO)
    picture = np.vstack([np.asarray(top, np.uint8), _curve([(samples, _WHITE)], -60)])
    for number, word in enumerate(words):
        x = round(word.start * SAMPLE_RATE / len(samples) * _WIDTH)
        cv2.line(picture, (x, 0), (x, _HIGH + _LOW), (90, 90, 90), 1)
        cv2.putText(picture, word.text, (x + 2, 12 + 12 * (number % 3)), cv2.FONT_HERSHEY_SIMPLEX, 0.38, _WHITE, 1)
    cv2.imwrite(str(path), picture)


def level_curves(finished: Floats, speech: Floats, name: str, path: Path) -> None:
    """The level of a film's sound (blue) and of the speech in it (orange), 60 dB."""
    picture = _curve([(finished.mean(axis=1), _BLUE), (speech.mean(axis=1), _ORANGE)], -60)
    cv2.putText(picture, name, (4, 12), cv2.FONT_HERSHEY_SIMPLEX, 0.4, _WHITE, 1)
    cv2.imwrite(str(path), picture)


def _curve(sounds: Sequence[tuple[Floats, tuple[int, int, int]]], lowest: float) -> Picture:
    picture = np.full((_LOW, _WIDTH, 3), 20, np.uint8)
    for samples, color in sounds:
        block = max(1, len(samples) // _WIDTH)
        whole = samples[: len(samples) // block * block].reshape(-1, block)
        level = 20 * np.log10(np.sqrt(np.square(whole).mean(axis=1)) + 1e-6)
        y = np.clip(level / lowest * _LOW, 0, _LOW - 1)
        x = np.linspace(0, _WIDTH - 1, len(y))
        cv2.polylines(picture, [np.stack([x, y], axis=1).astype(np.int32)], isClosed=False, color=color)
    return picture
