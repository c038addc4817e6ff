"""Contrast on cards, and the colours that reach the film."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adreel.domain.films.color import Color
from adreel.domain.films.formats import FrameSize
from adreel.media.cards.backdrop import backdrop
from adreel.media.cards.colors import MIN_CONTRAST, card_colors
from adreel.media.yuv import plane_views
from support.yuv import rgb_to_i420

_CHANNEL = st.integers(0, 255)
_COLORS = st.builds(Color, _CHANNEL, _CHANNEL, _CHANNEL)
_SIZE = FrameSize(320, 180)


def _decoded(y: float, u: float, v: float) -> tuple[float, float, float]:
    """Inverse of ITU-R BT.709-6, written out on its own: not the matrix under test."""
    luma, blue, red = (y - 16) / 219, (u - 128) / 224, (v - 128) / 224
    r, b = luma + 1.5748 * red, luma + 1.8556 * blue
    g = (luma - 0.2126 * r - 0.0722 * b) / 0.7152
    return (r * 255, g * 255, b * 255)


@given(_COLORS)
def test_ink_reads_on_the_middle_and_on_the_corners_and_the_label_on_the_ink(brand: Color) -> None:
    colors = card_colors(brand)
    assert colors.center == brand
    assert colors.ink.contrast(colors.center) >= MIN_CONTRAST
    assert colors.ink.contrast(colors.edge) >= MIN_CONTRAST
    assert colors.label.contrast(colors.ink) >= MIN_CONTRAST


def test_the_hardest_greys_get_ink_too() -> None:
    assert all(
        card_colors(Color(level, level, level)).ink.contrast(Color(level, level, level)) > 4.5 for level in range(256)
    )


def test_dark_and_light_brands_get_soft_inks_and_a_vignette() -> None:
    navy, cream = card_colors(Color.parse("#1E3A5F")), card_colors(Color.parse("#F5F0E8"))
    assert navy.ink.luminance > 0.9
    assert 0 < cream.ink.luminance < 0.01
    assert navy.edge.luminance < navy.center.luminance
    assert cream.edge.luminance < cream.center.luminance


@given(_COLORS)
def test_every_brand_colour_decodes_to_itself_in_the_middle(brand: Color) -> None:
    y, u, v = plane_views(backdrop(_SIZE, card_colors(brand)), _SIZE)
    middle = (slice(80, 100), slice(150, 170))
    half = (slice(40, 50), slice(75, 85))
    assert np.ptp(y[middle]) == np.ptp(u[half]) == np.ptp(v[half]) == 0
    decoded = _decoded(float(y[90, 160]), float(u[45, 80]), float(v[45, 80]))
    assert decoded == pytest.approx((brand.red, brand.green, brand.blue), abs=1.5)


def test_the_vignette_has_no_coloured_rings() -> None:
    _, u, v = plane_views(backdrop(_SIZE, card_colors(Color.parse("#F5F0E8"))), _SIZE)
    assert np.ptp(u) == np.ptp(v) == 0


@given(_COLORS)
def test_the_corners_are_as_dark_as_the_contrast_was_computed_for(brand: Color) -> None:
    colors = card_colors(brand)
    y, u, v = (int(plane[-1, -1]) for plane in plane_views(backdrop(_SIZE, colors), _SIZE))
    seen = Color(*(round(min(max(channel, 0), 255)) for channel in _decoded(y, u, v)))
    assert seen.contrast(colors.ink) >= MIN_CONTRAST


def test_the_vignette_is_dithered_and_gentle() -> None:
    y, _, _ = plane_views(backdrop(FrameSize(960, 540), card_colors(Color.parse("#1E3A5F"))), FrameSize(960, 540))
    corner = y[:60, :120].astype(int)
    assert np.abs(np.diff(corner)).max() == 1
    assert (np.diff(corner) == 1).sum() > 500
    assert (np.diff(corner) == -1).sum() > 500


@pytest.mark.parametrize(
    "code", ["#E4572E", "#000000", "#FFFFFF", "#FF0000", "#00FF00", "#0000FF", "#808080", "#1E3A5F"]
)
def test_rgb_becomes_bt709_and_not_bt601(code: str) -> None:
    color = Color.parse(code)
    rgb = np.full((8, 8, 3), (color.red, color.green, color.blue), np.uint8)
    y, u, v = plane_views(rgb_to_i420(rgb), FrameSize(8, 8))
    decoded = _decoded(float(y[0, 0]), float(u[0, 0]), float(v[0, 0]))
    assert decoded == pytest.approx((color.red, color.green, color.blue), abs=2)


def test_white_and_black_are_the_limits_of_the_range() -> None:
    picture = np.zeros((4, 4, 3), np.uint8)
    picture[:2] = 255
    frame = rgb_to_i420(picture)
    assert frame.shape == (6, 4)
    assert frame.dtype == np.uint8
    assert frame.flags.c_contiguous
    assert frame[:4, 0].tolist() == [235, 235, 16, 16]
    assert frame[4:].tolist() == [[128] * 4] * 2


def test_chroma_is_the_mean_of_four_pixels_and_heights_need_not_divide_by_four() -> None:
    picture = np.zeros((6, 4, 3), np.uint8)
    picture[::2] = (255, 0, 0)
    _, u, v = plane_views(rgb_to_i420(picture), FrameSize(4, 6))
    assert u.shape == v.shape == (3, 2)
    assert v.tolist() == [[184, 184]] * 3  # halfway between 128 and 240
