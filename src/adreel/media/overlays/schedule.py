"""When the words of a shot come, are fully shown, and go."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from adreel.domain.ad import ScreenText
from adreel.domain.errors import TextError
from adreel.domain.films.formats import TRANSITION_FRAMES, to_seconds
from adreel.media.overlays.reading import frames_to_read, seconds_to_read
from adreel.media.overlays.style import TextStyle

_FIRST = 5
"""Frame in which the first words begin to come: while a crossfade still shows a rest of the shot before, whose words are gone."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """In frames of the shot: the words begin to come at `first`, each part `stagger` later than the one before; all are fully
    shown from `full` until `leaving` (exclusive), and gone at `gone`."""

    first: int
    stagger: int
    full: int
    leaving: int
    gone: int


def shortest_shot(words: Sequence[ScreenText], style: TextStyle, *, stays: bool = False) -> int:
    """The frames of the shortest shot in which the words can be read. `stays`: they do not go before its end."""
    return _FIRST + style.enter.frames + frames_to_read(words) + _going(style, stays=stays)


def _going(style: TextStyle, *, stays: bool) -> int:
    """The last frames of a shot, in which its words go or are gone."""
    return 0 if stays else style.leave.frames + TRANSITION_FRAMES


def schedule(
    words: Sequence[ScreenText], parts: int, style: TextStyle, frames: int, *, stays: bool = False
) -> Schedule:
    """The schedule of a shot of `frames` frames with `parts` moving parts; parts follow one another as far as the words leave
    time for it. They are gone before a crossfade begins, unless they stay until the end of the film. Raises TextError for words
    that cannot be read in the time."""
    shortest = shortest_shot(words, style, stays=stays)
    if frames < shortest:
        raise TextError(_too_short(words, shortest, frames))
    stagger = min(style.stagger, (frames - shortest) // max(1, parts - 1))
    leaving = frames - _going(style, stays=stays)
    full = _FIRST + stagger * max(0, parts - 1) + style.enter.frames
    return Schedule(_FIRST, stagger, full, leaving, frames if stays else leaving + style.leave.frames)


def _too_short(words: Sequence[ScreenText], shortest: int, frames: int) -> str:
    said = " / ".join(each.text for each in words)
    needed = math.ceil(10 * to_seconds(shortest)) / 10
    return (
        f"the words {said!r} take {seconds_to_read(words):.1f} s to read, for which their shot must last {needed:.1f} s; "
        f"it lasts {to_seconds(frames):.1f} s: make it longer or shorten the words"
    )
