"""Logos in SVG: shapes are drawn, everything else is refused by name."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from adreel.domain.errors import PhotoError
from adreel.media.end_cards.svg_logo import is_svg, svg_png

OPEN = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 200 100">'
SHAPES = (
    '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    f"{OPEN}<style>.a{{fill:url(#g)}}</style><metadata/><defs><linearGradient id='g'><stop offset='0' stop-color='#f00'/>"
    "<stop offset='1' stop-color='#00f'/></linearGradient></defs><rect class='a' x='10' y='10' width='100' height='80'/>"
    "<use xlink:href='#g'/><circle cx='160' cy='50' r='30' fill='#0a0' style='stroke:url(\"#g\")'/></svg>"
)


def written(folder: Path, text: str) -> Path:
    path = folder / "logo.svg"
    path.write_text(text, encoding="utf-8")
    return path


def test_shapes_are_drawn_with_transparency_around_them(tmp_path: Path) -> None:
    path = written(tmp_path, SHAPES)
    assert is_svg(path)
    picture = Image.open(io.BytesIO(svg_png(path))).convert("RGBA")
    assert picture.size == (1600, 1600)
    clear, left, disc = (picture.getpixel(at) for at in ((5, 5), (100, 800), (1280, 800)))
    assert (clear, disc) == ((0, 0, 0, 0), (0, 170, 0, 255))
    assert isinstance(left, tuple)
    assert left[0] > 200 > 60 > left[2]


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ("<script>alert(1)</script>", "holds <script>"),
        ("<foreignObject/>", "holds <foreignObject>"),
        ("<animate/>", "holds <animate>"),
        ("<g><text>Morgen</text></g>", "convert them to outlines"),
        ("<image href='x.png'/>", "holds a picture"),
        ("<x:y xmlns:x='z'><image/></x:y>", "holds a picture"),
        ("<g onclick='x()'/>", "runs a program \\(onclick\\)"),
        ("<use xlink:href='other.svg#a'/>", "outside of it.*\\(href\\)"),
        ("<use href='file:///etc/passwd'/>", "outside of it"),
        ("<rect fill='url(http://x/y)'/>", "outside of it.*\\(fill\\)"),
        ("<style>@im</style><style>port 'x';</style>", "style that refers"),
        ("<style>a{fill:url( x#y )}</style>", "style that refers"),
        ("<g>" * 101 + "</g>" * 101, "too many parts"),
        ("<g>", "damaged SVG"),
    ],
)
def test_what_is_no_shape_is_refused_by_name(tmp_path: Path, inside: str, words: str) -> None:
    with pytest.raises(PhotoError, match=words):
        svg_png(written(tmp_path, f"{OPEN}{inside}</svg>"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"<!DOCTYPE svg [<!ENTITY a 'b'>]>{OPEN}&a;</svg>", "definitions of its own"),
        ("<html xmlns='http://www.w3.org/1999/xhtml'><svg/></html>", "is no SVG"),
        ("<svg/>", "is no SVG"),
        (f"{OPEN}<path d='{'M0 0' * 300_000}'/></svg>", "larger than 1 MB"),
    ],
)
def test_what_is_no_plain_document_is_refused(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(PhotoError, match=words):
        svg_png(written(tmp_path, text))
