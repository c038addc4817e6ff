"""How a picture of another aspect is fitted into the frame."""

from __future__ import annotations

from enum import StrEnum


class Fit(StrEnum):
    """PAD shows all of it between bars, BLUR all of it over a blurred copy, COVER fills the frame and crops."""

    PAD = "pad"
    BLUR = "blur"
    COVER = "cover"
