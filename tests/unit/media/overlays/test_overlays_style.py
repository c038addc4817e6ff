"""Text styles as data: those that ship, and the errors for those that are wrong."""

from __future__ import annotations

from importlib import resources

import pytest

from adreel.domain.ad import TextRole
from adreel.domain.errors import InputError
from adreel.media.overlays.loader import DEFAULT_STYLE, STYLE_NAMES, parse_style, text_style, text_styles

GOOD = (resources.files("adreel.media.overlays") / "styles" / "editorial.toml").read_text(encoding="utf-8")


def test_six_styles_ship_and_differ() -> None:
    styles = text_styles()
    assert len(styles) == len(STYLE_NAMES) >= 6
    looks = {(style.roles[TextRole.HEADLINE].face, style.enter.kind, style.align) for style in styles}
    assert len(looks) == len(styles)
    assert len({style.enter.kind for style in styles}) >= 5
    assert len({style.panel.fill for style in styles}) >= 5


@pytest.mark.parametrize("name", STYLE_NAMES)
def test_a_style_has_every_role_in_a_readable_size(name: str) -> None:
    style = text_style(name)
    assert set(style.roles) == set(TextRole)
    assert style.roles[TextRole.HEADLINE].least >= 60
    assert all(role.least >= 30 for role in style.roles.values())
    assert style.panel.fill.contrast(style.panel.letters.ink) >= 4.5


def test_an_empty_name_is_the_default_and_an_unknown_one_an_error() -> None:
    assert text_style("") is text_style(DEFAULT_STYLE)
    with pytest.raises(InputError, match="no text style is called 'baroque'; choose one of editorial, bold"):
        text_style("baroque")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('align = "start"', 'align = "left"', "align is 'left': one of start, center is expected"),
        ("gap = 30", "gap = 300", "gap is 300: a number from 12 to 80 is expected"),
        ("stagger = 3\n", "", "stagger is missing"),
        ("stagger = 3\n", "stagger = 3\nshadow = 1\n", "shadow is not known"),
        ('ink = "#FCF9F3"', 'ink = "white"', "on_dark: ink is 'white': colour"),
        ("cap = 84", "cap = 50", "roles, headline: cap is 50: a whole number from 60"),
        ("least = 60", "least = 90", "roles, headline: least is 90"),
        ('face = "playfair-bold"', 'face = "comic"', "face is 'comic': one of"),
        ('fill = "#FBF7F0"', 'fill = "#333333"', "panel: #191613 on #333333 has a contrast of"),
        ("over_product = true", 'over_product = "yes"', "over_product is 'yes': true or false is expected"),
        ('title = "Editorial"', "title = 3", "title is 3: a text is expected"),
        ("[leave]", "[goodbye]", "leave is missing"),
        ("gap = 30", "gap = ", "not valid TOML"),
    ],
)
def test_a_wrong_style_names_the_field(old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(InputError) as raised:
        parse_style("mine", GOOD.replace(old, new, 1))
    assert "text style mine" in str(raised.value)
    assert message in str(raised.value)
