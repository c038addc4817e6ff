"""Words over pictures of every kind: inside the safe area, clear of the product, readable all the time."""

from __future__ import annotations

from itertools import product as every

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adreel.domain.ad import ScreenText, TextRole
from adreel.domain.errors import TextError
from adreel.domain.films.box import Box
from adreel.domain.films.formats import ASPECTS, FrameSize
from adreel.domain.films.subject import Subject
from adreel.media.overlays.loader import STYLE_NAMES, text_style
from adreel.media.overlays.overlay import Captioned, Overlay, plan_overlay
from adreel.media.overlays.safe_area import safe_area
from adreel.media.overlays.sprite import Sprite
from adreel.media.yuv import i420_to_rgb
from support.examples import examples
from support.footage import GROUNDS, MadeFootage, standing

FRAMES = 260

SAID = {
    "latin": [
        "Slow",
        "mornings",
        "made",
        "by",
        "hand",
        "in",
        "small",
        "batches",
        "for",
        "people",
        "who",
        "like",
        "quiet",
        "things",
    ],
    "greek": ["Ήσυχα", "πρωινά", "φτιαγμένα", "στο", "χέρι"],
    "cyrillic": ["Тихое", "утро", "сделано", "вручную", "навсегда"],
    "arabic": ["صباح", "هادئ", "مصنوع", "باليد", "لكل", "يوم"],
    "hebrew": ["שעון", "יוקרה", "לכל", "יום", "ולכל", "אדם"],
    "hindi": ["हर", "सुबह", "की", "ताज़ी", "चाय", "आपके", "लिए"],
    "chinese": ["清晨", "的", "第一", "杯", "手工", "咖啡"],
    "tamil": ["ஒவ்வொரு", "காலையும்", "அமைதியாக"],
}


