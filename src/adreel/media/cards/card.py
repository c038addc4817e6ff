"""Draws the intro card with the product's name and the outro card with the call to action, as frames or as a still PNG."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

from PIL import Image

from adreel.domain.films.box import Box
from adreel.domain.films.color import Color
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.shown_words import BUTTON, NAME, ShownWords
from adreel.media.cards.art import CardArt, rule_plate
from adreel.media.cards.colors import CardColors, card_colors
from adreel.media.cards.font_chain import find_chain
from adreel.media.cards.fonts import FontChoice
from adreel.media.cards.motion import REST, Pose
from adreel.media.cards.plate import paste
from adreel.media.cards.styles import ALL as STYLES
from adreel.media.cards.styles import DEFAULT
from adreel.media.cards.text import clean_text
from adreel.media.cards.typefaces import face_name
from adreel.media.worded_frames import WordedFrames
from adreel.media.yuv import i420_to_rgb

if TYPE_CHECKING:
    from adreel.domain.ports import YuvFrame


class CardKind(StrEnum):
    INTRO = "intro"
    OUTRO = "outro"


@dataclass(frozen=True, slots=True)
class CardSpec:
    """The specification of one card. `text` is as the user typed it, with line breaks. `style` is the name of one of `STYLES`."""

    kind: CardKind
    text: str
    size: FrameSize
    frames: int
    background: Color
    font: FontChoice
    style: str = DEFAULT


def card_frames(spec: CardSpec) -> WordedFrames:
    """Exactly ``spec.frames`` I420 pictures, deterministic; equal consecutive pictures are the same array.

    Sets the text immediately, before the first frame is requested. Raises TextError for text that is empty, too long, or that
    no available font can show; RenderError when typst fails.
    """
    still, art = _prepared(spec)
    return WordedFrames((_words(spec, art),), _animate(spec, still, art))


def _words(spec: CardSpec, art: CardArt) -> ShownWords:
    """The text as large as it becomes: it grows about the middle of the frame."""
    last = STYLES[spec.style].pose(max(0, spec.frames - 1), spec.frames, spec.size.height)
    area, (x, y) = art.words, (spec.size.width / 2, spec.size.height / 2)
    sides = (area.left - x, area.top - y, area.left + area.width - x, area.top + area.height - y)
    left, top, right, bottom = (side * max(1.0, last.scale) for side in sides)
    kind, text = NAME if spec.kind is CardKind.INTRO else BUTTON, clean_text(spec.text)
    fonts = tuple(map(face_name, find_chain(text, spec.font.face, spec.font.folders).faces))
    box = Box(x + left, y + top, x + right, y + bottom)
    return ShownWords(kind, text, box, 0, spec.frames, art.type_size, fonts)


def card_at_rest(spec: CardSpec) -> YuvFrame:
    """The card after its animation: one I420 picture. Raises like `card_frames`."""
    still, art = _prepared(spec)
    return _draw(spec.size, still, art, REST)


def check_card(spec: CardSpec) -> None:
    """Sets the card's text, which takes a tenth of a second, without drawing frames. Raises like `card_frames`."""
    _art(spec, card_colors(spec.background))


def _prepared(spec: CardSpec) -> tuple[YuvFrame, CardArt]:
    colors = card_colors(spec.background)
    return STYLES[spec.style].backdrop(spec.size, colors), _art(spec, colors)


def _art(spec: CardSpec, colors: CardColors) -> CardArt:
    """The card's text as pictures, which do not depend on its length."""
    return _set(replace(spec, frames=0), colors)


@lru_cache(maxsize=4)
def _set(spec: CardSpec, colors: CardColors) -> CardArt:
    """Remembers the last cards: texts are checked before their cards are drawn, and setting one takes a tenth of a second."""
    text = clean_text(spec.text)
    chain = find_chain(text, spec.font.face, spec.font.folders)
    style = STYLES[spec.style]
    draw = style.intro if spec.kind is CardKind.INTRO else style.outro
    return draw(text, chain, spec.size, colors)


def _animate(spec: CardSpec, still: YuvFrame, art: CardArt) -> Iterator[YuvFrame]:
    frame, previous, pose = still, None, STYLES[spec.style].pose
    for index in range(spec.frames):
        now = pose(index, spec.frames, spec.size.height)
        if now != previous:
            frame, previous = _draw(spec.size, still, art, now), now
        yield frame


def _draw(size: FrameSize, still: YuvFrame, art: CardArt, now: Pose) -> YuvFrame:
    frame = still.copy()
    paste(art.plate, frame, size, now)
    if art.rule is not None and now.rule > 0:
        paste(rule_plate(art.rule, size, now), frame, size, REST)
    return frame


def card_png(spec: CardSpec, width: int) -> bytes:
    """The card as PNG, drawn in the film's size and scaled to `width` pixels. Raises like `card_frames`."""
    return frame_png(card_at_rest(spec), width)


def frame_png(frame: YuvFrame, width: int) -> bytes:
    """A frame as PNG, scaled to `width` pixels."""
    file = BytesIO()
    Image.fromarray(i420_to_rgb(frame, width)).save(file, "PNG", compress_level=3)
    return file.getvalue()
