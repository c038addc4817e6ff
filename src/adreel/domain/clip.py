"""A finished clip and the segment that holds its frames."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from adreel.domain.formats import FrameSize
from adreel.domain.scene import Scene


@dataclass(frozen=True, slots=True)
class Segment:
    """Frames encoded once: a closed piece of H.264 that joins any other segment of the same size without re-encoding.

    `key` is the hash of everything that the frames depend on. `sound` is WAV, 48 kHz stereo, exactly as long as the picture.
    `digest` is the SHA-256 of its packets, taken when the segment was decoded and looked at; `black` and `frozen` are the
    frames then found black, or standing still for a second or more.
    """

    key: str
    video: Path
    sound: Path | None
    frames: int
    size: FrameSize
    digest: str
    black: int
    frozen: int


@dataclass(frozen=True, slots=True)
class Clip:
    """One moving shot. `source` is the video file when it was made elsewhere; `segment` is set once it is encoded.

    `may_stand_still` is set when the person's own clip is black or frozen in places: then it was asked for. `smooth` lets
    pictures be drawn between those of a `source` with a low frame rate: for bought clips, never for the person's own.
    """

    id: str
    frames: int
    source: Path | None = None
    segment: Segment | None = None
    source_image_id: str | None = None
    scene: Scene | None = None
    model: str | None = None
    cost: Decimal = Decimal("0.00")
    generation_time: float = 0.0
    may_stand_still: bool = False
    smooth: bool = False
