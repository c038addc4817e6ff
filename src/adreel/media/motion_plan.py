"""Which frames of the film lie between which pictures of a clip of low frame rate. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from adreel.domain.formats import FPS
from adreel.media.clip_info import ClipInfo

SMOOTH_BELOW = 24
"""Pictures a second from which a clip is left as it is: cinema's rate, which people are used to. Repeating pictures of fewer
shows as stutter."""

SLOWEST = Fraction(85, 100)
"""Speed down to which a clip that is too short is slowed, so that it ends in motion: hardly seen in a camera move, where
a frozen end always is."""

_SAME = Fraction(1, 50)
"""A frame this close to a picture, as a part of the distance to the next, is that picture: containers round times."""


@dataclass(frozen=True, slots=True)
class Blend:
    """A frame between pictures `left` and `right` (indices): 0 is `left` itself, and then `right` is not needed."""

    left: int
    right: int
    position: float

    @property
    def last_needed(self) -> int:
        """Index of the later picture that the frame is made of."""
        return self.right if self.position else self.left


def can_be_smoothed(info: ClipInfo) -> bool:
    """Whether a clip moves at a steady rate below `SMOOTH_BELOW`; what comes at uneven times stood still on purpose."""
    return info.fps is not None and info.fps < SMOOTH_BELOW and not info.is_vfr


def picture_times(info: ClipInfo) -> list[Fraction]:
    """Seconds from the first picture of a clip that can be smoothed, one for each picture."""
    step = 1 / info.fps if info.fps else Fraction(0)
    return [step * index for index in range(info.frames)]


def may_be_slowed(info: ClipInfo) -> bool:
    """Whether nothing has to stay in step with the picture: a clip with sound of its own keeps its speed."""
    return can_be_smoothed(info) and not info.has_audio


def frames_within_reach(info: ClipInfo, asked: int) -> int:
    """As many of `asked` frames as a clip fills when it is smoothed, slowed by as much as `SLOWEST` where need be."""
    slowest = SLOWEST if may_be_slowed(info) else 1
    return min(asked, int(info.film_frames / slowest))


def plan(times: Sequence[Fraction], frames: int, *, slowed: bool = True) -> list[Blend]:
    """What each of `frames` frames of the film is made of; `times` are the pictures' in seconds, rising.

    Frames before the first picture show it, frames after the last show that. With `slowed`, a clip that is too short
    runs slower, down to `SLOWEST`, so that its last picture comes at the last frame.
    """
    asked = Fraction(frames - 1, FPS)
    short = slowed and times[-1] < asked
    speed = max(SLOWEST, times[-1] / asked) if short else Fraction(1)
    return [_blend(times, speed * index / FPS) for index in range(frames)]


def _blend(times: Sequence[Fraction], moment: Fraction) -> Blend:
    left = bisect_right(times, moment) - 1
    if left < 0:
        return Blend(0, 0, 0)
    if left == len(times) - 1:
        return Blend(left, left, 0)
    position = (moment - times[left]) / (times[left + 1] - times[left])
    if position > 1 - _SAME:
        return Blend(left + 1, left + 1, 0)
    return Blend(left, left + 1, float(position) if position >= _SAME else 0)
