"""Encodes the soundtrack to AAC and keeps the decoded peaks and loudness within their limits."""

from __future__ import annotations

import uuid
from pathlib import Path

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.error import FFmpegError

from adreel.domain.errors import RenderError
from adreel.domain.films.formats import SAMPLE_RATE
from adreel.domain.machine_faults import fault_or
from adreel.media.audio.loudness import TRUE_PEAK_LIMIT, Loudness, integrated_loudness, measure_loudness, read_sound
from adreel.media.audio.samples import Samples, to_frame

BIT_RATE = 192_000

# At this bit rate FFmpeg's fast coder is as clean as the slow one on adreel's music (noise below the masking threshold in every
# Bark band), overshoots less and takes a third of the time.
_CODER = {"aac_coder": "fast"}
_MOST_TRIES = 6
_LOCAL_TRIES = 3
"""Attempts that lower single places; later attempts lower the whole sound."""
_LOSS = 0.5
"""LU by which the decoded sound may be quieter than the samples."""
_BLOCK = SAMPLE_RATE // 100
_OVERSAMPLING = 4
"""As true peaks are measured (ITU-R BS.1770, annex 2)."""
_SAFETY = 0.97
"""Factor below the limit to which an excessive peak is lowered."""


def encode_aac(samples: Samples, path: Path, integrated: float | None = None) -> Loudness:
    """Writes (n, 2) samples as AAC-LC, 192 kb/s, in MP4, atomically. Returns the loudness of the first n decoded samples.

    The file declares the encoder's delay (edit list), so that the decoded sound starts with the first sample. AAC shifts peaks
    and removes the top octave of noise: the file is decoded, and while it exceeds -1 dBTP or is quieter than the samples, the
    excessive milliseconds are lowered, or the whole sound is raised, and it is encoded again. `integrated` is the loudness of
    the samples in LUFS, if known. Raises RenderError.
    """
    target = integrated_loudness(samples) if integrated is None else integrated
    temporary = path.with_name(f".{path.stem}.{uuid.uuid4().hex}.part")
    try:
        for attempt in range(_MOST_TRIES):
            _write(samples, temporary)
            decoded = read_sound(temporary)[: len(samples)]
            measured = measure_loudness(decoded)
            if measured.true_peak > TRUE_PEAK_LIMIT:
                over = measured.true_peak - TRUE_PEAK_LIMIT
                samples = _relieved(samples, decoded, over) if attempt < _LOCAL_TRIES else _lowered(samples, over)
            elif _LOSS < target - measured.integrated <= TRUE_PEAK_LIMIT - measured.true_peak:
                samples = samples * np.float32(10 ** ((target - measured.integrated) / 20))
            else:
                temporary.replace(path)
                return measured
        raise RenderError(f"the sound of {path} does not keep its level in AAC")
    except (FFmpegError, OSError) as error:
        raise fault_or(error, path.parent, RenderError(f"cannot write {path}: {error}")) from error
    finally:
        temporary.unlink(missing_ok=True)


def _write(samples: Samples, path: Path) -> None:
    # Without bitexact the file would contain its creation time, and the same film would differ each time.
    with av.open(str(path), "w", format="mp4", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("aac", rate=SAMPLE_RATE, layout="stereo", options=dict(_CODER))
        stream.bit_rate = BIT_RATE
        container.mux(stream.encode(to_frame(samples)))
        container.mux(stream.encode(None))


def _relieved(samples: Samples, decoded: Samples, over: float) -> Samples:
    """Lowers the places where the decoded sound is within ``over`` dB of its peak, with slopes of 10 ms on either side.

    Uses true peaks: where these are highest, the samples themselves may be low.
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
