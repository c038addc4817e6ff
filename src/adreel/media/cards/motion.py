"""Card animation: the text rises and fades in, then keeps growing slightly so that the picture never freezes."""

from __future__ import annotations

from dataclasses import dataclass

FADE_FRAMES = 10
RISE_FRAMES = 15
RULE_FRAMES = 18
RULE_START = 3

RISE = 0.022
"""Fraction of the picture's height."""

_GROWTH_PER_FRAME = 0.0004
MAX_GROWTH = 0.016
GROWING_FRAMES = 60
"""Cards longer than this keep growing, so that they never freeze; on shorter ones the growth would be invisible."""


@dataclass(frozen=True, slots=True)
class Pose:
    """The text's pose in one frame: `shift` down in pixels, `scale` about the centre, `opacity` and `rule` 0–1."""

    shift: float
    scale: float
    opacity: float
    rule: float


REST = Pose(shift=0, scale=1, opacity=1, rule=1)


def pose(index: int, frames: int, height: int) -> Pose:
    """The pose of frame `index` (from 0) of a card of `frames` frames and `height` pixels."""
    fade = max(1, min(FADE_FRAMES, frames // 2))
    growth = min(MAX_GROWTH, _GROWTH_PER_FRAME * frames) if frames > GROWING_FRAMES else 0.0
    return Pose(
        shift=RISE * height * (1 - ease_out(index / RISE_FRAMES)),
        scale=1 + growth * index / max(1, frames - 1),
        opacity=ease_out((index + 1) / fade),
        rule=ease_out((index - RULE_START) / RULE_FRAMES),
    )


def ease_out(t: float) -> float:
    """Cubic ease-out, clamped to 0–1."""
    left = 1 - min(max(t, 0.0), 1.0)
    return 1 - left**3
