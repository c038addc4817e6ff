"""Picture formats and the frame clock that every film of adreel shares."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from adreel.domain.errors import InputError

FPS = 30
"""Frames per second of every segment and film, constant."""

SAMPLE_RATE = 48_000
"""Samples per second of all sound, stereo."""

SAMPLES_PER_FRAME = SAMPLE_RATE // FPS
"""1600: sound is cut on whole frames, so picture and sound never drift."""

TRANSITION_FRAMES = 15
"""Length of a crossfade. Fixed, because segments carry key frames at this distance from both ends."""


@dataclass(frozen=True, slots=True)
class FrameSize:
    """Width and height in square pixels; both even, as yuv420p needs."""

    width: int
    height: int

    @property
    def aspect(self) -> str:
        ratio = Fraction(self.width, self.height)
        return f"{ratio.numerator}:{ratio.denominator}"


ASPECTS: dict[str, FrameSize] = {
    "16:9": FrameSize(1920, 1080),
    "9:16": FrameSize(1080, 1920),
    "1:1": FrameSize(1080, 1080),
    "4:5": FrameSize(1080, 1350),
}


def frame_size(aspect: str) -> FrameSize:
    """Returns the 1080p-class size of an aspect. Raises InputError for an aspect that adreel does not make."""
    try:
        return ASPECTS[aspect]
    except KeyError:
        raise InputError(f"aspect {aspect!r} is not made; choose one of {', '.join(ASPECTS)}") from None


def draft_size(size: FrameSize) -> FrameSize:
    """Returns the size of drafts of films of a size: about half of it, of exactly the same shape, with even sides."""
    ratio = Fraction(size.width, size.height)
    step = 1 if ratio.numerator % 2 == ratio.denominator % 2 == 0 else 2
    units = max(1, round(size.width / (2 * step * ratio.numerator)))
    return FrameSize(units * step * ratio.numerator, units * step * ratio.denominator)


def ratio_of(aspect: str) -> Fraction:
    """Parses any aspect written as 16:9 into width divided by height. Raises InputError for malformed text."""
    width, _, height = aspect.partition(":")
    try:
        found = Fraction(int(width), int(height))
    except (ValueError, ZeroDivisionError) as error:
        raise InputError(f"{aspect!r} is not an aspect; give one as 16:9") from error
    if found <= 0:
        raise InputError(f"{aspect!r} is not an aspect; give one as 16:9")
    return found


def to_frames(seconds: float) -> int:
    """Converts seconds to whole frames, halves rounded up (Python's own round would go to even)."""
    return int(seconds * FPS + 0.5)


def to_seconds(frames: int) -> float:
    return frames / FPS
