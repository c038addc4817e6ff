"""The brand's logo over the frames of a shot: in the safe area, clear of the product and of the words, and seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adreel.domain.ad import ScreenText, TextRole
from adreel.domain.films.box import Box
from adreel.domain.films.formats import ASPECTS, FrameSize
from adreel.domain.films.logo import BrandLogo, LogoCorner, LogoMark
from adreel.domain.films.subject import Subject
from adreel.media.overlays.loader import text_style
from adreel.media.overlays.overlay import Captioned, Overlay, plan_overlay
from adreel.media.overlays.safe_area import safe_area
from adreel.media.yuv import i420_to_rgb
from support.footage import GROUNDS, MadeFootage, standing

FRAMES = 90
SAID = (ScreenText(TextRole.HEADLINE, "Made to last"),)


@pytest.fixture(scope="module")
def logo(tmp_path_factory: pytest.TempPathFactory) -> BrandLogo:
    """Black letters for light grounds, as most shops have them and nothing else."""
    picture = Image.new("RGBA", (300, 100))
    for left in range(0, 300, 60):
        picture.paste((10, 10, 10, 255), (left, 0, left + 40, 100))
    path = tmp_path_factory.mktemp("logo") / "logo.png"
    picture.save(path)
    return BrandLogo(path)


def scaled(aspect: str) -> FrameSize:
    full = ASPECTS[aspect]
    return FrameSize(full.width // 2, full.height // 4 * 2)


@pytest.mark.parametrize(("aspect", "ground"), list(zip((*ASPECTS, "16:9"), GROUNDS, strict=True)))
def test_a_logo_is_safe_clear_and_seen(logo: BrandLogo, aspect: str, ground: str) -> None:
    size = scaled(aspect)
    subject = standing(Box(0.3 * size.width, 0.4 * size.height, 0.7 * size.width, 0.95 * size.height), FRAMES)
    footage = MadeFootage(ground, size, FRAMES, subject)
    said = SAID if ground != "dark" else ()
    overlay = _overlay(logo, LogoCorner.TOP_LEFT, said, footage, size)
    mark = overlay.boxes[-1]
    assert safe_area(size).grown(1).holds(mark)
    assert not any(mark.meets(box) for box in (*subject.boxes, *overlay.boxes[:-1]))
    assert (mark.center[0] < size.width / 2, mark.center[1] < size.height / 2) == (True, True)
    for frame in footage.samples([0, FRAMES // 2, FRAMES - 1]):
        overlay.lay(frame, 0)
        assert _contrast_within(i420_to_rgb(frame), mark) >= 3


def test_a_logo_gives_way_to_the_product_and_then_to_its_label(logo: BrandLogo) -> None:
    size = scaled("16:9")
    at_the_top = Box(0, 0, size.width - 30, 0.5 * size.height)
    below = _overlay(logo, LogoCorner.TOP_LEFT, (), MadeFootage("grey", size, 30, standing(at_the_top, 30)), size)
    assert below.boxes[0].top > size.height / 2
    everywhere = Box(0, 0, size.width, size.height)
    labelled = Subject((everywhere,) * 30, (everywhere,) * 30)
    assert _overlay(logo, LogoCorner.TOP_LEFT, (), MadeFootage("grey", size, 30, labelled), size).boxes == ()
    filled = Subject((everywhere,) * 30, (everywhere.scaled(0.3),) * 30)
    assert len(_overlay(logo, LogoCorner.BOTTOM_RIGHT, (), MadeFootage("grey", size, 30, filled), size).boxes) == 1


def test_the_key_of_a_clip_names_logo_and_corner(logo: BrandLogo) -> None:
    plain = Captioned(SAID, text_style("bold"), scaled("1:1"), FRAMES)
    marked = [
        Captioned(SAID, text_style("bold"), scaled("1:1"), FRAMES, mark=LogoMark(logo, corner)) for corner in LogoCorner
    ]
    assert len({plain.key, *(each.key for each in marked)}) == 5
    assert not any(isinstance(part, Path) for part in marked[0].key)


def _overlay(
    logo: BrandLogo, corner: LogoCorner, said: tuple[ScreenText, ...], footage: MadeFootage, size: FrameSize
) -> Overlay:
    mark = LogoMark(logo, corner)
    return plan_overlay(Captioned(said, text_style("bold"), size, footage.count, mark=mark), footage)


def _contrast_within(rgb: np.ndarray, box: Box) -> float:
    """The contrast between the darkest and the lightest parts where a logo stands."""
    part = rgb[round(box.top) : round(box.bottom), round(box.left) : round(box.right)].astype(np.float64) / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    light = linear @ np.array([0.2126, 0.7152, 0.0722])
    low, high = np.percentile(light, [10, 90])
    return float((high + 0.05) / (low + 0.05))
