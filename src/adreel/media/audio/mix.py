"""The film's soundtrack: music and the clips' own sound, exactly as long as the picture.

All sound is (n, 2) float32 at 48 kHz; n is frames * 1600.
"""

from __future__ import annotations

import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from adreel.domain.errors import MusicError, RenderError
from adreel.domain.films.formats import FPS, SAMPLE_RATE, SAMPLES_PER_FRAME
from adreel.media.audio.aac import encode_aac
from adreel.media.audio.loudness import Loudness, Mastered, integrated_loudness, master, measure_loudness
from adreel.media.audio.music_file import check_music, load_music
from adreel.media.audio.samples import Samples

__all__ = [
    "ClipSound",
    "Loudness",
    "Mastered",
    "check_music",
    "encode_aac",
    "fit_music",
    "load_music",
    "master",
    "measure_loudness",
    "mix",
]

_SEAM = SAMPLE_RATE // 2
_FADE_IN = SAMPLE_RATE // 10
_FADE_OUT = SAMPLE_RATE
_FADE_OUT_PART = 0.25
"""Part of a short film that the fade-out may take."""
_EDGE = SAMPLE_RATE // 125
"""8 ms at the edges of a clip's sound, against clicks."""
_MUSIC_UNDER_CLIPS = -16.0
"""LUFS to which music is adjusted before it is mixed with clips, whatever the loudness of its file."""
_DUCK_DB = 7.0
_DUCK_FROM, _DUCK_FULL = -50.0, -32.0
"""dBFS RMS of the clips' sound between which the music is ducked increasingly."""
_DUCK_SLOPE = FPS // 2


@dataclass(frozen=True, slots=True)
class ClipSound:
    """A clip's own sound: ``pcm`` is a 48 kHz stereo WAV of ``frames`` * 1600 samples, ``start`` its first film frame.

    Clips that crossfade overlap on the timeline.
    """

    pcm: Path
    start: int
    frames: int

    @property
    def end(self) -> int:
        return self.start + self.frames


def fit_music(samples: Samples, frames: int) -> Samples:
    """Loops or cuts music to ``frames`` frames, with fades at both ends. Raises MusicError for empty music."""
    length = frames * SAMPLES_PER_FRAME
    if not len(samples):
        raise MusicError("the music holds no sound; give another file")
    fitted = _looped(samples, length)[:length].copy()
    fade_out = min(_FADE_OUT, int(length * _FADE_OUT_PART))
    fade_in = min(_FADE_IN, fade_out)
    fitted[:fade_in] *= _rise(fade_in)
    fitted[length - fade_out :] *= _rise(fade_out)[::-1]
    return fitted


def _looped(samples: Samples, length: int) -> Samples:
    """Repeats the samples until ``length`` is covered, with equal-power crossfades between repeats."""
    seam = min(_SEAM, len(samples) // 4)
    stride = len(samples) - seam
    repeats = max(1, -(-(length - seam) // stride))
    if repeats == 1:
        return samples
    track = np.zeros((repeats * stride + seam, 2), np.float32)
    for number in range(repeats):
        piece = samples.copy()
        if number > 0:
            piece[:seam] *= _rise(seam)
        if number < repeats - 1:
            piece[stride:] *= _rise(seam)[::-1]
        track[number * stride : number * stride + len(piece)] += piece
    return track


def _rise(length: int) -> Samples:
    """An equal-power fade from 0 to 1, (length, 1)."""
    return np.sin(np.linspace(0, np.pi / 2, length, dtype=np.float32))[:, None]


def mix(frames: int, music: Samples | None, clips: Sequence[ClipSound]) -> Samples | None:
    """Mixes music and clips to one track of ``frames`` frames; None when there is neither.

    Raises RenderError when a clip's WAV has an unexpected length or format, or reaches past the film.
    """
    if not clips:
        return music
    voices = _clip_track(frames, clips)
    if music is None:
        return voices
    level = integrated_loudness(music)
    gain = 10 ** ((_MUSIC_UNDER_CLIPS - level) / 20) if np.isfinite(level) else 1.0
    voices += music * (np.float32(gain) * _ducking(voices))[:, None]
    return voices


def _clip_track(frames: int, clips: Sequence[ClipSound]) -> Samples:
    ordered = sorted(clips, key=lambda clip: clip.start)
    track = np.zeros((frames * SAMPLES_PER_FRAME, 2), np.float32)
    for number, clip in enumerate(ordered):
        if clip.start < 0 or clip.end > frames:
            raise RenderError(f"the sound of {clip.pcm} reaches past the film: frames {clip.start} to {clip.end}")
        before = ordered[number - 1] if number else None
        after = ordered[number + 1] if number + 1 < len(ordered) else None
        sound = _read_pcm(clip)
        rise, fall = _fade_length(before, clip), _fade_length(clip, after)
        sound[:rise] *= _rise(rise)
        sound[len(sound) - fall :] *= _rise(fall)[::-1]
        track[clip.start * SAMPLES_PER_FRAME : clip.end * SAMPLES_PER_FRAME] += sound
    return track


def _fade_length(before: ClipSound | None, after: ClipSound | None) -> int:
    """Length in samples of the fade from ``before`` to ``after``: their crossfade, or just enough to prevent a click."""
    overlap = (before.end - after.start) * SAMPLES_PER_FRAME if before and after else 0
    shortest = min(clip.frames for clip in (before, after) if clip) * SAMPLES_PER_FRAME
    return min(max(overlap, _EDGE), shortest)


def _read_pcm(clip: ClipSound) -> Samples:
    try:
        with wave.open(str(clip.pcm)) as file:
            form = (file.getframerate(), file.getnchannels(), file.getsampwidth())
            coded = np.frombuffer(file.readframes(file.getnframes()), "<i2")
    except (wave.Error, EOFError, OSError, ValueError) as error:
        raise RenderError(f"cannot read the sound {clip.pcm}: {error}") from error
    if form != (SAMPLE_RATE, 2, 2):
        raise RenderError(f"the sound {clip.pcm} is not 16-bit stereo at {SAMPLE_RATE} Hz")
    sound = coded.reshape(-1, 2)
    if len(sound) != clip.frames * SAMPLES_PER_FRAME:
        expected = clip.frames * SAMPLES_PER_FRAME
        raise RenderError(f"the sound {clip.pcm} holds {len(sound)} samples instead of {expected}")
    return np.divide(sound, 32768, dtype=np.float32)


def _ducking(voices: Samples) -> npt.NDArray[np.float32]:
    """The music's gain at each sample: lowered, with slopes of half a second, while the clips are audible.

    The slope begins before the clip's sound, so that neither its first word nor the music's beat is cut off.
    """
    power = np.mean(np.square(voices).reshape(-1, SAMPLES_PER_FRAME * 2), axis=1, dtype=np.float64)
    level = 10 * np.log10(power + 1e-12)
    presence = np.clip((level - _DUCK_FROM) / (_DUCK_FULL - _DUCK_FROM), 0, 1)
    held = np.max(np.lib.stride_tricks.sliding_window_view(np.pad(presence, _DUCK_SLOPE), 2 * _DUCK_SLOPE + 1), axis=1)
    window = np.hanning(2 * _DUCK_SLOPE + 3)[1:-1]
    smooth = np.convolve(np.pad(held, _DUCK_SLOPE, mode="edge"), window / window.sum(), mode="valid")
    centres = (np.arange(len(smooth)) + 0.5) * SAMPLES_PER_FRAME
    curve = np.interp(np.arange(len(voices)), centres, smooth)
    return (10 ** (-_DUCK_DB * curve / 20)).astype(np.float32)
