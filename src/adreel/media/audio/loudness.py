"""Loudness measurement by EBU R 128 / ITU-R BS.1770 and mastering, with FFmpeg's ``ebur128`` and ``alimiter``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from av.error import FFmpegError

from adreel.domain.errors import RenderError
from adreel.domain.films.formats import SAMPLE_RATE
from adreel.domain.machine_faults import fault_or
from adreel.media.audio.samples import Samples, filtered, to_samples

TARGET_LUFS = -14.0
"""Playback loudness of the large video platforms."""

TRUE_PEAK_LIMIT = -1.0
"""dBTP, in the finished film (EBU R 128, section on the maximum permitted true peak)."""

NEAR_SILENCE = -50.0
"""LUFS below which sound is room noise and is left unchanged."""

_CEILING = -2.8
"""dBFS for the limiter: headroom for inter-sample peaks and for those that AAC adds, about a decibel each in dense music.
At -2.2 such music had to be encoded two or three times."""
_LIMITER = f"limit={10 ** (_CEILING / 20):.4f}:level=false:latency=true:attack=4:release=80"
_MOST_LIMITING = 15.0
_CLOSE_ENOUGH = 0.1
_MOST_ROUNDS = 6
_YIELD = 0.8
"""Decibels of loudness gained per decibel of gain on dense, limited sound."""
_REPORT = SAMPLE_RATE // 10
_GATE = -70.0
"""LUFS; the absolute gate of BS.1770, below which ``ebur128`` ignores sound."""


@dataclass(frozen=True, slots=True)
class Loudness:
    """``integrated`` in LUFS, ``true_peak`` in dBTP; minus infinity for silence."""

    integrated: float
    true_peak: float


@dataclass(frozen=True, slots=True)
class Mastered:
    """Mastered sound and its integrated loudness in LUFS, minus infinity for silence."""

    samples: Samples
    integrated: float


def measure_loudness(sound: Path | Samples) -> Loudness:
    """Integrated loudness and true peak of samples, or of the sound of an MP4 file made by adreel.

    Sound shorter than one gating block of 400 ms has no integrated loudness (minus infinity). Raises RenderError when a
    file has no sound or does not decode.
    """
    facts = _facts(read_sound(sound) if isinstance(sound, Path) else sound, "peak=true:metadata=true")
    peak = float(facts.get("lavfi.r128.true_peak", 0.0))
    return Loudness(_integrated(facts), 20 * math.log10(peak) if peak > 0 else -math.inf)


def integrated_loudness(samples: Samples) -> float:
    """Only the integrated loudness of `measure_loudness`, at a third of the cost: true peaks need fourfold oversampling."""
    return _integrated(_facts(samples, "metadata=true"))


def _facts(samples: Samples, options: str) -> Mapping[str, str]:
    if not len(samples):
        return {}
    # The filter reports only at the end of each whole tenth of a second.
    missing = -len(samples) % _REPORT
    whole = np.pad(samples, ((0, missing), (0, 0))) if missing else samples
    return filtered(whole, ("ebur128", options))[-1].metadata


def _integrated(facts: Mapping[str, str]) -> float:
    integrated = float(facts.get("lavfi.r128.I", _GATE))
    return -math.inf if integrated <= _GATE or math.isnan(integrated) else integrated


def read_sound(path: Path) -> Samples:
    """The decoded sound of an MP4 file made by adreel. Raises RenderError."""
    try:
        with av.open(str(path), format="mov", options={"protocol_whitelist": "file"}) as container:
            if not container.streams.audio:
                raise RenderError(f"{path} has no sound")
            return to_samples(container.decode(container.streams.audio[0]))
    except (FFmpegError, OSError) as error:
        raise fault_or(error, None, RenderError(f"the sound of {path} does not decode: {error}")) from error


def master(samples: Samples) -> Mastered:
    """Masters sound to -14 LUFS with peaks below -2 dBFS. Returns silence and room noise unchanged.

    Limits peaks by 15 dB at most: a few clicks in a quiet room stay quieter than the target, because more gain would raise the
    noise between them.
    """
    before = integrated_loudness(samples)
    if before < NEAR_SILENCE:
        return Mastered(samples, before)
    largest_gain = _CEILING - _peak(samples) + _MOST_LIMITING
    gain, mastered = min(TARGET_LUFS - before, largest_gain), Mastered(samples, before)
    for _ in range(_MOST_ROUNDS):
        louder = _limited(samples * np.float32(10 ** (gain / 20)))
        mastered = Mastered(louder, integrated_loudness(louder))
        missing = TARGET_LUFS - mastered.integrated
        # The limiter removed the difference, and will remove a part of the next step too.
        step = min(missing / _YIELD, largest_gain - gain)
        if abs(missing) <= _CLOSE_ENOUGH or step == 0:
            break
        gain += step
    return mastered


def _peak(samples: Samples) -> float:
    """The highest sample in dBFS, as the limiter measures it."""
    return 20 * math.log10(max(float(samples.max()), -float(samples.min()), 1e-9))


def _limited(samples: Samples) -> Samples:
    limited = to_samples(filtered(samples, ("alimiter", _LIMITER)))
    if len(limited) != len(samples):
        raise RenderError(f"the limiter returned {len(limited)} samples for {len(samples)}")
    return limited
