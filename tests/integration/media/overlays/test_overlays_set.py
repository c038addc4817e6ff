"""Words of each role as pictures: sizes, ticks, struck prices, plates, scripts."""

from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest

from adreel.domain.ad import ScreenText, TextRole
from adreel.domain.errors import TextError
from adreel.domain.films.formats import FrameSize
from adreel.media.overlays.block import set_block
from adreel.media.overlays.loader import STYLE_NAMES, text_style
from adreel.media.overlays.movement import REST, Pose
from adreel.media.overlays.overlay import Captioned, check_words
from adreel.media.overlays.parts import Part, PartBox, set_part
from adreel.media.overlays.sprite import make_sprite
from adreel.media.yuv import plane_views

BOX = PartBox(900, 700, 1.0, 1.0)


def part(role: TextRole, text: str, style: str = "editorial", struck: str | None = None, box: PartBox = BOX) -> Part:
    chosen = text_style(style)
    return set_part(ScreenText(role, text, struck), chosen, chosen.on_dark, box)


def ink(found: Part) -> tuple[int, int, int, int]:
    """Left, top, width and height of what is drawn."""
    left, top, width, height = cv2.boundingRect((found.layer[:, :, 3] > 0.3).astype(np.uint8))
    return left, top, width, height


@pytest.mark.parametrize("style", STYLE_NAMES)
@pytest.mark.parametrize(("role", "least"), [(TextRole.HEADLINE, 60), (TextRole.ADDRESS, 30), (TextRole.LEGAL, 30)])
def test_capitals_are_at_least_as_high_as_promised_even_at_their_smallest(
    style: str, role: TextRole, least: int
) -> None:
    smallest = PartBox(900, 700, 1.0, 0.0)
    found = part(role, "HIE", style, box=smallest)
    assert ink(found)[3] >= least - 1
    assert found.cap == pytest.approx(text_style(style).roles[role].least, rel=0.02)
    assert ink(part(role, "HIE", style))[3] == pytest.approx(text_style(style).roles[role].cap, abs=2)


def test_a_former_price_stands_beside_the_price_struck_through() -> None:
    alone, both = part(TextRole.PRICE, "$129"), part(TextRole.PRICE, "$129", struck="$169")
    assert both.width > alone.width + 100
    former = both.layer[:, alone.width + 20 :, 3]
    rows = (former > 0.5).mean(axis=1)
    assert rows.max() > 0.75, "a line along all of it"
    assert both.cap >= 30


def test_a_former_price_moves_below_where_there_is_no_room_beside() -> None:
    narrow = PartBox(360, 700, 1.0, 1.0)
    alone = part(TextRole.PRICE, "$129.00", box=narrow)
    both = part(TextRole.PRICE, "$129.00", struck="$169.00", box=narrow)
    assert both.width <= 360
    assert both.height > alone.height + 30


def test_a_bullet_has_its_mark_before_its_words_also_from_right_to_left() -> None:
    for text, backwards in (("Dishwasher safe", False), ("آمن في غسالة الصحون", True)):
        found = part(TextRole.BULLET, text, "bold")
        assert found.right_to_left is backwards
        # The disc has the accent colour, yellow, the words are white: only the disc lacks blue.
        yellow = np.flatnonzero(((found.layer[:, :, 0] > 0.9) & (found.layer[:, :, 2] < 0.2)).any(axis=0))
        assert yellow.mean() < 0.2 * found.width if not backwards else yellow.mean() > 0.8 * found.width


def test_bullets_of_a_shot_are_all_of_one_size() -> None:
    style = text_style("bold")
    said = [ScreenText(TextRole.BULLET, text) for text in ("Light", "A far longer line that needs more room than one")]
    block = set_block(said, style, style.on_dark, 620, 700, 1.0)
    caps = [piece.part.cap for piece in block.pieces]
    assert caps[0] == pytest.approx(caps[1], rel=0.03)


def test_parts_stand_below_one_another_in_the_order_of_roles() -> None:
    style = text_style("minimal")
    roles = (TextRole.LEGAL, TextRole.PRICE, TextRole.HEADLINE, TextRole.BADGE)
    block = set_block([ScreenText(role, "Words 1") for role in roles], style, style.on_dark, 900, 900, 1.0)
    assert [piece.part.role for piece in block.pieces] == list(reversed(roles))
    edges = [(piece.top, piece.top + piece.part.height) for piece in block.pieces]
    assert all(above[1] <= below[0] + 4 for above, below in itertools.pairwise(edges))
    assert {piece.left for piece in block.pieces} == {0}


@pytest.mark.parametrize("text", ["#let x = 1", "$ * _ \\ <a> @b", '[#image("x")]'])
def test_text_is_never_markup(text: str) -> None:
    assert ink(part(TextRole.HEADLINE, text))[2] > 100


def test_what_no_font_shows_and_what_is_empty_is_refused() -> None:
    for text in ("\ue123", " "):
        captioned = Captioned((ScreenText(TextRole.HEADLINE, text),), text_style("minimal"), FrameSize(1920, 1080), 200)
        with pytest.raises(TextError):
            check_words(captioned)


def test_a_word_that_does_not_fit_at_its_smallest_is_refused_with_the_words() -> None:
    style = text_style("minimal")
    with pytest.raises(TextError, match="Supercalifragilistic"):
        set_block(
            [ScreenText(TextRole.HEADLINE, "Supercalifragilisticexpialidocious")], style, style.on_dark, 300, 300, 1.0
        )


SIZE = FrameSize(64, 48)


def frame(level: int) -> np.ndarray:
    made = np.full((72, 64), 128, np.uint8)
    made[:48] = level
    return made


@pytest.mark.parametrize(("left", "top"), [(10, 8), (11, 9), (-4, -3), (60, 44)])
def test_a_sprite_is_laid_exactly_where_it_belongs(left: int, top: int) -> None:
    white = np.ones((7, 9, 4), np.float32)
    laid = frame(40)
    make_sprite(white, left, top, SIZE, 1.0, 0, backwards=False).lay(laid, SIZE, REST)
    y, u, v = plane_views(laid, SIZE)
    expected = np.full((48, 64), 40, np.uint8)
    expected[max(0, top) : top + 7, max(0, left) : left + 9] = 235
    assert np.abs(y.astype(int) - expected).max() <= 1
    assert np.abs(u.astype(int) - 128).max() <= 1
    assert np.abs(v.astype(int) - 128).max() <= 1


def test_a_sprite_fades_moves_and_is_wiped() -> None:
    sprite = make_sprite(np.ones((8, 20, 4), np.float32), 20, 20, SIZE, 1.0, 10, backwards=False)

    def shown(pose: Pose) -> np.ndarray:
        laid = frame(35)
        sprite.lay(laid, SIZE, pose)
        return (laid[:48].astype(float) - 35) / 200

    assert shown(Pose(opacity=0.5)).max() == pytest.approx(0.5, abs=0.02)
    assert shown(Pose(y=4)).sum() == pytest.approx(shown(REST).sum(), rel=0.02)
    assert shown(Pose(y=4))[20:23].max() < 0.05
    wiped = shown(Pose(shown=0.5))
    assert wiped[24, 22] == pytest.approx(1, abs=0.03)
    assert wiped[24, 38] < 0.05
    assert shown(Pose(scale=0.5)).sum() == pytest.approx(shown(REST).sum() / 4, rel=0.15)
