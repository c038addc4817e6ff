"""Encoding parameters: one set of x264 parameters, so that all segments share their stream headers (SPS, PPS).

Changing a value here changes `parameters_digest`, and with it every cache key of an encoded segment.
"""

from __future__ import annotations

import hashlib
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING

from adreel.domain.films.formats import FPS, TRANSITION_FRAMES

if TYPE_CHECKING:
    from collections.abc import Mapping

PRESET = "medium"
CRF = 23
PROFILE = "high"
LEVEL = "4.0"
PIXEL_FORMAT = "yuv420p"

X264_PARAMS: Mapping[str, str] = MappingProxyType(
    {
        "keyint": "60",
        "min-keyint": "1",
        "open-gop": "0",
        "stitchable": "1",
        "ref": "3",
        "bframes": "3",
        "b-pyramid": "2",
        "b-adapt": "1",
        "weightp": "2",
        "force-cfr": "1",
        "rc-lookahead": "20",
    }
)
"""Explicit values for every parameter that affects the headers and that x264 would otherwise derive from the preset; and a
lookahead of half the preset's, each frame of which takes 6.7 MB at 1080p (decision 0078).
"""

_STILL_PARAMS: Mapping[str, str] = MappingProxyType(
    {
        "b-adapt": "0",
        "rc-lookahead": "0",
        "mbtree": "0",
        "scenecut": "0",
        "subme": "0",
        "chroma-qp-offset": "-2",
        "me": "dia",
        "trellis": "0",
        "mixed-refs": "0",
        "weightp": "1",
        "partitions": "i4x4",
        "deblock": "-6,-6",
        "qp": "16",
    }
)
"""For pictures that hardly move: no lookahead, short searches, a constant quantiser, which needs no estimate of frame costs, and
almost no deblocking, which is invisible at this quantiser and keeps the dither. A fifth of the time for two or three times the
bytes, and the weakest frame is 6 dB better. The headers do not change: chroma-qp-offset is what x264 derives from a higher subme,
and weightp only appears there as on or off.
"""

TICKS_PER_FRAME = 512
TIME_BASE = Fraction(1, FPS * TICKS_PER_FRAME)
"""1/15360 s: the unit of every timestamp in a segment's file, a whole number of units per frame."""

COLOR_BT709 = 1
"""Primaries, transfer and matrix code of BT.709 (ITU-T H.273, tables 2 to 4)."""

COLOR_RANGE_LIMITED = 1
"""FFmpeg's AVCOL_RANGE_MPEG: luma 16–235, chroma 16–240."""


def x264_params(*, still: bool = False) -> str:
    """The value of FFmpeg's `x264-params` option: ``name=value`` joined by colons."""
    params = {**X264_PARAMS, **(_STILL_PARAMS if still else {})}
    return ":".join(f"{name}={value}" for name, value in params.items())


def muxer_options() -> dict[str, str]:
    """Options of FFmpeg's mp4 muxer.

    The edit list uses movie units: their default of 1/1000 s would round a segment's length.
    """
    units = str(TIME_BASE.denominator)
    return {"video_track_timescale": units, "movie_timescale": units}


def key_frames(frames: int) -> tuple[int, ...]:
    """Indices of the frames that must be IDR: the first, and those one crossfade away from either end."""
    indices = (0, TRANSITION_FRAMES, frames - TRANSITION_FRAMES)
    return tuple(sorted({index for index in indices if 0 <= index < frames}))


def parameters_digest() -> str:
    """Hexadecimal SHA-256 of all of the above, for cache keys."""
    parts = (
        PRESET,
        CRF,
        PROFILE,
        LEVEL,
        PIXEL_FORMAT,
        x264_params(),
        x264_params(still=True),
        TIME_BASE,
        TRANSITION_FRAMES,
    )
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()
