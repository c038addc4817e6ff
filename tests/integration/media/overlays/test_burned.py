"""Tests of captions that are part of the picture."""

from __future__ import annotations

import numpy as np
import pytest

from adreel.domain.errors import InputError, TextError
from adreel.domain.films.box import Box
from adreel.domain.films.captions import ShotCaption
from adreel.domain.films.formats import FrameSize, frame_size
from adreel.domain.films.subject import Subject
from adreel.media.overlays.burned import BurnedCaptions, letters_in_line
from adreel.media.overlays.caption_style import caption_style, caption_styles
from adreel.media.overlays.safe_area import safe_area

WIDE = frame_size("16:9")


def _grey(size: FrameSize) -> np.ndarray:
    return np.full((size.height * 3 // 2, size.width), 128, np.uint8)


def _captions(*lines: str, starts: tuple[int, ...] = ()) -> list[ShotCaption]:
    return [ShotCaption(6, 30, lines, starts or tuple(range(6, 6 + len(" ".join(lines).split()))))]


@pytest.mark.parametrize("name", caption_styles())
@pytest.mark.parametrize("aspect", ["16:9", "9:16", "1:1", "4:5"])
def test_captions_stand_in_the_safe_area_while_they_are_shown(name: str, aspect: str) -> None:
    size = frame_size(aspect)
    captions = BurnedCaptions(_captions("Hand-glazed stoneware,", "made in Portugal."), caption_style(name), size, ())
    assert all(safe_area(size).holds(box) for box in captions.boxes)
    before, shown, after = _grey(size), _grey(size), _grey(size)
    for frame, index in ((before, 5), (shown, 6), (after, 30)):
        captions.lay(frame, index)
    assert (before == 128).all()
    assert (after == 128).all()
    rows, columns = np.nonzero(shown[: size.height] != 128)
    (box,) = captions.boxes
    assert box.grown(2).holds(Box(columns.min(), rows.min(), columns.max(), rows.max()))
    assert shown[: size.height].max() > 220
    assert shown[: size.height].min() < 60


@pytest.mark.parametrize(
    "lines",
    [
        ("Held by hand.",),
        ("مصنوع يدويًا من الخزف",),
        ("קרמיקה מזוגגת בעבודת יד",),
        ("हाथ से चमकाया हुआ मग",),
        ("포르투갈에서 만든 도자기",),
    ],
)
def test_the_spoken_word_moves_in_reading_order(lines: tuple[str, ...]) -> None:
    captions = BurnedCaptions(_captions(*lines), caption_style("spoken"), WIDE, ())
    places: list[float] = []
    for index in range(6, 6 + len(lines[0].split())):
        frame = _grey(WIDE)
        captions.lay(frame, index)
        blue = frame[WIDE.height : WIDE.height * 5 // 4].reshape(WIDE.height // 2, WIDE.width // 2)
        places.append(float(np.nonzero(blue < 90)[1].mean()))
    backwards = lines[0][0] > "\u0590" and lines[0][0] < "\u0700"
    assert places == sorted(places, reverse=backwards)
    assert len(set(places)) == len(places)


def test_a_word_alone_in_its_line_is_marked_and_a_line_without_spaces_is_not() -> None:
    def yellow(*lines: str) -> int:
        frame = _grey(WIDE)
        BurnedCaptions(_captions(*lines), caption_style("spoken"), WIDE, ()).lay(frame, 7)
        return int((frame[WIDE.height : WIDE.height * 5 // 4] < 90).sum())

    assert yellow("Hand-glazed", "stoneware.") > 0
    assert yellow("手工上釉的陶瓷杯，", "产自葡萄牙。") == 0


def test_high_letters_keep_from_the_edges_of_their_plate() -> None:
    captions = BurnedCaptions(_captions("पुर्तगाल से हाथ से"), caption_style("plate"), WIDE, ())
    frame, (box,) = _grey(WIDE), captions.boxes
    captions.lay(frame, 10)
    bright = np.nonzero((frame[: WIDE.height] > 200).any(axis=1))[0]
    assert bright.min() - box.top >= 8
    assert box.bottom - bright.max() >= 8


def test_a_label_is_covered_only_where_there_is_no_other_room() -> None:
    label, words = Box(500, 900, 1400, 1040), [Box(0, 0, 1920, 860)]
    subject = Subject((label,), (label,))
    (free,) = BurnedCaptions(_captions("Hand-glazed."), caption_style("plate"), WIDE, (), subject).boxes
    assert free.bottom <= label.top
    (over,) = BurnedCaptions(_captions("Hand-glazed."), caption_style("plate"), WIDE, words, subject).boxes
    assert over.meets(label)
    assert not over.meets(words[0])


def test_words_of_the_shot_are_not_covered() -> None:
    words = [Box(300, 900, 1600, 1040)]
    (box,) = BurnedCaptions(_captions("Hand-glazed."), caption_style("plate"), WIDE, words).boxes
    assert not box.meets(words[0])
    assert safe_area(WIDE).holds(box)
    with pytest.raises(TextError, match="leave no room for its captions"):
        BurnedCaptions(_captions("Hand-glazed."), caption_style("plate"), WIDE, [Box(0, 0, 1920, 1080)])


def test_lines_are_shorter_in_narrow_frames_and_small_frames_are_alike() -> None:
    style = caption_style("spoken")
    assert letters_in_line(frame_size("9:16"), style) < 20 < letters_in_line(WIDE, style)
    assert letters_in_line(FrameSize(320, 180), style) == pytest.approx(letters_in_line(WIDE, style), rel=0.01)


def test_an_unknown_style_is_refused() -> None:
    with pytest.raises(InputError, match="no caption style is called 'loud'; choose one of plate, outline, spoken"):
        caption_style("loud")
