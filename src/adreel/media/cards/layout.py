"""Sets the text of a card with typst: wrapped in balanced lines, as large as fits, on a transparent picture."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import typst

import adreel.assets
from adreel.domain.errors import RenderError, TextError
from adreel.domain.films.color import Color
from adreel.media.cards.font_chain import FontChain
from adreel.media.cards.text import TextRun, keep_words, script_name, split_lines, split_runs, unbreakable_words
from adreel.media.cards.typefaces import linked_folder

if TYPE_CHECKING:
    import numpy.typing as npt

_FOLDER = Path(adreel.assets.__file__).parent / "cards"

_STEP = 0.96
_FAVOUR = 0.86
"""Cost of one more line: two lines are preferred when their type is at least 1 / 0.86 times as large."""

_EDGES = (0.7, 0.0)
"""Top and bottom of a line in em, about the height of capitals: blocks are centred optically."""

_MARGIN = 0.8
"""Page margin around the box, in em of the largest type: marks, swashes and emoji extend beyond their lines."""

_ALPHABETS = frozenset({"Latin", "Greek", "Cyrillic"})
_SQUARE = frozenset({"Hebrew", "Chinese", "Hiragana", "Katakana", "Hangul"})


@dataclass(frozen=True, slots=True)
class TypeBox:
    """The space for text: width and height in pixels; the largest type for one, two, three … lines; the smallest type."""

    width: int
    height: int
    caps: tuple[float, ...]
    smallest: float


class Side(StrEnum):
    """Where the lines of a text begin or are centred."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


@dataclass(frozen=True, slots=True)
class Setting:
    """How lines are set: aligned, and with `tracking` in em for alphabets; None leaves it to the script."""

    side: Side = Side.CENTER
    tracking: float | None = None


CENTERED = Setting()


@dataclass(frozen=True, slots=True)
class SetText:
    """Text as a picture cropped to its ink: (height, width, 4) RGBA, not premultiplied.

    `middle` and `height` are the optical centre and height in pixels from the top of the picture: from the first to the last
    line of capitals, without descenders. `size` is the type size in pixels, `lines` the number of lines.
    """

    rgba: npt.NDArray[np.uint8]
    middle: float
    height: float
    size: float
    lines: int = 1


@dataclass(frozen=True, slots=True)
class _Style:
    """Typesetting of a text: leading and tracking in em, language (BCP 47), whether it is centred by its capitals, and the side
    at which its lines begin."""

    leading: float
    tracking: float
    language: str
    by_capitals: bool
    side: Side = Side.CENTER


def set_text(text: str, chain: FontChain, box: TypeBox, color: Color, setting: Setting = CENTERED) -> SetText:
    """Sets a cleaned text. Raises TextError when it would be illegibly small, RenderError when typst fails."""
    style = _style(text, setting)
    limit = max(box.caps)
    while limit >= box.smallest:
        parameters = _parameters(text, chain, box, style, color, limit)
        picture, size, lines = _compile(parameters, chain, text)
        left, top, width, height = cv2.boundingRect(picture[:, :, 3])
        if not width:
            raise TextError(f"the card text {text!r} shows nothing in this font; choose another font or other words")
        overflow = max(width / box.width, height / box.height)
        if overflow <= 1:
            ink = picture[top : top + height, left : left + width]
            if not style.by_capitals:
                return SetText(ink, height / 2, height, size, lines)
            block = lines * (_EDGES[0] - _EDGES[1]) + (lines - 1) * style.leading
            return SetText(ink, picture.shape[0] / 2 - top, block * size, size, lines)
        limit = size / overflow * 0.99  # ink extends beyond the lines that typst fitted
    raise TextError(f"the card text {text!r} does not fit; shorten it")


def _parameters(
    text: str, chain: FontChain, box: TypeBox, style: _Style, color: Color, limit: float
) -> dict[str, object]:
    steps = max(1, math.ceil(math.log(box.smallest / limit, _STEP)))
    return {
        "margin": _MARGIN * max(box.caps),
        "box": [box.width, box.height],
        "caps": box.caps,
        "sizes": [limit * _STEP**step for step in range(steps)],
        "favour": _FAVOUR,
        "edges": _EDGES,
        "leading": style.leading,
        "tracking": style.tracking,
        "lang": style.language,
        "side": style.side.value,
        "color": color.hex,
        "faces": [{"family": face.family, "excluded": chain.excluded.get(face, "")} for face in chain.letters],
        "emoji": None if chain.emoji is None else chain.emoji.family,
        "lines": [{"runs": _runs(line.runs), "rtl": line.right_to_left} for line in split_lines(text)],
        "words": [_runs(split_runs(word)) for word in unbreakable_words(text)],
    }


def _runs(runs: Iterable[TextRun]) -> list[dict[str, object]]:
    return [{"text": keep_words(run.text), "emoji": run.emoji} for run in runs]


def _compile(parameters: dict[str, object], chain: FontChain, text: str) -> tuple[npt.NDArray[np.uint8], float, int]:
    """RGBA of the whole page, and the size and number of lines that typst chose."""
    with linked_folder(face.path for face in chain.faces) as folder:
        compiler = typst.Compiler(
            input=str(_FOLDER / "card.typ"),
            root=str(_FOLDER),
            font_paths=[folder],
            ignore_system_fonts=True,
            sys_inputs={"p": json.dumps(parameters)},
        )
        try:
            png, warnings = compiler.compile_with_warnings(format="png", ppi=72.0)
            fit = json.loads(compiler.query("<fit>", field="value", one=True))
        except typst.TypstError as error:
            if "text does not fit" in str(error):
                raise TextError(f"the card text {text!r} has a word too long to be readable; shorten it") from error
            raise RenderError(f"the card text {text!r} could not be set: {error}") from error
    if warnings:
        raise RenderError(f"the card text {text!r} could not be set correctly: {warnings[0].message}")
    return _decode(png), float(fit["size"]), int(fit["lines"])


def _decode(png: object) -> npt.NDArray[np.uint8]:
    if not isinstance(png, bytes):
        raise RenderError("the card has more than one page; this is a defect of adreel")
    bgra = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    if bgra is None or bgra.ndim != 3:
        raise RenderError("typst returned a picture that cannot be read; this is a defect of adreel")
    return cv2.cvtColor(bgra, cv2.COLOR_BGRA2RGBA).astype(np.uint8, copy=False)


def _style(text: str, setting: Setting) -> _Style:
    script = _script_style(text)
    tracking = script.tracking if setting.tracking is None or not script.by_capitals else setting.tracking
    return replace(script, tracking=tracking, side=setting.side)


def _script_style(text: str) -> _Style:
    """Scripts with marks above and below need more leading; only plain alphabets get negative tracking."""
    scripts = {script_name(char) for char in text if unicodedata.category(char)[0] == "L"}
    language = "ja" if scripts & {"Hiragana", "Katakana"} else "ko" if "Hangul" in scripts else "en"
    if scripts <= _ALPHABETS:
        return _Style(leading=0.44, tracking=-0.012, language=language, by_capitals=True)
    if scripts <= _ALPHABETS | _SQUARE:
        return _Style(0.54, 0.0, "zh" if "Chinese" in scripts and language == "en" else language, by_capitals=False)
    return _Style(leading=0.8, tracking=0.0, language=language, by_capitals=False)
