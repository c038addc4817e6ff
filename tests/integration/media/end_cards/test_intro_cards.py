"""Intros with the product as pixels: it is there from the first frame, grows, and the name comes over it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from adreel.domain.errors import TextError
from adreel.domain.films.color import Color
from adreel.domain.films.film import IntroStyle
from adreel.domain.films.formats import FrameSize
from adreel.domain.ports import ProductPicture
from adreel.media.checks import LEAST_SHOWN, shown_share
from adreel.media.end_cards.intro_card import (
    ENTRANCES,
    IntroCardSpec,
    check_intro,
    empty_intro,
    intro_frames,
    shortest_intro,
)
from adreel.media.end_cards.scenery import scale_at
from adreel.media.overlays.loader import STYLE_NAMES
from adreel.media.yuv import plane_views

SMALL = FrameSize(320, 180)
STYLES = [style for style in IntroStyle if style is not IntroStyle.PLAIN]


def spec(style: IntroStyle = IntroStyle.BOLD) -> IntroCardSpec:
    return IntroCardSpec(style, "Morgen", Color(20, 80, 90), SMALL, shortest_intro(style, "Morgen"))


def product() -> ProductPicture:
    """A red square, cut out."""
    rgba = np.zeros((60, 60, 4), np.uint8)
    rgba[5:55, 5:55] = (200, 30, 20, 255)
    return ProductPicture(rgba, is_cut=True)


def test_every_style_is_a_text_style_with_an_entrance() -> None:
    assert {str(style) for style in STYLES} == set(STYLE_NAMES)
    assert set(ENTRANCES) == set(STYLES)


@pytest.mark.parametrize("style", STYLES)
def test_the_product_moves_from_the_first_frame_and_is_in_it(style: IntroStyle) -> None:
    first, second = (frame for frame, _ in zip(intro_frames(spec(style), product()), range(2), strict=False))
    assert shown_share(first, empty_intro(spec(style))) > LEAST_SHOWN
    assert not np.array_equal(first, second)
    scales = [scale_at(index, 60, ENTRANCES[style]) for index in range(60)]
    assert len(set(scales)) == 60
    assert scales == sorted(scales)
    assert scales[-1] == pytest.approx(1)


def test_an_empty_first_frame_is_seen() -> None:
    nothing = ProductPicture(np.zeros((60, 60, 4), np.uint8), is_cut=False)
    first = next(intro_frames(spec(), nothing))
    assert shown_share(first, empty_intro(spec())) < LEAST_SHOWN


def test_the_name_comes_and_stays() -> None:
    frames = list(intro_frames(spec(), product()))
    left = [plane_views(frame, SMALL)[0][:, : SMALL.width // 3].astype(int) for frame in frames]
    assert np.abs(left[-1] - left[0]).mean() > 2
    assert np.abs(left[4] - left[0]).mean() < 0.2


def test_a_name_that_cannot_be_read_in_the_time_is_refused() -> None:
    check_intro(spec())
    with pytest.raises(TextError, match="'Morgen'"):
        check_intro(replace(spec(), frames=30))
