"""What a style of cards consists of: its artwork, its background and its movement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from adreel.domain.films.formats import FrameSize
from adreel.media.cards.art import CardArt
from adreel.media.cards.backdrop import backdrop
from adreel.media.cards.colors import CardColors
from adreel.media.cards.font_chain import FontChain
from adreel.media.cards.motion import Pose, pose

if TYPE_CHECKING:
    from adreel.domain.ports import YuvFrame

DrawArt = Callable[[str, FontChain, FrameSize, CardColors], CardArt]
"""Draws a text as artwork. Raises TextError for text that does not fit, RenderError when typst fails."""


@dataclass(frozen=True, slots=True)
class CardStyle:
    """One look of cards. Everything must be deterministic: finished cards are cached by the style's name.

    `intro` and `outro` draw a product's name and a call to action. `backdrop` gives a read-only I420 picture without text. `pose`
    places the artwork in frame `index` of `frames`, in pictures of `height` pixels: at most `MAX_GROWTH` and `RISE` off its rest.
    """

    name: str
    intro: DrawArt
    outro: DrawArt
    backdrop: Callable[[FrameSize, CardColors], YuvFrame] = backdrop
    pose: Callable[[int, int, int], Pose] = pose
