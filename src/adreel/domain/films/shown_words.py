"""Where the words of a film stand: what is known exactly of every film that adreel makes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, cast

from adreel.domain.films.box import Box

LOGO = "logo"
NAME, BUTTON = "name", "button"
"""Kinds that are no role of a script's words: a brand's logo, and what plain cards show."""


@dataclass(frozen=True, slots=True)
class ShownWords:
    """Words of one `kind` (a role of a script's words, NAME, BUTTON) or a LOGO, without text.

    `box` is where they stand once they have come, in pixels of the frame; a button with its plate. They are on the screen in the
    frames from `first` to `last` (exclusive) of their shot or film. `type_size` is that of the smallest letters in pixels, 0 for
    a logo. `fonts` names the faces of the letters.
    """

    kind: str
    text: str
    box: Box
    first: int
    last: int
    type_size: float
    fonts: tuple[str, ...] = ()

    def later(self, frames: int) -> ShownWords:
        """The same in a film in which their shot begins at this frame."""
        return replace(self, first=self.first + frames, last=self.last + frames)


Words = tuple[ShownWords, ...]


def smallest_type(words: Words) -> float | None:
    """The size of the smallest letters in pixels; None without any."""
    return min((each.type_size for each in words if each.type_size), default=None)


def to_plain(words: Words) -> list[dict[str, Any]]:
    """The words as plain values, for JSON."""
    return [{**asdict(each), "box": _sides(each.box), "type_size": round(each.type_size, 1)} for each in words]


def read_plain(stored: Sequence[Mapping[str, Any]]) -> Words:
    """Reads what `to_plain` wrote. Raises ValueError for anything else."""
    return tuple(map(_read, stored))


def _sides(box: Box) -> list[float]:
    return [round(side, 1) for side in (box.left, box.top, box.right, box.bottom)]


def _read(stored: Mapping[str, Any]) -> ShownWords:
    try:
        left, top, right, bottom = (float(side) for side in cast("list[Any]", stored["box"]))
        box = Box(left, top, right, bottom)
        times = int(stored["first"]), int(stored["last"])
        fonts = tuple(str(name) for name in cast("list[Any]", stored.get("fonts", ())))
        return ShownWords(str(stored["kind"]), str(stored["text"]), box, *times, float(stored["type_size"]), fonts)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"these are no words of a film: {error}") from error
