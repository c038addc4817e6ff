"""Whether a film gets captions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Captions(StrEnum):
    """FILE: as SubRip and WebVTT files beside the film. TRACK: as a text track in it, which players show when asked to. BOTH.
    ON: what is spoken, as part of the picture."""

    OFF = "off"
    ON = "on"
    FILE = "file"
    TRACK = "track"
    BOTH = "both"

    @property
    def in_files(self) -> bool:
        return self in (Captions.FILE, Captions.BOTH)

    @property
    def in_track(self) -> bool:
        return self in (Captions.TRACK, Captions.BOTH)


class CaptionLook(StrEnum):
    """The styles of captions in the picture, by their names in ``caption_styles.toml``."""

    PLATE = "plate"
    OUTLINE = "outline"
    SPOKEN = "spoken"


@dataclass(frozen=True, slots=True)
class ShotCaption:
    """A caption that is part of the picture, in the frames [first, last) of its shot. `starts` are the frames at which its words,
    parted by spaces, begin to be spoken."""

    first: int
    last: int
    lines: tuple[str, ...]
    starts: tuple[int, ...]
