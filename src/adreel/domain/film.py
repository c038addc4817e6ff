"""What the person decides about the finished film."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from adreel.domain.color import Color
from adreel.domain.fit import Fit
from adreel.domain.formats import FrameSize


class Transition(StrEnum):
    CUT = "cut"
    CROSSFADE = "crossfade"


@dataclass(frozen=True, slots=True)
class TextOverlay:
    """Words of the cards. A card without words is left out. `font` is a family name or a font file."""

    product_name: str | None
    cta: str | None
    color: Color
    font: str | None = None


@dataclass(frozen=True, slots=True)
class AudioConfig:
    """Background music: the user's `file`, else the composed `genre`, else none."""

    genre: str | None = None
    file: Path | None = None


@dataclass(frozen=True, slots=True)
class FilmSpec:
    """Everything about a film but its clips; lengths in frames."""

    size: FrameSize
    text: TextOverlay
    audio: AudioConfig
    transition: Transition
    fit: Fit
    intro_frames: int
    outro_frames: int
    seed: int

    @property
    def has_intro(self) -> bool:
        return bool(self.text.product_name and self.intro_frames)

    @property
    def has_outro(self) -> bool:
        return bool(self.text.cta and self.outro_frames)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One thing that was checked on the finished film; `detail` holds the measured figures."""

    name: str
    passed: bool
    detail: str
