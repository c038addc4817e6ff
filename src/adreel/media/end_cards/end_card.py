"""Draws the end card of a film: the product, its name, a button, the address and the legal line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from adreel.domain.errors import TextError
from adreel.domain.films.color import Color
from adreel.domain.films.film import EndCardLook
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.logo import BrandLogo
from adreel.domain.films.shown_words import LOGO, ShownWords, Words
from adreel.domain.ports import ProductPicture
from adreel.media.cards.logo import read_logo
from adreel.media.end_cards.logo import place_logo
from adreel.media.end_cards.look import end_style, end_words
from adreel.media.end_cards.scenery import USUAL_ENTRANCE, EndScenery, Entrance
from adreel.media.overlays.overlay import OVERLAY_VERSION, Captioned, Overlay, check_words, plan_overlay
from adreel.media.overlays.schedule import shortest_shot
from adreel.media.worded_frames import WordedFrames

if TYPE_CHECKING:
    from adreel.domain.ports import YuvFrame

VERSION = f"1.{OVERLAY_VERSION}"
"""Part of the key of end cards. Increased when they are drawn differently."""


_SHARES = (1.0, 0.85, 0.7, 0.55)
"""Sizes of the product that are tried, the largest first."""


@dataclass(frozen=True, slots=True)
class EndCardSpec:
    """The specification of an end card of `frames` frames. `cta` is the film's call to action, `brand` its colour."""

    look: EndCardLook
    cta: str | None
    brand: Color
    size: FrameSize
    frames: int

    @property
    def captioned(self) -> Captioned:
        """The words of the card. Raises InputError for an unknown style, TextError when there are none."""
        words = end_words(self.look, self.cta)
        if not words:
            raise TextError("the end card has no words; give it a name, a call to action or an address")
        return Captioned(words, end_style(self.look.style, self.brand), self.size, self.frames, stays=True)


def check_end_card(spec: EndCardSpec) -> None:
    """Raises TextError for words that no font shows or that cannot be read in the time, InputError for an unknown style,
    PhotoError for a logo that cannot be used."""
    check_words(spec.captioned)
    for file in spec.look.logo.files if spec.look.logo else ():
        read_logo(file)


def shortest_end_card(spec: EndCardSpec) -> int:
    """The frames of the shortest end card with these words. Raises as `check_end_card` does, except for the time."""
    captioned = spec.captioned
    return shortest_shot(captioned.words, captioned.style, stays=True)


def end_card_frames(spec: EndCardSpec, picture: ProductPicture) -> WordedFrames:
    """Exactly ``spec.frames`` I420 pictures, deterministic; the product is in the first, as large as the words leave it room.
    Raises TextError, RenderError, PhotoError."""
    return product_card_frames(spec.captioned, picture, logo=spec.look.logo)


def end_card_still(spec: EndCardSpec, picture: ProductPicture) -> YuvFrame:
    """The last of `end_card_frames`, in which all words are there. Raises as it does."""
    overlay, scenery = _planned(spec.captioned, picture, USUAL_ENTRANCE, spec.look.logo)
    last = spec.frames - 1
    return overlay.laid(next(iter(scenery.samples([last]))), last)


def product_card_frames(
    captioned: Captioned,
    picture: ProductPicture,
    entrance: Entrance = USUAL_ENTRANCE,
    logo: BrandLogo | None = None,
) -> WordedFrames:
    """The frames of a card with a product and words, on the ground of the panel of their style. Raises TextError, RenderError,
    PhotoError."""
    overlay, scenery = _planned(captioned, picture, entrance, logo)
    return WordedFrames((*_logo_words(scenery, captioned.frames), *overlay.words), overlay.over(scenery.frames()))


def _logo_words(scenery: EndScenery, frames: int) -> Words:
    """The logo, which is there all the time."""
    return () if scenery.logo is None else (ShownWords(LOGO, "", scenery.logo.box, 0, frames, 0.0),)


def _planned(
    captioned: Captioned, picture: ProductPicture, entrance: Entrance, logo: BrandLogo | None
) -> tuple[Overlay, EndScenery]:
    check_words(captioned)
    ground, size, frames = captioned.style.panel.fill, captioned.size, captioned.frames
    placed = place_logo(logo, ground, size) if logo else None
    # In a narrow frame words stand beside the logo only where there is no room below it.
    logos = (None,) if placed is None else (placed, replace(placed, clear=placed.box))
    sceneries = (
        EndScenery(picture, ground, size, frames, share, entrance, each) for each in logos for share in _SHARES
    )
    return _first_with_room(captioned, sceneries)


def _first_with_room(captioned: Captioned, sceneries: Iterator[EndScenery]) -> tuple[Overlay, EndScenery]:
    """The words beside the first product that leaves them room. Raises the TextError of the last one."""
    refused: TextError | None = None
    for scenery in sceneries:
        try:
            return plan_overlay(captioned, scenery), scenery
        except TextError as error:
            refused = error
    raise TextError("the words leave no room for the product on the card; shorten them") from refused
