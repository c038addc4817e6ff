"""The intro card with the product's name and the outro card with the call to action, frame by frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from adreel.domain.color import Color
from adreel.domain.formats import FrameSize
from adreel.media.cards.art import CardArt, intro_art, outro_art, rule_plate
from adreel.media.cards.backdrop import backdrop
from adreel.media.cards.colors import card_colors
from adreel.media.cards.font_chain import find_chain
from adreel.media.cards.fonts import FontChoice
from adreel.media.cards.motion import REST, Pose, pose
from adreel.media.cards.plate import paste
from adreel.media.cards.text import clean_text

if TYPE_CHECKING:
    from adreel.domain.ports import YuvFrame


class CardKind(StrEnum):
    INTRO = "intro"
    OUTRO = "outro"


@dataclass(frozen=True, slots=True)
class CardSpec:
    """An order for one card. `text` is as the person typed it; line breaks are kept."""

    kind: CardKind
    text: str
    size: FrameSize
    frames: int
    background: Color
    font: FontChoice


def card_frames(spec: CardSpec) -> Iterator[YuvFrame]:
    """Exactly ``spec.frames`` I420 pictures, the same for the same order; pictures that do not differ are one array.

    The text is set before the first frame is asked for. Raises TextError for text that is empty, too long, or that no
    font at hand can show; RenderError when it cannot be set.
    """
    return _animate(spec, *_prepared(spec))


def card_at_rest(spec: CardSpec) -> YuvFrame:
    """The card as it stands once everything has come in: one I420 picture. Raises what `card_frames` raises."""
    still, art = _prepared(spec)
    return _draw(spec.size, still, art, REST)


def _prepared(spec: CardSpec) -> tuple[YuvFrame, CardArt]:
    text = clean_text(spec.text)
    chain = find_chain(text, spec.font.face, spec.font.folders)
    colors = card_colors(spec.background)
    draw = intro_art if spec.kind is CardKind.INTRO else outro_art
    return backdrop(spec.size, colors), draw(text, chain, spec.size, colors)


def _animate(spec: CardSpec, still: YuvFrame, art: CardArt) -> Iterator[YuvFrame]:
    drawn, shown = still, None
    for index in range(spec.frames):
        now = pose(index, spec.frames, spec.size.height)
        if now != shown:
            drawn, shown = _draw(spec.size, still, art, now), now
        yield drawn


def _draw(size: FrameSize, still: YuvFrame, art: CardArt, now: Pose) -> YuvFrame:
    frame = still.copy()
    paste(art.plate, frame, size, now)
    if art.rule is not None and now.rule > 0:
        paste(rule_plate(art.rule, size, now), frame, size, REST)
    return frame
