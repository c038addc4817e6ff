"""Cards as pixels: inside the safe area, readable, in the right colours, the same every time."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise, product
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from PIL import ImageFont

from adreel.domain.errors import RenderError, TextError
from adreel.domain.films.color import Color
from adreel.domain.films.formats import FrameSize
from adreel.media.cards.card import CardKind, CardSpec, card_frames
from adreel.media.cards.colors import MIN_CONTRAST, card_colors
from adreel.media.cards.font_chain import FontChain, find_chain
from adreel.media.cards.fonts import DISPLAY_FONTS, resolve_font
from adreel.media.cards.layout import SetText, TypeBox, set_text
from adreel.media.cards.motion import GROWING_FRAMES, REST
from adreel.media.cards.style import CardStyle
from adreel.media.cards.styles import ALL as STYLES
from adreel.media.cards.styles import DEFAULT
from adreel.media.cards.text import clean_text
from adreel.media.cards.typefaces import FONT_FOLDER
from adreel.media.yuv import plane_views

Plane = npt.NDArray[np.uint8]

TEXTS = {
    "quotes": 'L\'Oréal: 100% "pure"',
    "fifty": "The Quick Handmade Stoneware Coffee Mug of Morning",
    "two hundred": "Nothing is made by hand as slowly " * 5 + "or as well as this mug it is",
    "greek": "Ωραία ποιότητα",
    "cyrillic": "Тёплое утро",
    "arabic": "ساعة فاخرة للحياة اليومية",
    "hebrew": "שעון יוקרה לכל יום",
    "hindi": "हर सुबह की ताज़ी चाय",
    "thai": "กาแฟสดใหม่ทุกเช้าเพื่อคุณ",
    "chinese": "清晨的第一杯手工咖啡",
    "japanese": "朝のコーヒーマグカップ 新発売",
    "korean": "따뜻한 아침을 위한 머그컵",
    "emoji": "👨‍👩‍👧‍👦 🇫🇷🇯🇵 👋🏽 1️⃣ ❤️",
    "lines": "one\ntwo\nthree\nfour",
    "long word": "Supercalifragilisticexpialidociousmugmug",
    "markup": "#let x = 1 $ * _ \\ <a> @b",
    "marks": "Z\u0301\u0323\u0302e\u0301\u0323\u0302 y\u0308\u030c",
    "short": "a",
}
LANDSCAPE, PORTRAIT, SQUARE = FrameSize(480, 270), FrameSize(270, 480), FrameSize(360, 360)
BRAND = Color.parse("#1E3A5F")
BOX = TypeBox(900, 500, (90.0, 90.0, 90.0, 90.0, 90.0), 10.0)


def _spec(text: str, kind: CardKind = CardKind.INTRO, size: FrameSize = LANDSCAPE, frames: int = 30) -> CardSpec:
    return CardSpec(kind, text, size, frames, BRAND, resolve_font(None, []))


@cache
def _still(size: FrameSize, brand: Color, style: str) -> Plane:
    return plane_views(STYLES[style].backdrop(size, card_colors(brand)), size)[0]


def _difference(frame: Plane, size: FrameSize, brand: Color = BRAND, style: str = DEFAULT) -> Plane:
    return cv2.absdiff(frame[: size.height], _still(size, brand, style)).astype(np.uint8)


def _chain(text: str) -> FontChain:
    font = resolve_font(None, [])
    return find_chain(text, font.face, font.folders)


def _set(text: str, box: TypeBox = BOX) -> SetText:
    cleaned = clean_text(text)
    return set_text(cleaned, _chain(cleaned), box, Color(0, 0, 0))


def _line_widths(text: SetText) -> list[int]:
    """Widths of the lines of ink, from the rows that have none between them."""
    alpha = text.rgba[:, :, 3]
    edges = np.flatnonzero(np.diff(np.r_[0, (alpha.max(1) > 0).astype(np.int8), 0]))
    spans = zip(edges[::2], edges[1::2], strict=True)
    return [int(np.ptp(np.flatnonzero(alpha[top:bottom].max(0)))) for top, bottom in spans]


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("kind", list(CardKind))
@pytest.mark.parametrize(
    ("name", "size"),
    [*product(TEXTS, (LANDSCAPE, PORTRAIT)), *product(("two hundred", "thai", "long word"), (SQUARE,))],
    ids=lambda value: value.aspect if isinstance(value, FrameSize) else value,
)
def test_no_ink_leaves_the_safe_area_at_any_moment(name: str, kind: CardKind, size: FrameSize, style: str) -> None:
    moments = list(card_frames(replace(_spec(TEXTS[name], kind, size, frames=16), style=style)))
    seen = np.max([_difference(frame, size, style=style) for frame in moments], axis=0)
    left, top, width, height = cv2.boundingRect((seen > 24).astype(np.uint8))
    assert width > 0
    assert left >= size.width * 0.05
    assert left + width <= size.width * 0.95
    assert top >= size.height * 0.05
    assert top + height <= size.height * 0.95
    assert left + width / 2 == pytest.approx(size.width / 2, abs=size.width * 0.02)
    assert top + height / 2 == pytest.approx(size.height / 2, abs=size.height * 0.06)


@pytest.mark.parametrize("frames", [1, 15, 30, 300])
@pytest.mark.parametrize("size", [FrameSize(192, 108), FrameSize(108, 130)])
def test_a_card_has_exactly_the_frames_that_were_ordered_in_the_right_form(frames: int, size: FrameSize) -> None:
    shown = list(card_frames(_spec("Mug", size=size, frames=frames)))
    assert len(shown) == frames
    for frame in shown:
        assert frame.shape == (size.height * 3 // 2, size.width)
        assert frame.dtype == np.uint8
        assert frame.flags.c_contiguous


@pytest.mark.parametrize("kind", list(CardKind))
def test_each_style_draws_its_own_cards(kind: CardKind, monkeypatch: pytest.MonkeyPatch) -> None:
    """The toy shows a call to action where others show the name, and stands still."""
    plain = STYLES[DEFAULT]
    toy = CardStyle("toy", plain.outro, plain.intro, pose=lambda _index, _frames, _height: REST)
    monkeypatch.setitem(cast("dict[str, CardStyle]", STYLES), "toy", toy)
    drawn = list(card_frames(replace(_spec("Mug", kind), style="toy")))
    other = CardKind.OUTRO if kind is CardKind.INTRO else CardKind.INTRO
    assert np.array_equal(drawn[0], drawn[-1])
    assert np.array_equal(drawn[-1], list(card_frames(_spec("Mug", other)))[-1])
    assert not np.array_equal(drawn[-1], list(card_frames(_spec("Mug", kind)))[-1])


@pytest.mark.parametrize("kind", list(CardKind))
def test_the_same_order_is_the_same_card_and_frames_are_not_shared(kind: CardKind) -> None:
    first = list(card_frames(_spec("Mug 😀", kind)))
    second = list(card_frames(_spec("Mug 😀", kind)))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
    assert not np.shares_memory(first[0], first[1])


@pytest.mark.parametrize("kind", list(CardKind))
def test_text_rises_into_place_and_is_opaque_by_frame_ten(kind: CardKind) -> None:
    size = FrameSize(960, 540)
    shown = [_difference(frame, size) for frame in card_frames(_spec("Mug", kind, size))]
    rows = [float(np.flatnonzero((ink > ink.max() // 2).any(1)).mean()) for ink in shown]
    full = int(shown[-1].max())
    assert 0 < shown[0].max() < full / 2
    assert all(ink.max() >= full - 2 for ink in shown[9:])
    assert 0.01 * size.height < rows[0] - rows[14] < 0.04 * size.height
    # The last steps of the rise are of a hundredth of a pixel.
    assert all(np.abs(a.astype(int) - b).max() > 4 for a, b in pairwise(shown[:13]))


def test_long_cards_never_freeze() -> None:
    shown = list(card_frames(_spec("Mug", size=FrameSize(640, 360), frames=2 * GROWING_FRAMES)))
    # The growth is a hair per frame: it must show from one half second to the next.
    assert all(np.abs(a.astype(int) - b).max() > 4 for a, b in pairwise(shown[::15]))


@pytest.mark.parametrize(
    "code", ["#E4572E", "#1E3A5F", "#F5F0E8", "#7A8F6A", "#8A2BE2", "#000000", "#FFFFFF", "#FFCC00"]
)
def test_drawn_ink_reads_and_the_brand_colour_is_true_beside_it(code: str) -> None:
    brand, size = Color.parse(code), FrameSize(960, 540)
    spec = CardSpec(CardKind.INTRO, "Mug", size, 12, brand, resolve_font(None, []))
    frame = list(card_frames(spec))[-1]
    strokes = cv2.erode((_difference(frame, size, brand) > 60).astype(np.uint8), np.ones((9, 9), np.uint8))
    row, column = (int(part[0]) for part in np.nonzero(strokes))
    ink, beside = _seen(frame, size, row, column), _seen(frame, size, 400, 480)
    assert (beside.red, beside.green, beside.blue) == pytest.approx((brand.red, brand.green, brand.blue), abs=2)
    grounds = [beside, *(_seen(frame, size, row, column) for row in (4, 535) for column in (4, 955))]
    assert all(ink.contrast(ground) >= MIN_CONTRAST for ground in grounds)


def _seen(frame: Plane, size: FrameSize, row: int, column: int) -> Color:
    """The colour that a player shows (ITU-R BT.709-6, solved for R, G and B)."""
    y, u, v = plane_views(frame, size)
    luma = (float(y[row, column]) - 16) / 219
    blue, red = (float(plane[row // 2, column // 2]) / 224 - 128 / 224 for plane in (u, v))
    r, b = luma + 1.5748 * red, luma + 1.8556 * blue
    return Color(*(round(min(max(part, 0), 1) * 255) for part in (r, (luma - 0.2126 * r - 0.0722 * b) / 0.7152, b)))


@pytest.mark.parametrize(
    "typed",
    [
        "#let x = 1",
        "*bold* _it_",
        "$x^2$",
        "= Title",
        "<label> @ref",
        "\\ \\u{41}",
        '#image("/etc/passwd")',
        "%{pts}':,;[in]",
        "`raw` // c",
    ],
)
def test_what_looks_like_markup_is_drawn_letter_by_letter(typed: str) -> None:
    """Measured against Pillow, which knows no markup: had any of it been read, letters would be missing."""
    drawn = _set(typed)
    font = ImageFont.truetype(str(FONT_FOLDER / DISPLAY_FONTS["Montserrat"]), 200)
    left, _, right, _ = font.getbbox(clean_text(typed))
    expected = (right - left) * drawn.size / 200 - 0.012 * drawn.size * (len(typed) - 1)
    assert len(_line_widths(drawn)) >= 1
    assert drawn.rgba.shape[1] == pytest.approx(expected, rel=0.06)


@pytest.mark.parametrize(
    "emoji",
    [
        "👨‍👩‍👧‍👦",
        "🇫🇷",
        "👋🏽",
        "1️⃣",
        "❤️",
        "🧑‍🚀",
        "🏳️‍🌈",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    ],
)
def test_emoji_sequences_are_one_picture_in_colour(emoji: str) -> None:
    drawn = _set(emoji)
    assert drawn.rgba.shape[1] < 1.4 * drawn.size
    assert (drawn.rgba[:, :, 3] == 255).sum() > 500
    pixels = drawn.rgba[drawn.rgba[:, :, 3] == 255][:, :3]
    assert len(np.unique(pixels, axis=0)) > 5


@pytest.mark.parametrize(
    ("text", "side"), [("שלום 🔴", "left"), ("مرحبا 🔴", "left"), ("hello 🔴", "right"), ("你好 🔴", "right")]
)
def test_what_comes_last_is_at_the_end_of_the_line_in_its_direction(text: str, side: str) -> None:
    rgba = _set(text).rgba.astype(int)
    red = np.flatnonzero(((rgba[:, :, 0] - rgba[:, :, 2] > 80) & (rgba[:, :, 3] > 200)).any(0))
    assert red.size > 0
    assert bool(red.mean() < rgba.shape[1] / 2) == (side == "left")


def test_arabic_letters_are_joined() -> None:
    joined, apart = _set("سسس"), _set("س\u200cس\u200cس")
    assert joined.rgba.shape[1] / joined.size < 0.9 * apart.rgba.shape[1] / apart.size


@pytest.mark.parametrize("name", ["fifty", "two hundred", "arabic", "hindi"])
def test_lines_are_about_equally_long(name: str) -> None:
    """The tails of g and y would join the lines, so that they could not be told apart here."""
    box = TypeBox(500 if name != "hindi" else 300, 700, (60.0,) * 5, 10.0)
    widths = _line_widths(_set(TEXTS[name].replace("g", "o").replace("y", "o"), box))
    assert len(widths) >= 2
    assert min(widths) > 0.55 * max(widths)


def test_newlines_are_kept_and_long_words_make_the_type_smaller() -> None:
    assert len(_line_widths(_set("one\ntwo\nthree"))) == 3
    assert _set("m" * 40).size < 0.5 * _set("m" * 8).size
    assert len(_line_widths(_set("m" * 40))) == 1


def test_korean_words_and_loan_words_are_not_divided() -> None:
    box = TypeBox(330, 500, (90.0,) * 5, 10.0)
    assert len(_line_widths(_set("머그컵을 위한", box))) == 2
    assert _set("コーヒーマグ", box).size < 60


def test_text_that_cannot_be_read_at_any_size_is_refused() -> None:
    with pytest.raises(TextError, match="too long"):
        card_frames(_spec("m" * 150, size=PORTRAIT))


@pytest.mark.parametrize("text", ["", "\x00\x07", "x" * 201, "\u0378", "\U00012000"])
def test_bad_text_is_refused_before_the_first_frame(text: str) -> None:
    with pytest.raises(TextError):
        card_frames(_spec(text))


def test_a_chain_that_names_a_font_typst_does_not_have_is_an_error_and_not_tofu(tmp_path: Path) -> None:
    chain = _chain("Mug")
    (tmp_path / "other.ttf").write_bytes((FONT_FOLDER / DISPLAY_FONTS["Inter"]).read_bytes())
    face = chain.letters[0]
    wrong = FontChain((type(face)("Montserrat", tmp_path / "other.ttf"),), None, {})
    with pytest.raises(RenderError, match="montserrat"):
        set_text("Mug", wrong, BOX, Color(0, 0, 0))


@pytest.mark.parametrize("name", ["Inter", "Playfair Display", "Poppins"])
def test_the_chosen_font_is_the_one_drawn(name: str) -> None:
    font = resolve_font(name, [])
    chosen = set_text("Mug", find_chain("Mug", font.face, []), BOX, Color(0, 0, 0))
    default = _set("Mug")
    assert chosen.rgba.shape != default.rgba.shape


def test_greek_is_not_mixed_from_two_faces() -> None:
    """Montserrat has the capital omega but not the delta: both must come from Inter, as when Inter was chosen."""
    inter = resolve_font("Inter", [])
    wanted = set_text("Ωδ", find_chain("Ωδ", inter.face, []), BOX, Color(0, 0, 0))
    mixed = set_text("Ωδ", FontChain(_chain("Ωδ").letters, None, {}), BOX, Color(0, 0, 0))
    assert np.array_equal(_set("Ωδ").rgba, wanted.rgba)
    assert not np.array_equal(mixed.rgba, wanted.rgba)
