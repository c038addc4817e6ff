"""One text as a picture in one colour, with the lines on which its capitals stand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from adreel.domain.errors import TextError
from adreel.domain.films.color import Color
from adreel.media.cards.font_chain import FontChain, find_chain
from adreel.media.cards.layout import SetText, Setting, Side, TypeBox, set_text
from adreel.media.cards.text import clean_text, divide_at_hyphens, is_right_to_left, keep_units
from adreel.media.cards.typefaces import face_name, system_font_folders
from adreel.media.overlays.faces import cap_height, style_face
from adreel.media.overlays.style import RoleStyle

if TYPE_CHECKING:
    import numpy.typing as npt

_EDGE = 0.7
"""Height in em that `cards.layout` takes for the capitals of every face."""

_COLUMN_LINES = 3
"""Lines from which a text is a column."""

_BLACK = Color(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Ink:
    """`rgba` (height, width, 4), not premultiplied, cropped to its ink. `cap_top` and `baseline`: rows of the top of the first
    line's capitals and of the last line's foot; for scripts without capitals the bounds of the ink. `cap` is the height of
    capitals of this size of type, in pixels. `is_cramped`: its lines hold hardly more than a word, or divide one."""

    rgba: npt.NDArray[np.uint8]
    cap_top: float
    baseline: float
    cap: float
    right_to_left: bool
    is_cramped: bool = False

    @property
    def width(self) -> int:
        return self.rgba.shape[1]

    @property
    def height(self) -> int:
        return self.rgba.shape[0]


@dataclass(frozen=True, slots=True)
class CapRange:
    """The largest and the smallest height of capitals in pixels."""

    most: float
    least: float


def set_ink(
    text: str, style: RoleStyle, width: int, height: int, caps: CapRange, color: Color, *, centered: bool
) -> Ink:
    """Sets a text as large as it fits; a word with a hyphen is divided only where it does not fit otherwise.

    Raises TextError when it does not fit, or no font shows it; RenderError."""
    cleaned = keep_units(clean_text(text.upper() if style.upper else text))
    backwards = is_right_to_left(cleaned)
    side = Side.CENTER if centered else Side.RIGHT if backwards else Side.LEFT
    em = cap_height(style.face)
    box = TypeBox(max(1, width), max(1, height), (caps.most / em,), caps.least / em * 0.999)
    try:
        found = _colored(cleaned, style.face, box, Setting(side, style.tracking), color)
    except TextError:
        divided = divide_at_hyphens(cleaned)
        if divided == cleaned:
            raise
        found = _colored(divided, style.face, box, Setting(side, style.tracking), color)
        return _measured(found, em, right_to_left=backwards, is_cramped=True)
    return _measured(found, em, right_to_left=backwards, is_cramped=_is_cramped(found.lines, len(cleaned.split(" "))))


def _is_cramped(lines: int, words: int) -> bool:
    """Three lines or more with hardly more than a word each; not in scripts without spaces."""
    return lines >= _COLUMN_LINES and words - 1 <= lines <= words


def _measured(found: SetText, em: float, *, right_to_left: bool, is_cramped: bool) -> Ink:
    height = found.rgba.shape[0]
    if abs(found.height - height) < 1e-6:
        return Ink(found.rgba, 0.0, float(height), em * found.size, right_to_left, is_cramped)
    top = found.middle - found.height / 2 + (_EDGE - em) * found.size
    return Ink(found.rgba, top, found.middle + found.height / 2, em * found.size, right_to_left, is_cramped)


def _colored(text: str, face: str, box: TypeBox, setting: Setting, color: Color) -> SetText:
    """Letters without emoji are set once, in black, and painted."""
    if _chain(text, face).emoji is not None:
        return _set(text, face, box, setting, color)
    black = _set(text, face, box, setting, _BLACK)
    painted = black.rgba.copy()
    painted[:, :, :3] = (color.red, color.green, color.blue)
    return replace(black, rgba=painted)


@lru_cache(maxsize=256)
def _set(text: str, face: str, box: TypeBox, setting: Setting, color: Color) -> SetText:
    """Remembers what was set: a layout tries several sizes, and the shots of a film share their style."""
    return set_text(text, _chain(text, face), box, color, setting)


@lru_cache(maxsize=256)
def _chain(text: str, face: str) -> FontChain:
    return find_chain(text, style_face(face), system_font_folders())


def ink_fonts(text: str, style: RoleStyle) -> tuple[str, ...]:
    """The names of the faces in which `set_ink` sets a text."""
    return tuple(map(face_name, _chain(clean_text(text.upper() if style.upper else text), style.face).faces))


def check_ink(text: str, style: RoleStyle) -> None:
    """Raises TextError for a text that is empty, too long, or has characters that no font shows."""
    try:
        _chain(clean_text(text.upper() if style.upper else text), style.face)
    except TextError as error:
        raise TextError(str(error).replace("the text of the card", "a text on the screen")) from error
