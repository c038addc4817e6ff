"""Lines of a text end at spaces; at a hyphen only where the text has no room otherwise, in every style."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest

from adreel.domain.ad import ScreenText, TextRole
from adreel.domain.films.box import Box
from adreel.domain.films.color import Color
from adreel.domain.films.formats import FrameSize
from adreel.media.overlays.ink import CapRange, Ink, set_ink
from adreel.media.overlays.loader import STYLE_NAMES, text_style
from adreel.media.overlays.overlay import Captioned, plan_overlay
from support.footage import MadeFootage, standing

if TYPE_CHECKING:
    from adreel.media.overlays.style import RoleStyle

WORDS = ("Every hand-glazed cup", "Our Water-resistant case", "A made-to-order mug")
BLACK = Color(0, 0, 0)


def ink_of(text: str, role: RoleStyle, width: int, caps: CapRange) -> Ink:
    return set_ink(text, role, width, 900, caps, BLACK, centered=False)


def broken_at_spaces(text: str) -> Iterator[str]:
    """The text in lines that end at its spaces, in every way."""
    words = text.split(" ")
    for gaps in product(" \n", repeat=len(words) - 1):
        yield "".join(word + gap for word, gap in zip(words, (*gaps, ""), strict=True))


@pytest.mark.parametrize("style", STYLE_NAMES)
def test_lines_end_at_spaces_as_long_as_every_word_has_room(style: str) -> None:
    role = text_style(style).roles[TextRole.HEADLINE]
    rng = np.random.default_rng(sum(map(ord, style)))
    text = WORDS[int(rng.integers(len(WORDS)))]
    widest = ink_of(max(text.split(" "), key=len), role, 2000, CapRange(40, 40)).width
    for share in rng.uniform(1.05, 2.2, 2):
        found = ink_of(text, role, round(share * widest), CapRange(40, 39))
        size = CapRange(found.cap, found.cap * 0.9999)
        others = [ink_of(lines, role, 2000, size).rgba for lines in broken_at_spaces(text)]
        assert any(each.shape == found.rgba.shape and np.array_equal(each, found.rgba) for each in others), text


def test_a_compound_without_room_is_divided_at_its_hyphen() -> None:
    role = text_style("bold").roles[TextRole.HEADLINE]
    whole = ink_of("Water-resistant", role, 2000, CapRange(40, 40))
    divided = ink_of("Water-resistant", role, round(0.8 * whole.width), CapRange(40, 40))
    assert divided.height > 1.5 * whole.height
    assert divided.cap == pytest.approx(whole.cap)


def test_words_that_would_stand_in_a_column_take_another_room() -> None:
    """Beside the product there is a narrow room for a word a line, and below it one for all in a line."""
    size, said = FrameSize(960, 540), (ScreenText(TextRole.HEADLINE, "Cold honest brews"),)
    footage = MadeFootage("grey", size, 120, standing(Box(262, 0, 930, 410), 120))
    overlay = plan_overlay(Captioned(said, text_style("minimal"), size, 120), footage)
    (words,) = overlay.words
    assert words.box.width > 2.5 * words.box.height
