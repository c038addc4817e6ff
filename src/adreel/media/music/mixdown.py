"""Mixing: levels, pan, sidechain ducking by the kick, reverb, final fade. All sound is (n, 2) float32 at 48 kHz."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from adreel.domain.films.formats import SAMPLE_RATE

Samples = npt.NDArray[np.float32]

PEAK = 0.97
_ACTIVE_BLOCK = SAMPLE_RATE // 20
_ACTIVE_RANGE = 0.001
"""Blocks down to 30 dB under the loudest count as playing."""
_DUCK_RECOVERY = 0.11
_DUCK_ATTACK = SAMPLE_RATE // 200
_ROOM_BLOCK = 1 << 16
_ROOM_LEVEL = 0.5
_FADE_FROM = 0.5
"""Fraction of the ring after which the final fade begins."""
_KNEE = 0.7
_BEFORE = 0.8
"""Gain before the accent: two decibels less, which is hardly heard as a change and clearly as an arrival."""
_RISE = SAMPLE_RATE // 50


def amplitude(decibels: float) -> float:
    return 10.0 ** (decibels / 20.0)


def mono(sound: Samples) -> npt.NDArray[np.float32]:
    return (sound[:, 0] + sound[:, 1]) * np.float32(0.5)


def levelled(sound: Samples, level: float) -> Samples:
    """Scales to ``level`` dBFS RMS, measured where the layer plays. Silence stays silent."""
    whole = sound[: len(sound) // _ACTIVE_BLOCK * _ACTIVE_BLOCK]
    power = np.mean(np.square(whole).reshape(-1, _ACTIVE_BLOCK * 2), axis=1)
    loudest = float(power.max(initial=0.0))
    if loudest < 1e-12:
        return sound
    rms = float(np.sqrt(np.mean(power[power > loudest * _ACTIVE_RANGE])))
    return sound * np.float32(amplitude(level) / rms)


def panned(sound: Samples, pan: float) -> Samples:
    """Pans at constant power: ``pan`` -1 is left, 1 is right, 0 changes nothing."""
    angle = (pan + 1) * np.pi / 4
    return sound * (np.sqrt(2) * np.array([np.cos(angle), np.sin(angle)])).astype(np.float32)


def push(kicks: list[int], samples: int) -> npt.NDArray[np.float32]:
    """Sidechain envelope at each sample, 0-1: instant attack at each kick, release within a beat."""
    recovery = np.exp(-np.arange(SAMPLE_RATE // 2) / (_DUCK_RECOVERY * SAMPLE_RATE))
    shape = np.concatenate([np.linspace(0, 1, _DUCK_ATTACK, endpoint=False), recovery]).astype(np.float32)
    pushed = np.zeros(samples + len(shape), np.float32)
    for kick in kicks:
        start = max(0, kick - _DUCK_ATTACK)
        np.maximum(pushed[start : start + len(shape)], shape, out=pushed[start : start + len(shape)])
    return pushed[:samples]


def thumps(kicks: list[tuple[int, int]], samples: int, level: float) -> npt.NDArray[np.float32]:
    """A falling sine under each kick adds the weight that the kit's short sample lacks. ``kicks``: (sample, velocity).

    ``level`` is the peak of a kick at full velocity, dBFS.
    """
    t = np.arange(int(0.32 * SAMPLE_RATE)) / SAMPLE_RATE
    phase = 2 * np.pi * (47 * t + 85 * 0.028 * (1 - np.exp(-t / 0.028)))
    shape = (np.sin(phase) * np.exp(-t / 0.085) * np.minimum(1, t / 0.002)).astype(np.float32)
    track = np.zeros(samples + len(shape), np.float32)
    for sample, velocity in kicks:
        track[sample : sample + len(shape)] += shape * np.float32(amplitude(level) * velocity / 127)
    return track[:samples]


def room(send: npt.NDArray[np.float32], seconds: float, rng: np.random.Generator) -> Samples:
    """Stereo reverb of a mono send: convolution with decaying noise, dark and without bass."""
    response = _response(seconds, rng)
    size = 2 * _ROOM_BLOCK
    spectrum = np.fft.rfft(response, size, axis=0)
    blocks = -(-len(send) // _ROOM_BLOCK)
    wet = np.zeros(((blocks + 1) * _ROOM_BLOCK, 2), np.float32)
    for number in range(blocks):
        start = number * _ROOM_BLOCK
        block = np.fft.rfft(send[start : start + _ROOM_BLOCK], size)[:, None]
        wet[start : start + size] += np.fft.irfft(block * spectrum, size, axis=0).astype(np.float32)
    return wet[: len(send)] * np.float32(_ROOM_LEVEL)


def _response(seconds: float, rng: np.random.Generator) -> Samples:
    """Noise that falls by 60 dB in ``seconds``, 12 ms after the sound, band-limited to 250-5000 Hz, of unit energy."""
    length = min(int(seconds * SAMPLE_RATE), _ROOM_BLOCK)
    t = np.arange(length) / SAMPLE_RATE
    noise = rng.normal(size=(length, 2)) * np.exp(-6.9 * t / seconds)[:, None]
    frequency = np.fft.rfftfreq(length, 1 / SAMPLE_RATE)[:, None]
    tilt = 1 / (1 + (frequency / 5000) ** 2) * (frequency**2 / (frequency**2 + 250**2))
    shaped = np.fft.irfft(np.fft.rfft(noise, axis=0) * tilt, length, axis=0)
    shaped /= np.sqrt(np.sum(shaped**2, axis=0))
    delay = int(0.012 * SAMPLE_RATE)
    return np.concatenate([np.zeros((delay, 2)), shaped])[:_ROOM_BLOCK].astype(np.float32)


def rounded(sound: Samples, ceiling: float) -> Samples:
    """Soft-clips peaks at ``ceiling`` dBFS."""
    top = np.float32(amplitude(ceiling))
    return _soft(sound / top) * top


def brightened(sound: Samples, amount: float) -> Samples:
    """Boosts frequencies above about 2.5 kHz by the factor 1 + ``amount``: the soundfont's samples are dull."""
    kernel = np.hanning(21)[1:-1].astype(np.float32)
    kernel /= kernel.sum()
    dull = np.stack([np.convolve(sound[:, side], kernel, mode="same") for side in (0, 1)], axis=1)
    return (sound + np.float32(amount) * (sound - dull)).astype(np.float32)


