"""Draws an intro with the product: it moves from the first frame on, and the name comes over it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from adreel.domain.ad import ScreenText, TextRole
from adreel.domain.films.color import Color
from adreel.domain.films.film import IntroStyle
from adreel.domain.films.formats import FrameSize
from adreel.domain.ports import ProductPicture
from adreel.media.end_cards.end_card import VERSION as END_CARD_VERSION
from adreel.media.end_cards.end_card import product_card_frames
from adreel.media.end_cards.look import end_style
from adreel.media.end_cards.scenery import Entrance, bare_ground
from adreel.media.overlays.overlay import Captioned, check_words
from adreel.media.overlays.schedule import shortest_shot
from adreel.media.worded_frames import WordedFrames

if TYPE_CHECKING:
    from adreel.domain.ports import YuvFrame

VERSION = f"1.{END_CARD_VERSION}"
"""Part of the key of intros with the product. Increased when they are drawn differently."""

ENTRANCES: Mapping[IntroStyle, Entrance] = MappingProxyType(
    {
        IntroStyle.EDITORIAL: Entrance(0.90, 0.075, 30),
        IntroStyle.BOLD: Entrance(0.80, 0.175, 16),
        IntroStyle.MINIMAL: Entrance(0.95, 0.03, 30),
        IntroStyle.LUXURY: Entrance(0.93, 0.02, 45),
        IntroStyle.PLAYFUL: Entrance(0.78, 0.19, 14),
        IntroStyle.TECHNICAL: Entrance(0.88, 0.10, 18),
    }
)
"""How the product comes, by the style of the intro; its words and colours are those of the text style of the same name."""


@dataclass(frozen=True, slots=True)
class IntroCardSpec:
    """The specification of an intro of `frames` frames. `brand` is the colour of the film's cards."""

    style: IntroStyle
    name: str
    brand: Color
    size: FrameSize
    frames: int

    @property
    def captioned(self) -> Captioned:
        """The name, in the style of the intro."""
        words = (ScreenText(TextRole.HEADLINE, self.name),)
        return Captioned(words, end_style(self.style, self.brand), self.size, self.frames, stays=True)


def shortest_intro(style: IntroStyle, name: str) -> int:
    """The frames in which the name can come and be read."""
    return shortest_shot((ScreenText(TextRole.HEADLINE, name),), end_style(style, Color(0, 0, 0)), stays=True)


def check_intro(spec: IntroCardSpec) -> None:
    """Raises TextError for a name that no font shows or that cannot be read in the time."""
    check_words(spec.captioned)


def intro_frames(spec: IntroCardSpec, picture: ProductPicture) -> WordedFrames:
    """Exactly ``spec.frames`` I420 pictures, deterministic; the product is in the first. Raises TextError, RenderError."""
    return product_card_frames(spec.captioned, picture, ENTRANCES[spec.style])


def empty_intro(spec: IntroCardSpec) -> YuvFrame:
    """The picture of an intro without its product and name."""
    return bare_ground(spec.captioned.style.panel.fill, spec.size)
