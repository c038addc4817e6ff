"""Draws a logo that is an SVG: a document of shapes alone, without references, programs, letters or definitions of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.parsers import expat

import typst

from adreel.domain.errors import PhotoError
from adreel.media.photos.opening import refused

MAX_BYTES = 1_000_000
_HEAD = 1024
_MAX_DEPTH, _MAX_ELEMENTS = 100, 20_000
_SPACE = "http://www.w3.org/2000/svg"
_SHAPES = frozenset(
    {
        *("svg", "g", "defs", "symbol", "use", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon"),
        *(
            "clipPath",
            "mask",
            "linearGradient",
            "radialGradient",
            "stop",
            "pattern",
            "style",
            "title",
            "desc",
            "metadata",
        ),
    }
)
_WAYS: Mapping[str, str] = {
    "text": "holds letters: convert them to outlines, or export a PNG",
    "image": "holds a picture: export a PNG with transparency",
}
_PNG = "or export a PNG with transparency"
_ADDRESS = re.compile(r"url\((?!\s*['\"]?#)|@import", re.IGNORECASE)
"""A reference to something outside of the document, in a style or an attribute."""

_SOURCE = """#set page(width: 800pt, height: 800pt, margin: 0pt, fill: none)
#image("logo.svg", width: 100%, height: 100%, fit: "contain")
"""
_PIXELS_PER_INCH = 144.0
"""Of 800 points: 1600 pixels."""


def is_svg(path: Path) -> bool:
    """Whether a file begins as an SVG does. Raises OSError."""
    with path.open("rb") as file:
        return b"<svg" in file.read(_HEAD).lower()


def svg_png(path: Path) -> bytes:
    """PNG of the shapes, 1600 x 1600 pixels with transparency around them. Raises PhotoError for anything but shapes.

    A document can be made to draw for long: use it in a process with limits.
    """
    content = path.read_bytes()
    if len(content) > MAX_BYTES:
        raise PhotoError(f"{path} is larger than {MAX_BYTES // 1_000_000} MB: simplify the logo, {_PNG}")
    _check(path, content)
    with TemporaryDirectory(prefix="adreel-svg-") as folder:
        (Path(folder) / "logo.svg").write_bytes(content)
        (Path(folder) / "main.typ").write_text(_SOURCE, encoding="utf-8")
        with refused(path, "is no SVG that can be drawn"):
            return typst.compile(f"{folder}/main.typ", root=folder, format="png", ppi=_PIXELS_PER_INCH)


def _check(path: Path, content: bytes) -> None:
    parser, check = expat.ParserCreate(namespace_separator=" "), _Check(path)
    parser.StartDoctypeDeclHandler = check.doctype
    parser.StartElementHandler = check.start
    parser.EndElementHandler = check.end
    parser.CharacterDataHandler = check.text
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise PhotoError(f"{path} is a damaged SVG ({error}): export it again, {_PNG}") from error
    check.styles()


@dataclass(slots=True)
class _Check:
    """Receives the parts of a document. Raises PhotoError for what is not a shape."""

    path: Path
    depth: int = 0
    elements: int = 0
    css: list[str] = field(default_factory=list[str])

    def doctype(self, _name: str, _system: str | None, _public: str | None, has_own: bool) -> None:
        if has_own:
            raise PhotoError(f"{self.path} has definitions of its own (DOCTYPE): save it as plain SVG, {_PNG}")

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        self.depth, self.elements = self.depth + 1, self.elements + 1
        if self.depth > _MAX_DEPTH or self.elements > _MAX_ELEMENTS:
            raise PhotoError(f"{self.path} has too many parts for a logo: simplify it, {_PNG}")
        space, _, local = name.rpartition(" ")
        if self.elements == 1 and (space, local) != (_SPACE, "svg"):
            raise PhotoError(f"{self.path} is no SVG: {_PNG.removeprefix('or ')}")
        if space == _SPACE and local not in _SHAPES:
            way = _WAYS.get(local, f"holds <{local}>, and only shapes are drawn: remove it, {_PNG}")
            raise PhotoError(f"{self.path} {way}")
        for key, value in attributes.items():
            self._attribute(key.rpartition(" ")[2], value)

    def _attribute(self, name: str, value: str) -> None:
        is_program = name.lower().startswith("on")
        is_outside = name == "href" and not value.startswith("#")
        if is_program or is_outside or _ADDRESS.search(value):
            raise PhotoError(
                f"{self.path} refers to something outside of it, or runs a program ({name}): remove that, {_PNG}"
            )

    def end(self, _name: str) -> None:
        self.depth -= 1

    def text(self, text: str) -> None:
        self.css.append(text)

    def styles(self) -> None:
        """Checks all text: that of styles comes in pieces."""
        if _ADDRESS.search("".join(self.css)):
            raise PhotoError(f"{self.path} has a style that refers to something outside of it: remove that, {_PNG}")
