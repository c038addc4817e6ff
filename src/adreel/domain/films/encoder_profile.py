"""How carefully a film is encoded."""

from __future__ import annotations

from enum import StrEnum


class EncoderProfile(StrEnum):
    """STANDARD for films, FAST for many films at once, DRAFT for looking at an edit. The parameters are in
    `media.segments.x264`."""

    STANDARD = "standard"
    FAST = "fast"
    DRAFT = "draft"
