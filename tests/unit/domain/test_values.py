from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adreel.domain.errors import AdreelError, InputError
from adreel.domain.films.color import Color
from adreel.domain.films.formats import ASPECTS, frame_size, to_frames, to_seconds


@pytest.mark.parametrize(("text", "color"), [("#E4572E", Color(228, 87, 46)), ("00ff80", Color(0, 255, 128))])
def test_colours_are_read(text: str, color: Color) -> None:
    assert Color.parse(text) == color


@pytest.mark.parametrize("text", ["", "red", "#FFF", "#12345G", "#1234567"])
def test_other_colours_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="#RRGGBB"):
        Color.parse(text)


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 255))
def test_colours_survive_their_own_name(red: int, green: int, blue: int) -> None:
    assert Color.parse(Color(red, green, blue).hex) == Color(red, green, blue)


def test_contrast_is_that_of_the_guideline() -> None:
    black, white = Color(0, 0, 0), Color(255, 255, 255)
    assert black.contrast(white) == pytest.approx(21)
    assert white.contrast(white) == 1
    # 4.54 is the well-known ratio of #767676 on white.
    assert Color(0x76, 0x76, 0x76).contrast(white) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize(("seconds", "frames"), [(3, 90), (0.5, 15), (1 / 60, 1), (0.016, 0), (2.06, 62)])
def test_seconds_become_whole_frames(seconds: float, frames: int) -> None:
    assert to_frames(seconds) == frames


@given(st.integers(0, 100_000))
def test_frames_survive_being_seconds(frames: int) -> None:
    assert to_frames(to_seconds(frames)) == frames


def test_every_size_is_even_and_of_its_aspect() -> None:
    for aspect, size in ASPECTS.items():
        assert size.width % 2 == size.height % 2 == 0
        assert size.aspect == aspect


def test_an_unknown_aspect_is_refused() -> None:
    with pytest.raises(InputError, match="choose one of 16:9, 9:16, 1:1, 4:5"):
        frame_size("21:9")


def test_messages_are_one_line() -> None:
    assert str(AdreelError("two\nlines  and\tmore")) == "two lines and more"
