"""Encode the finished soundtrack to AAC, and hold its decoded peaks and loudness where they belong."""

from __future__ import annotations

import uuid
from pathlib import Path

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.error import FFmpegError

from adreel.domain.errors import RenderError
from adreel.domain.formats import SAMPLE_RATE
from adreel.media.loudness import TRUE_PEAK_LIMIT, Loudness, integrated_loudness, measure_loudness, read_sound
from adreel.media.sound import Samples, to_frame

BIT_RATE = 192_000

# At this bit rate FFmpeg's fast coder is as clean as its slow one on our music (noise under the mask, bark by bark),
# overshoots less and takes a third of the time.
_CODER = {"aac_coder": "fast"}
_MOST_TRIES = 6
_LOCAL_TRIES = 3
"""Tries at lowering single places; after that all of the sound is lowered."""
_LOSS = 0.5
"""LU by which the decoded sound may be quieter than the samples."""
_BLOCK = SAMPLE_RATE // 100
_OVERSAMPLING = 4
"""As true peaks are measured (ITU-R BS.1770, annex 2)."""
_SAFETY = 0.97
"""Factor under the limit to which an offending place is lowered."""


def encode_aac(samples: Samples, path: Path, integrated: float | None = None) -> Loudness:
    """Write (n, 2) samples as AAC-LC, 192 kb/s, in MP4; the file appears whole or not at all. Returns its loudness.

    The encoder's delay is declared in the file (edit list), so that the decoded sound starts with the first sample. AAC
    moves peaks, and takes the top octave from noise: the file is decoded again, and while it passes -1 dBTP, or is
    quieter than the samples, the offending milliseconds are lowered, or all of it raised, and it is encoded anew. The
    loudness is that of the first n decoded samples. `integrated` is that of the samples, in LUFS, where it is known.
    Raises RenderError.
    """
    wanted = integrated_loudness(samples) if integrated is None else integrated
    temporary = path.with_name(f".{path.stem}.{uuid.uuid4().hex}.part")
    try:
        for attempt in range(_MOST_TRIES):
            _write(samples, temporary)
            decoded = read_sound(temporary)[: len(samples)]
            heard = measure_loudness(decoded)
            if heard.true_peak > TRUE_PEAK_LIMIT:
                over = heard.true_peak - TRUE_PEAK_LIMIT
                samples = _relieved(samples, decoded, over) if attempt < _LOCAL_TRIES else _lowered(samples, over)
            elif _LOSS < wanted - heard.integrated <= TRUE_PEAK_LIMIT - heard.true_peak:
                samples = samples * np.float32(10 ** ((wanted - heard.integrated) / 20))
            else:
                temporary.replace(path)
                return heard
        raise RenderError(f"the sound of {path} does not keep its level in AAC")
    except (FFmpegError, OSError) as error:
        raise RenderError(f"cannot write {path}: {error}") from error
    finally:
        temporary.unlink(missing_ok=True)


def _write(samples: Samples, path: Path) -> None:
    # Without bitexact the file would hold the time of its making, and the same film would differ each time.
    with av.open(str(path), "w", format="mp4", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo", options=dict(_CODER))
        stream.bit_rate = BIT_RATE
        container.mux(stream.encode(to_frame(samples)))
        container.mux(stream.encode(None))


def _relieved(samples: Samples, decoded: Samples, over: float) -> Samples:
    """Lower the places where the decoded sound rises within ``over`` dB of its peak, with slopes of 10 ms to either side.

    The peaks are those between samples too: where they are highest, the samples themselves may look harmless.
    """
    blocks = -(-len(samples) // _BLOCK)
    padded = np.zeros((blocks * _BLOCK * _OVERSAMPLING, 2), np.float32)
    between = np.abs(_oversampled(decoded))[: len(padded)]
    padded[: len(between)] = between
    peaks = padded.reshape(blocks, -1).max(axis=1)
    allowed = _SAFETY * peaks.max() * 10 ** (-over / 20)
    gains = np.minimum(1.0, allowed / np.maximum(peaks, allowed))
    wide = np.minimum(gains, np.minimum(np.append(gains[1:], 1.0), np.append(1.0, gains[:-1])))
    centres = (np.arange(blocks) + 0.5) * _BLOCK
    curve = np.interp(np.arange(len(samples)), centres, wide).astype(np.float32)
    return samples * curve[:, None]


def _oversampled(samples: Samples) -> Samples:
    resampler = AudioResampler(format="flt", layout="stereo", rate=SAMPLE_RATE * _OVERSAMPLING)
    frames = [*resampler.resample(to_frame(samples)), *resampler.resample(None)]
    return np.concatenate([frame.to_ndarray().reshape(-1, 2) for frame in frames]).astype(np.float32, copy=False)


def _lowered(samples: Samples, over: float) -> Samples:
    return samples * np.float32(_SAFETY * 10 ** (-over / 20))
