"""The part of a frame in which words may stand."""

from __future__ import annotations

from adreel.domain.films.box import Box
from adreel.domain.films.formats import FrameSize

_MARGIN = 0.05
"""Share of the width and of the height at each border, as for the cards."""

_TALL = (120 / 1080, 288 / 1920, 195 / 1080, 790 / 1920)
"""Shares at the left, top, right and bottom of a frame of 9:16 that the buttons and captions of Reels, Stories, TikTok, Shorts
and Pinterest cover: the largest of each (advice of these platforms, collected in November 2026)."""

_TALL_FROM = 1.6
"""Height by width from which a frame is shown full screen on phones, under the buttons of the platforms."""


def safe_area(size: FrameSize) -> Box:
    """The area that no platform covers, in pixels."""
    tall = size.height >= _TALL_FROM * size.width
    left, top, right, bottom = _TALL if tall else (_MARGIN,) * 4
    width, height = size.width, size.height
    return Box(left * width, top * height, width - right * width, height - bottom * height)