def scaled(aspect: str) -> FrameSize:
    """The aspect at half of its pixels, for speed."""
    full = ASPECTS[aspect]
    return FrameSize(full.width // 2, full.height // 4 * 2)


@st.composite
def words(draw: st.DrawFn) -> tuple[ScreenText, ...]:
    script = draw(st.sampled_from(sorted(SAID)))
    glue = "" if script == "chinese" else " "

    def some(most: int) -> str:
        return glue.join(draw(st.lists(st.sampled_from(SAID[script]), min_size=1, max_size=most)))

    said = [ScreenText(TextRole.HEADLINE, some(5))]
    said += [ScreenText(TextRole.BULLET, some(3)) for _ in range(draw(st.integers(0, 2)))]
    if draw(st.booleans()):
        said.append(ScreenText(TextRole.PRICE, "$129", draw(st.sampled_from([None, "$169"]))))
    if draw(st.booleans()):
        said.append(ScreenText(TextRole.BADGE, "−20 %"))
    if draw(st.booleans()):
        said.append(ScreenText(TextRole.LEGAL, some(4)))
    return tuple(said)


@st.composite
def subjects(draw: st.DrawFn, size: FrameSize) -> Subject | None:
    kind = draw(st.sampled_from(["unknown", "beside", "anywhere", "fills"]))
    if kind == "unknown":
        return None
    if kind == "fills":
        return standing(Box(0, 0, size.width, size.height), FRAMES, 0)
    share = 0.45 if kind == "beside" else 0.8
    w = draw(st.floats(0.1, share)) * size.width
    h = draw(st.floats(0.1, share)) * size.height
    x, y = draw(st.floats(0, 1)) * (size.width - w - 60), draw(st.floats(0, 1)) * (size.height - h)
    return standing(Box(x, y, x + w, y + h), FRAMES)


@pytest.mark.many_examples
@settings(max_examples=examples(60), deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_words_are_safe_clear_and_readable(data: st.DataObject) -> None:
    size = scaled(data.draw(st.sampled_from(sorted(ASPECTS))))
    subject = data.draw(subjects(size))
    footage = MadeFootage(data.draw(st.sampled_from(GROUNDS)), size, FRAMES, subject, data.draw(st.integers(0, 9)))
    said, style = data.draw(words()), data.draw(st.sampled_from(STYLE_NAMES))
    overlay = planned(Captioned(said, text_style(style), size, FRAMES), footage)
    if isinstance(overlay, str):
        # Only for want of room: the text is within what fonts and time allow.
        assert "room" in overlay
        return
    check_place(overlay, subject)
    check_contrast(overlay, footage)


def planned(captioned: Captioned, footage: MadeFootage) -> Overlay | str:
    """The overlay, or why the words are refused."""
    try:
        return plan_overlay(captioned, footage)
    except TextError as error:
        return str(error)


def check_place(overlay: Overlay, subject: Subject | None) -> None:
    safe = safe_area(overlay.size).grown(1)
    assert overlay.boxes
    assert all(safe.holds(box) for box in overlay.boxes)
    if subject is None:
        return
    # Where a label fills the frame, its middle at least stays free.
    middles = [label.scaled(0.1) for label in subject.labels]
    assert not any(box.meets(middle) for box, middle in every(overlay.boxes, middles))
    if has_panel_over(overlay, subject):
        return
    seen = [subject.boxes[index] for index in range(overlay.times.first, overlay.times.gone)]
    assert not any(box.meets(product) for box, product in every(overlay.boxes, seen))


def has_panel_over(overlay: Overlay, subject: Subject) -> bool:
    """Whether the product leaves no room, so that all words stand on one panel over it."""
    panel = overlay.boxes[0]
    over = any(panel.meets(box) for box in subject.boxes)
    assert not over or all(panel.grown(1).holds(box) for box in overlay.boxes)
    return over


def check_contrast(overlay: Overlay, footage: MadeFootage) -> None:
    times = overlay.times
    indexes = [*range(times.full, times.leaving, 45), times.leaving - 1]
    # Letters on a plate of their own are checked when their style is read.
    bare = [role for role, style in overlay.style.roles.items() if style.tag is None]
    lettering = [each.sprite for each in overlay.moving if each.role in bare]
    for index, frame in zip(indexes, footage.samples(indexes), strict=True):
        overlay.lay(frame, index)
        rgb = i420_to_rgb(frame)
        for sprite in lettering:
            found = contrast(sprite, rgb)
            assert found is None or found >= 3.0, (index, found)


def contrast(sprite: Sprite, rgb: npt.NDArray[np.uint8]) -> float | None:
    """The contrast of letters in a frame against the ground around them, in cells; None for a line without letters."""
    left, top, width, height = cv2.boundingRect(sprite.luma[:, :, 0])
    rows, columns = slice(top, top + height), slice(left, left + width)
    alpha = sprite.luma[rows, columns, 0]
    light = luminance(rgb[sprite.top + top :, sprite.left + left :][:height, :width])
    ink, ground = cv2.erode(alpha, np.ones((3, 3), np.uint8)) > 250, cv2.dilate(alpha, np.ones((5, 5), np.uint8)) == 0
    if ink.sum() < 12 or not ground.any():
        return None
    corners = every(range(0, height, 8), range(0, width, 8))
    cells = [light[y : y + 8, x : x + 8][ground[y : y + 8, x : x + 8]] for y, x in corners]
    inside = [float(cell.mean()) for cell in cells if cell.size >= 20]
    own = float(np.median(light[ink]))
    return min(((max(own, other) + 0.05) / (min(own, other) + 0.05) for other in inside), default=None)


def luminance(rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    parts = rgb.astype(np.float64) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return linear @ np.array([0.2126, 0.7152, 0.0722])


def styles_aspects_and_grounds() -> list[tuple[str, str, str]]:
    """Every style in every aspect, each style and each aspect over every ground."""
    grounds = ("busy", "bright", "dark")
    pairs = every(enumerate(STYLE_NAMES), enumerate(ASPECTS))
    return [(style, aspect, grounds[(row + column) % 3]) for (row, style), (column, aspect) in pairs]


@pytest.mark.parametrize(("style", "aspect", "ground"), styles_aspects_and_grounds())
def test_an_offer_beside_a_product_in_every_style_and_aspect(style: str, aspect: str, ground: str) -> None:
    size = scaled(aspect)
    wide = size.width > size.height
    box = Box(0.55, 0.2, 0.95, 0.9) if wide else Box(0.1, 0.52, 0.9, 0.98)
    product = Box(box.left * size.width, box.top * size.height, box.right * size.width - 60, box.bottom * size.height)
    subject = standing(product, FRAMES)
    footage = MadeFootage(ground, size, FRAMES, subject)
    said = (ScreenText(TextRole.HEADLINE, "Made to last"), ScreenText(TextRole.PRICE, "$129", "$169"))
    overlay = plan_overlay(Captioned(said, text_style(style), size, FRAMES), footage)
    check_place(overlay, subject)
    assert not has_panel_over(overlay, subject)
    check_contrast(overlay, footage)


def test_where_nothing_is_known_words_stand_on_a_panel_in_the_lower_third() -> None:
    size = scaled("16:9")
    said = (ScreenText(TextRole.HEADLINE, "Made to last"),)
    overlay = plan_overlay(
        Captioned(said, text_style("editorial"), size, FRAMES), MadeFootage("busy", size, FRAMES, None)
    )
    panel = overlay.boxes[0]
    assert panel.top > 0.6 * size.height
    assert all(panel.holds(box) for box in overlay.boxes)
