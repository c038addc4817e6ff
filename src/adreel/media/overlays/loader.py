"""Reads the text styles of `styles/`. A field that is missing, misspelt or out of its range is an error that names it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from importlib import resources
from typing import TypeVar, cast

from adreel.domain.ad import TextRole
from adreel.domain.errors import InputError
from adreel.domain.films.color import Color
from adreel.media.cards.colors import MIN_CONTRAST
from adreel.media.overlays.faces import FACES
from adreel.media.overlays.style import (
    LEAST_CAP,
    LEAST_CAP_ELSE,
    Align,
    Backing,
    Mark,
    Motion,
    MotionKind,
    Palette,
    Panel,
    RoleStyle,
    Tag,
    TextStyle,
)

DEFAULT_STYLE = "editorial"

STYLE_NAMES = ("editorial", "bold", "minimal", "luxury", "playful", "technical")

_MOST_FRAMES = 30
_MOST_PIXELS = 400

T = TypeVar("T")
E = TypeVar("E", bound=Enum)


def text_style(name: str) -> TextStyle:
    """The style of this name; the default for an empty one. Raises InputError for an unknown name."""
    wanted = name or DEFAULT_STYLE
    if wanted not in STYLE_NAMES:
        raise InputError(f"no text style is called {wanted!r}; choose one of {', '.join(STYLE_NAMES)}")
    return _shipped(wanted)


def text_styles() -> tuple[TextStyle, ...]:
    """All styles that ship with adreel."""
    return tuple(_shipped(name) for name in STYLE_NAMES)


@cache
def _shipped(name: str) -> TextStyle:
    folder = resources.files("adreel.media.overlays") / "styles"
    return parse_style(name, (folder / f"{name}.toml").read_text(encoding="utf-8"))


def parse_style(name: str, text: str) -> TextStyle:
    """Parses a style's TOML. Raises InputError that names the style and the field at fault."""
    try:
        table = tomllib.loads(text)
    except ValueError as error:
        raise InputError(f"text style {name}: not valid TOML: {error}") from error
    return _style(name, _Table(f"text style {name}", table))


class _Table:
    """A table whose fields are taken one by one; fields left over are an error."""

    def __init__(self, path: str, values: Mapping[str, object]) -> None:
        self._path = path
        self._values = dict(values)

    def take(self, field: str, read: Callable[[object], T], *default: T) -> T:
        """Reads a field with `read`, which raises InputError that names the expected value."""
        if field not in self._values:
            if default:
                return default[0]
            raise InputError(f"{self._path}: {field} is missing")
        value = self._values.pop(field)
        try:
            return read(value)
        except InputError as error:
            raise InputError(f"{self._path}: {field} is {value!r}: {error}") from error

    def table(self, field: str) -> _Table:
        return self.take(field, lambda value: _Table(f"{self._path}, {field}", _mapping(value)))

    def has(self, field: str) -> bool:
        return field in self._values

    def end(self) -> None:
        """Raises InputError for a field that nothing read."""
        if self._values:
            raise InputError(f"{self._path}: {', '.join(self._values)} is not known")

    def fail(self, reason: str) -> InputError:
        return InputError(f"{self._path}: {reason}")


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise InputError("a table is expected")
    return cast("Mapping[str, object]", value)


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise InputError("a text is expected")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise InputError("true or false is expected")
    return value


def _number(low: float, high: float) -> Callable[[object], float]:
    def read(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise InputError(f"a number from {low:g} to {high:g} is expected")
        return float(value)

    return read


def _whole(low: int, high: int) -> Callable[[object], int]:
    def read(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise InputError(f"a whole number from {low} to {high} is expected")
        return value

    return read


def _member(kind: type[E]) -> Callable[[object], E]:
    def read(value: object) -> E:
        names = [str(member.value) for member in kind]
        if value not in names:
            raise InputError(f"one of {', '.join(names)} is expected")
        return kind(value)

    return read


def _color(value: object) -> Color:
    return Color.parse(_text(value))


def _style(name: str, table: _Table) -> TextStyle:
    style = TextStyle(
        name=name,
        title=table.take("title", _text),
        align=table.take("align", _member(Align)),
        backing=table.take("backing", _member(Backing)),
        shade=table.take("shade", _number(0, 0.8)),
        gap=table.take("gap", _number(12, 80)),
        rule=table.take("rule", _number(0, _MOST_PIXELS)),
        mark=table.take("mark", _member(Mark)),
        on_dark=_palette(table.table("on_dark")),
        on_light=_palette(table.table("on_light")),
        panel=_panel(table.table("panel")),
        enter=_motion(table.table("enter")),
        leave=_motion(table.table("leave")),
        stagger=table.take("stagger", _whole(0, 15)),
        over_product=table.take("over_product", _flag),
        roles=_roles(table.table("roles")),
    )
    table.end()
    return style


def _roles(table: _Table) -> Mapping[TextRole, RoleStyle]:
    roles = {role: _role(role, table.table(role.value)) for role in TextRole}
    table.end()
    return roles


def _role(role: TextRole, table: _Table) -> RoleStyle:
    lowest = LEAST_CAP.get(role, LEAST_CAP_ELSE)
    cap = table.take("cap", _whole(lowest, _MOST_PIXELS))
    style = RoleStyle(
        face=table.take("face", _face),
        cap=cap,
        least=table.take("least", _whole(lowest, cap)),
        tracking=table.take("tracking", _number(-0.05, 0.4), 0.0),
        upper=table.take("upper", _flag, False),
        accent=table.take("accent", _flag, False),
        tag=_tag(table.table("tag")) if table.has("tag") else None,
    )
    table.end()
    return style


def _face(value: object) -> str:
    if value not in FACES:
        raise InputError(f"one of {', '.join(FACES)} is expected")
    return _text(value)


def _tag(table: _Table) -> Tag:
    tag = Tag(table.take("fill", _color), table.take("ink", _color), table.take("radius", _number(0, 0.5)))
    _check_contrast(table, tag.fill, tag.ink)
    table.end()
    return tag


def _palette(table: _Table) -> Palette:
    palette = Palette(table.take("ink", _color), table.take("accent", _color))
    table.end()
    return palette


def _panel(table: _Table) -> Panel:
    panel = Panel(
        fill=table.take("fill", _color),
        letters=Palette(table.take("ink", _color), table.take("accent", _color)),
        radius=table.take("radius", _number(0, 120)),
        padding=table.take("padding", _number(20, 120)),
        bar=table.take("bar", _number(0, 40), 0.0),
    )
    _check_contrast(table, panel.fill, panel.letters.ink)
    _check_contrast(table, panel.fill, panel.letters.accent)
    table.end()
    return panel


def _check_contrast(table: _Table, fill: Color, ink: Color) -> None:
    if fill.contrast(ink) < MIN_CONTRAST:
        raise table.fail(
            f"{ink.hex} on {fill.hex} has a contrast of {fill.contrast(ink):.1f}; {MIN_CONTRAST} is needed"
        )


def _motion(table: _Table) -> Motion:
    motion = Motion(
        kind=table.take("kind", _member(MotionKind)),
        frames=table.take("frames", _whole(1, _MOST_FRAMES)),
        distance=table.take("distance", _number(0, 200), 0.0),
    )
    table.end()
    return motion
