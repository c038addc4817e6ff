"""The pose of words in each frame: how far they have come, and how far they have gone."""

from __future__ import annotations

from dataclasses import dataclass

from adreel.media.cards.motion import ease_out
from adreel.media.overlays.schedule import Schedule
from adreel.media.overlays.style import Motion, MotionKind, TextStyle

_OVERSHOOT = 1.5
"""Strength of the overshoot of `POP`; its largest size is about 1.05."""

_SMALLEST = 0.7
"""Size at which `POP` begins."""

LARGEST = 1.06
"""Bound of the sizes of `POP`."""


@dataclass(frozen=True, slots=True)
class Pose:
    """`x` (toward the end of the line) and `y` (down) in pixels of a shorter side of 1080, `scale` about the middle, `opacity`
    0-1. `shown`: the share of the width, from where the line begins, that is seen. `lift`: the share of the height by which the
    words stand below their own lower edge, which hides them."""

    x: float = 0.0
    y: float = 0.0
    scale: float = 1.0
    opacity: float = 1.0
    shown: float = 1.0
    lift: float = 0.0


REST = Pose()


def pose_at(index: int, part: int, style: TextStyle, times: Schedule, *, fades: bool) -> Pose | None:
    """The pose of the `part`th part in frame `index`; None while it is not on the screen. What only `fades` is there in half the
    time."""
    frames = style.enter.frames / 2 if fades else style.enter.frames
    came = (index - times.first - part * times.stagger + 1) / frames
    left = (index - times.leaving + 1) / style.leave.frames
    if came <= 0 or index >= times.gone:
        return None
    if left > 0:
        stays = 1 - left * style.leave.frames / (style.leave.frames + 1)
        return Pose(opacity=stays) if fades else _pose(style.leave, stays)
    if came >= 1:
        return REST
    return Pose(opacity=came) if fades else _pose(style.enter, came)


def _pose(motion: Motion, share: float) -> Pose:
    """A motion that has come as far as `share`, 0-1."""
    eased = ease_out(share)
    soft = min(1.0, 1.6 * share)
    match motion.kind:
        case MotionKind.FADE:
            return Pose(opacity=share)
        case MotionKind.RISE:
            return Pose(y=motion.distance * (1 - eased), opacity=soft)
        case MotionKind.SLIDE:
            return Pose(x=-motion.distance * (1 - eased), opacity=soft)
        case MotionKind.WIPE:
            return Pose(shown=eased)
        case MotionKind.UNVEIL:
            return Pose(lift=1 - eased, opacity=soft)
        case MotionKind.POP:
            return Pose(scale=_SMALLEST + (1 - _SMALLEST) * _back_out(share), opacity=min(1.0, 2.5 * share))


def _back_out(t: float) -> float:
    """Eases out beyond 1 and back (Penner's "back" curve)."""
    u = min(max(t, 0.0), 1.0) - 1
    return 1 + (_OVERSHOOT + 1) * u**3 + _OVERSHOOT * u**2
