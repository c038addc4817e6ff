"""Sound in memory as (n, 2) float32 at 48 kHz, and its conversion by FFmpeg's decoders and filters, in this process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import groupby, pairwise

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.error import BlockingIOError as WouldBlock
from av.error import EOFError as EndOfStream
from av.filter import Graph

from adreel.domain.films.formats import SAMPLE_RATE

Samples = npt.NDArray[np.float32]

TIME_BASE = Fraction(1, SAMPLE_RATE)


def to_frame(samples: Samples) -> AudioFrame:
    """All samples as one frame of packed floats, starting at time zero."""
    packed = np.ascontiguousarray(samples, np.float32).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(packed, format="flt", layout="stereo")
    frame.sample_rate = SAMPLE_RATE
    frame.time_base = TIME_BASE
    frame.pts = 0
    return frame


def to_samples(frames: Iterable[AudioFrame]) -> Samples:
    """Decoded frames of any format, rate and layout as one array. All three may change from frame to frame."""
    parts = [part.to_ndarray().reshape(-1, 2) for part in _resampled(frames)]
    return np.concatenate([np.zeros((0, 2), np.float32), *parts]).astype(np.float32, copy=False)


def _resampled(frames: Iterable[AudioFrame]) -> Iterator[AudioFrame]:
    # A resampler refuses a frame that differs from its first: each run of equal frames gets its own.
    for _, alike in groupby(frames, lambda frame: (frame.format.name, frame.layout.name, frame.sample_rate)):
        resampler = AudioResampler(format="flt", layout="stereo", rate=SAMPLE_RATE)
        for frame in alike:
            # Timestamps are dropped: otherwise the resampler would insert silence where they jump.
            frame.pts = None
            yield from resampler.resample(frame)
        yield from resampler.resample(None)


def filtered(samples: Samples, *filters: tuple[str, str]) -> list[AudioFrame]:
    """Runs samples through a chain of FFmpeg filters, each given by name and arguments. Returns the output frames."""
    graph = Graph()
    source = graph.add_abuffer(format="flt", sample_rate=SAMPLE_RATE, layout="stereo", time_base=TIME_BASE)
    sink = graph.add("abuffersink")
    chain = [source, *(graph.add(name, arguments) for name, arguments in filters), sink]
    for before, after in pairwise(chain):
        before.link_to(after)
    graph.configure()
    source.push(to_frame(samples))
    source.push(None)
    frames: list[AudioFrame] = []
    while True:
        try:
            frame = sink.pull()
        except (EndOfStream, WouldBlock):
            return frames
        if isinstance(frame, AudioFrame):
            frames.append(frame)
