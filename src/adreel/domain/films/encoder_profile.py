"""How carefully a film is encoded."""

from __future__ import annotations

from enum import StrEnum


class EncoderProfile(StrEnum):
    """STANDARD for films, FAST for many films at once, DRAFT for looking at an edit. RENEWED for a beat whose words change often,
    as prices do; UNDERLAY for the frames beneath them, which are never part of a film. The parameters are in
    `media.segments.x264`."""

    STANDARD = "standard"
    FAST = "fast"
    DRAFT = "draft"
    RENEWED = "renewed"
    UNDERLAY = "underlay"
