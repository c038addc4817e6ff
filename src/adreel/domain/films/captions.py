"""Whether a film gets captions."""

from __future__ import annotations

from enum import StrEnum


class Captions(StrEnum):
    """FILE: as SubRip and WebVTT files beside the film."""

    OFF = "off"
    FILE = "file"
