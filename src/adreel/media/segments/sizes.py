"""Disk space estimates, reserved before work begins. Upper bounds, except for pictures of pure noise."""

from __future__ import annotations

from adreel.domain.films.formats import FPS, FrameSize

_BITS_PER_PIXEL = 0.2
"""12 Mbit/s at 1080p and 30 frames per second: two or three times what x264 needs at CRF 23 for camera moves over photos."""

_SOUND_BYTES = 48_000 * 2 * 2
"""A second of 16-bit stereo at 48 kHz."""


def segment_bytes(size: FrameSize, frames: int) -> int:
    """Estimated bytes of a segment of `frames` frames, including its sound."""
    picture = size.width * size.height * frames * _BITS_PER_PIXEL / 8
    return int(picture + _SOUND_BYTES * frames / FPS)
