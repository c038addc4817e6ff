"""End cards as pixels: the product from the first frame, words in the safe area and readable, the same every time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adreel.domain.ad import EndCard
from adreel.domain.errors import InputError, PhotoError, TextError
from adreel.domain.films.box import Box
from adreel.domain.films.color import Color
from adreel.domain.films.film import EndCardLook
from adreel.domain.films.formats import ASPECTS, FrameSize
from adreel.domain.films.logo import BrandLogo
from adreel.domain.ports import ProductPicture
from adreel.media.cards.logo import identified
from adreel.media.end_cards.end_card import (
    EndCardSpec,
    _first_with_room,  # pyright: ignore[reportPrivateUsage]
    check_end_card,
    end_card_frames,
    shortest_end_card,
)
from adreel.media.end_cards.logo import place_logo
from adreel.media.end_cards.look import end_style
from adreel.media.end_cards.scenery import EndScenery, product_box, scale_at
from adreel.media.overlays.loader import STYLE_NAMES
from adreel.media.overlays.overlay import plan_overlay
from adreel.media.overlays.safe_area import safe_area
from adreel.media.yuv import plane_views

LOOK = EndCardLook(Path("mug.jpg"), EndCard(None, "morgen.co", "While stocks last."), "Morgen No. 4", "editorial")
WIDE = FrameSize(640, 360)
SPEC = EndCardSpec(LOOK, "Shop now", Color(20, 80, 90), WIDE, 90)


def picture(*, is_cut: bool = True) -> ProductPicture:
    """A red disc, cut out, or a red photo."""
    y, x = np.mgrid[-1:1:200j, -1:1:200j]
    rgba = np.zeros((200, 200, 4), np.uint8)
    rgba[:] = (200, 30, 20, 255)
    if is_cut:
        rgba[x * x + y * y > 1] = 0
    return ProductPicture(rgba, is_cut)


@pytest.mark.parametrize("aspect", ASPECTS)
@pytest.mark.parametrize("style", STYLE_NAMES)
def test_words_stand_in_the_safe_area_beside_the_product(style: str, aspect: str) -> None:
    full = ASPECTS[aspect]
    size = FrameSize(full.width // 2, full.height // 4 * 2)
    spec = replace(SPEC, look=replace(LOOK, style=style), size=size)
    sceneries = (EndScenery(picture(), spec.captioned.style.panel.fill, size, 90, share) for share in (1.0, 0.85, 0.7))
    overlay, scenery = _first_with_room(spec.captioned, sceneries)
    product = scenery.subject.boxes[0]
    assert product.area > 0.08 * size.width * size.height
    assert len(overlay.boxes) >= 4
    assert all(safe_area(size).grown(1).holds(box) for box in overlay.boxes)
    assert not any(box.meets(product) for box in overlay.boxes)
    assert Box(0, 0, size.width, size.height).holds(product)


@pytest.mark.parametrize("is_cut", [True, False])
def test_the_product_is_there_from_the_first_frame_and_the_words_until_the_last(*, is_cut: bool) -> None:
    frames = list(end_card_frames(SPEC, picture(is_cut=is_cut)))
    assert len(frames) == 90
    box = product_box(1, WIDE)
    x, y = round(box.center[0]), round(box.center[1])
    for frame in (frames[0], frames[-1]):
        assert plane_views(frame, WIDE)[2][y // 2, x // 2] > 170
    left = [plane_views(frame, WIDE)[0][:, : WIDE.width // 3].astype(int) for frame in frames]
    assert np.abs(left[-1] - left[0]).mean() > 2
    assert np.array_equal(left[-1], left[60])
    again = list(end_card_frames(SPEC, picture(is_cut=is_cut)))
    assert all(np.array_equal(one, other) for one, other in zip(frames, again, strict=True))


def test_words_that_leave_no_room_for_the_product_are_refused() -> None:
    long = EndCardLook(Path("mug.jpg"), EndCard(legal="Terms apply. " * 15), "Morgen " * 28, "luxury")
    with pytest.raises(TextError, match="leave no room for the product"):
        end_card_frames(replace(SPEC, look=long, frames=2000), picture())


def test_the_product_grows_all_the_time_and_never_beyond_its_place() -> None:
    scales = [scale_at(index, 120) for index in range(120)]
    assert scales == sorted(scales)
    assert len(set(scales)) == 120
    assert scales[-1] == pytest.approx(1)


def test_the_button_stands_out_in_the_brands_colour_or_else_in_that_of_the_letters() -> None:
    on_white = [end_style("minimal", color) for color in (Color(20, 80, 90), Color(250, 250, 250))]
    fills = [style.roles[role].tag for style in on_white for role in style.roles if role.value == "price"]
    assert [tag.fill for tag in fills if tag] == [Color(20, 80, 90), on_white[0].panel.letters.ink]
    assert all(tag.fill.contrast(tag.ink) >= 4.5 for tag in fills if tag)


def test_a_card_that_cannot_be_read_in_its_time_is_refused_with_the_time_it_needs() -> None:
    shortest = shortest_end_card(SPEC)
    check_end_card(replace(SPEC, frames=shortest))
    with pytest.raises(TextError, match=r"Morgen No\. 4 / Shop now / morgen\.co"):
        check_end_card(replace(SPEC, frames=shortest - 1))


def test_an_unknown_style_and_a_card_without_words_are_refused() -> None:
    with pytest.raises(InputError, match="no text style is called 'baroque'"):
        check_end_card(replace(SPEC, look=replace(LOOK, style="baroque")))
    with pytest.raises(TextError, match="the end card has no words"):
        check_end_card(replace(SPEC, look=EndCardLook(Path("mug.jpg")), cta=None))


def _logo(path: Path, color: tuple[int, int, int]) -> BrandLogo:
    Image.new("RGBA", (160, 60), (*color, 255)).save(path)
    return BrandLogo(path)


@pytest.mark.parametrize("aspect", ASPECTS)
def test_a_logo_stands_in_the_safe_area_and_words_and_product_keep_clear_of_it(aspect: str, tmp_path: Path) -> None:
    full = ASPECTS[aspect]
    size = FrameSize(full.width // 3 // 2 * 2, full.height // 3 // 2 * 2)
    logo = place_logo(_logo(tmp_path / "logo.png", (20, 80, 90)), Color(245, 245, 240), size)
    scenery = EndScenery(picture(), Color(245, 245, 240), size, 90, 0.7, logo=replace(logo, clear=logo.box))
    overlay = plan_overlay(replace(SPEC, size=size).captioned, scenery)
    assert safe_area(size).grown(1).holds(logo.box)
    assert not any(box.meets(logo.box) for box in (*overlay.boxes, *scenery.subject.boxes))


def test_a_logo_is_seen_on_every_frame_and_is_part_of_the_key(tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    spec = replace(SPEC, look=replace(LOOK, logo=_logo(path, (200, 30, 20))))
    plain, marked = (list(end_card_frames(each, picture())) for each in (SPEC, spec))
    box = place_logo(_logo(path, (200, 30, 20)), spec.captioned.style.panel.fill, WIDE).box
    inner = slice(int(box.top) + 4, int(box.bottom) - 4), slice(int(box.left) + 4, int(box.right) - 4)
    for before, after in zip(plain[::30], marked[::30], strict=True):
        assert (np.abs(plane_views(before, WIDE)[0][inner].astype(int) - plane_views(after, WIDE)[0][inner]) > 40).all()
    first = identified(BrandLogo(path))
    assert identified(_logo(path, (0, 0, 0))) != first


@pytest.mark.parametrize(("color", "ground"), [((250, 250, 250), 255), ((5, 5, 5), 0)])
def test_a_logo_that_would_not_be_seen_stands_on_a_plate(
    color: tuple[int, int, int], ground: int, tmp_path: Path
) -> None:
    logo = place_logo(_logo(tmp_path / "logo.png", color), Color(ground, ground, ground), WIDE)
    edge = logo.layer[logo.layer.shape[0] // 2, 1]
    assert edge[3] == 1
    assert abs(edge[0] * 255 - ground) > 200


def test_a_logo_that_cannot_be_read_is_refused_before_the_film_is_made(tmp_path: Path) -> None:
    path = tmp_path / "logo.png"
    path.write_bytes(b"no picture")
    with pytest.raises(PhotoError, match="no logo"):
        check_end_card(replace(SPEC, look=replace(LOOK, logo=BrandLogo(path))))
