"""Whether a film gets captions."""

from __future__ import annotations

from enum import StrEnum


class Captions(StrEnum):
    """FILE: as SubRip and WebVTT files beside the film. TRACK: as a text track in it, which players show when asked to. BOTH."""

    OFF = "off"
    FILE = "file"
    TRACK = "track"
    BOTH = "both"

    @property
    def in_files(self) -> bool:
        return self in (Captions.FILE, Captions.BOTH)

    @property
    def in_track(self) -> bool:
        return self in (Captions.TRACK, Captions.BOTH)