def widened(sound: Samples, amount: float) -> Samples:
    """Scales the stereo difference by ``amount``; the sum, which a mono speaker plays, does not change."""
    middle = mono(sound)[:, None]
    return (middle + np.float32(amount) * (sound - middle)).astype(np.float32)


def swelled(mix: Samples, accent: int) -> Samples:
    """Lowers everything before sample ``accent``, so that nothing is louder than what begins there."""
    rise = min(_RISE, accent)
    gain = np.full(len(mix), 1.0, np.float32)
    gain[: accent - rise] = _BEFORE
    gain[accent - rise : accent] = np.linspace(_BEFORE, 1.0, rise, dtype=np.float32)
    return mix * gain[:, None]


def finished(mix: Samples, ring: int) -> Samples:
    """Scales loud peaks to the knee, soft-clips those above it, fades out the last ``ring`` samples to zero."""
    loud = float(np.quantile(np.abs(mix), 0.998)) or 1.0
    result = _soft(mix * np.float32(_KNEE / loud)) * np.float32(PEAK)
    fade = int(ring * (1 - _FADE_FROM))
    result[len(result) - fade :] *= np.cos(np.linspace(0, np.pi / 2, fade, dtype=np.float32))[:, None] ** 2
    result[-1] = 0.0
    return result


def _soft(sound: Samples) -> Samples:
    """Leaves values below the knee unchanged and compresses those above it towards 1."""
    size = np.abs(sound)
    bent = _KNEE + (1 - _KNEE) * np.tanh((size - _KNEE) / (1 - _KNEE))
    return np.where(size <= _KNEE, sound, np.sign(sound) * bent).astype(np.float32)
