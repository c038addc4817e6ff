"""Encoding parameters: one set of x264 parameters for each profile, so that all segments of a film share their stream headers
(SPS, PPS).

Changing a value here changes `parameters_digest`, and with it the cache key of every segment of that profile.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING

from adreel.domain.films.encoder_profile import EncoderProfile
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


@dataclass(frozen=True, slots=True)
class X264Profile:
    """`preset` and `crf` of x264, and the parameters that differ from `X264_PARAMS`."""

    preset: str
    crf: float
    params: Mapping[str, str]


_NO_DIFFERENCE: Mapping[str, str] = MappingProxyType({})

PROFILES: Mapping[EncoderProfile, X264Profile] = MappingProxyType(
    {
        EncoderProfile.STANDARD: X264Profile(PRESET, CRF, _NO_DIFFERENCE),
        EncoderProfile.FAST: X264Profile("faster", 22.5, MappingProxyType({"aq-mode": "3", "chroma-qp-offset": "-2"})),
        EncoderProfile.RENEWED: X264Profile(
            "superfast",
            21,
            MappingProxyType({"aq-mode": "3", "mbtree": "1", "rc-lookahead": "10", "chroma-qp-offset": "-2"}),
        ),
        EncoderProfile.UNDERLAY: X264Profile(
            "ultrafast",
            14,
            MappingProxyType(
                {
                    "ref": "1",
                    "bframes": "0",
                    "rc-lookahead": "0",
                    "mbtree": "0",
                    "scenecut": "0",
                    "weightp": "1",
                    "cabac": "0",
                    "8x8dct": "1",
                    "deblock": "-3,-3",
                    "chroma-qp-offset": "-2",
                }
            ),
        ),
        EncoderProfile.DRAFT: X264Profile(
            "ultrafast",
            22,
            MappingProxyType(
                {
                    "ref": "1",
                    "bframes": "0",
                    "rc-lookahead": "0",
                    "mbtree": "0",
                    "scenecut": "0",
                    "weightp": "1",
                    "cabac": "1",
                    "8x8dct": "1",
                    "chroma-qp-offset": "-2",
                }
            ),
        ),
    }
)
"""FAST needs a third less time than STANDARD for 4 to 14 % more bytes at the same VMAF, and has the same headers (decision 0118).
RENEWED needs a third of the time of STANDARD for 30 % more bytes at the same VMAF, with the same headers; UNDERLAY is at 55 dB
what was drawn (decision 0174).
DRAFT looks neither ahead nor back: its headers are its own, and its segments join one another only. With CABAC and the transform
of 8 x 8, ultrafast needs half the time of superfast for fewer bytes, at an SSIM of 0.995 instead of 0.996 (decision 0144).
"""

TICKS_PER_FRAME = 512
TIME_BASE = Fraction(1, FPS * TICKS_PER_FRAME)
"""1/15360 s: the unit of every timestamp in a segment's file, a whole number of units per frame."""

COLOR_BT709 = 1
"""Primaries, transfer and matrix code of BT.709 (ITU-T H.273, tables 2 to 4)."""

COLOR_RANGE_LIMITED = 1
"""FFmpeg's AVCOL_RANGE_MPEG: luma 16–235, chroma 16–240."""


def x264_params(profile: EncoderProfile = EncoderProfile.STANDARD, *, still: bool = False) -> str:
    """The value of FFmpeg's `x264-params` option: ``name=value`` joined by colons."""
    own = PROFILES[profile].params
    params = {**X264_PARAMS, **own, **(_STILL_PARAMS if still else {})}
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


def parameters_digest(profile: EncoderProfile = EncoderProfile.STANDARD) -> str:
    """Hexadecimal SHA-256 of all parameters of a profile, for cache keys."""
    parts = (
        PROFILES[profile].preset,
        PROFILES[profile].crf,
        PROFILE,
        LEVEL,
        PIXEL_FORMAT,
        x264_params(profile),
        x264_params(profile, still=True),
        TIME_BASE,
        TRANSITION_FRAMES,
    )
    return hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()
