"""The colours and words of an end card: a text style in the colours of the brand."""

from __future__ import annotations

from dataclasses import replace

from adreel.domain.ad import ScreenText, TextRole
from adreel.domain.films.color import Color
from adreel.domain.films.film import EndCardLook
from adreel.media.cards.colors import MIN_CONTRAST
from adreel.media.overlays.loader import text_style
from adreel.media.overlays.style import Backing, Palette, RoleStyle, Tag, TextStyle

_STANDS_OUT = 1.5
"""Least contrast of a button's fill against the card: below it the button takes the colour of the letters."""

_BUTTON_CAP, _BUTTON_LEAST = 46, 34

_PILL = 0.5
_ROUND_FROM = 8
"""Radius of a style's panel, in pixels of a shorter side of 1080, from which its buttons are round."""


def end_words(look: EndCardLook, cta: str | None) -> tuple[ScreenText, ...]:
    """The words of the card. The call to action stands where a price would: below the name."""
    parts = (
        (TextRole.HEADLINE, look.name),
        (TextRole.PRICE, look.words.cta or cta),
        (TextRole.ADDRESS, look.words.address),
        (TextRole.LEGAL, look.words.legal),
    )
    return tuple(ScreenText(role, text) for role, text in parts if text)


def end_style(name: str, brand: Color) -> TextStyle:
    """The text style of this name for an end card: on the ground of its panel, with a button in the brand's colour. Raises
    InputError for an unknown name."""
    style = text_style(name)
    ground, letters = style.panel.fill, style.panel.letters
    accent = brand if ground.contrast(brand) >= MIN_CONTRAST else letters.accent
    palette = Palette(letters.ink, accent)
    roles = {**style.roles, TextRole.PRICE: _button(style, brand)}
    return replace(style, backing=Backing.AS_NEEDED, on_dark=palette, on_light=palette, roles=roles, over_product=False)


def _button(style: TextStyle, brand: Color) -> RoleStyle:
    """The call to action as letters on a button."""
    fill = brand if style.panel.fill.contrast(brand) >= _STANDS_OUT else style.panel.letters.ink
    label = max((Color(255, 255, 255), Color(0, 0, 0)), key=fill.contrast)
    badge = style.roles[TextRole.BADGE]
    radius = _PILL if style.panel.radius >= _ROUND_FROM else badge.tag.radius if badge.tag else 0.0
    return replace(badge, cap=_BUTTON_CAP, least=_BUTTON_LEAST, tag=Tag(fill, label, radius))
