"""A text style: how words of each role look on the screen, where they stand and how they come and go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from adreel.domain.ad import TextRole
from adreel.domain.films.color import Color

LEAST_CAP: Mapping[TextRole, int] = {TextRole.HEADLINE: 60}
"""Smallest height of capitals in pixels where the shorter side has 1080; other roles: `LEAST_CAP_ELSE`."""

LEAST_CAP_ELSE = 30

REFERENCE = 1080
"""The shorter side, in pixels, for which styles give their lengths."""


class MotionKind(StrEnum):
    """How words come: `FADE` in place, `RISE` from below, `SLIDE` from the side where their line begins, `WIPE` along the line,
    `UNVEIL` from behind their own lower edge, `POP` growing slightly beyond their size. They go the same way back."""

    FADE = "fade"
    RISE = "rise"
    SLIDE = "slide"
    WIPE = "wipe"
    UNVEIL = "unveil"
    POP = "pop"


class Align(StrEnum):
    """`START` is left, and right for text that is written from right to left."""

    START = "start"
    CENTER = "center"


class Backing(StrEnum):
    """What lies behind the words of a shot: nothing unless they need it, or always the panel."""

    AS_NEEDED = "as needed"
    PANEL = "panel"


class Mark(StrEnum):
    """What stands before a bullet."""

    TICK = "tick"
    DOT = "dot"
    BAR = "bar"
    DISC = "disc"
    """A tick in a disc."""


@dataclass(frozen=True, slots=True)
class Motion:
    """`distance` in pixels of `REFERENCE`, for `RISE` and `SLIDE`."""

    kind: MotionKind
    frames: int
    distance: float = 0.0


@dataclass(frozen=True, slots=True)
class Tag:
    """A plate of a role's own, around its words. `radius` in heights of the plate: 0.5 makes a pill."""

    fill: Color
    ink: Color
    radius: float


@dataclass(frozen=True, slots=True)
class RoleStyle:
    """`cap` and `least`: largest and smallest height of capitals in pixels of `REFERENCE`. `tracking` in em. `accent`: in the
    accent colour where that is readable."""

    face: str
    cap: int
    least: int
    tracking: float = 0.0
    upper: bool = False
    accent: bool = False
    tag: Tag | None = None


class Tone(StrEnum):
    """Which colour of a palette letters have."""

    INK = "ink"
    ACCENT = "accent"


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of letters on one kind of ground."""

    ink: Color
    accent: Color

    def color(self, tone: Tone) -> Color:
        return self.ink if tone is Tone.INK else self.accent


@dataclass(frozen=True, slots=True)
class Panel:
    """The plate behind all words of a shot, and the colours of the letters on it. `radius` and `padding` in pixels of
    `REFERENCE`; `bar` is the width of a strip in the accent colour along the side where lines begin."""

    fill: Color
    letters: Palette
    radius: float
    padding: float
    bar: float = 0.0


@dataclass(frozen=True, slots=True)
class TextStyle:
    """`on_dark` and `on_light` are the letters on dark and light pictures, `shade` the most that a soft shade may cover before
    the panel is laid (0-1). `gap` is the room between words and around the product in pixels of `REFERENCE`. `stagger` in frames.
    `rule` is the width of a short line above the words in pixels of `REFERENCE`, 0 for none. `over_product`: where the frame
    leaves no room beside the product, words stand on the panel over it, away from its label; otherwise they are refused."""

    name: str
    title: str
    align: Align
    backing: Backing
    shade: float
    gap: float
    rule: float
    mark: Mark
    on_dark: Palette
    on_light: Palette
    panel: Panel
    enter: Motion
    leave: Motion
    stagger: int
    over_product: bool
    roles: Mapping[TextRole, RoleStyle]
