"""Tests of how captions break into lines."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adreel.media.captions.wrapping import LONGEST_LINE, width, wrapped


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", ()),
        ("Made by hand", ("Made by hand",)),
        ("The mug that keeps up with every morning of yours", ("The mug that keeps up with", "every morning of yours")),
        ("毎朝の一杯を、手づくりのマグカップで楽しもう", ("毎朝の一杯を、手づくり", "のマグカップで楽しもう")),
        ("매일 아침을 위한 수제 도자기 머그컵", ("매일 아침을 위한", "수제 도자기 머그컵")),
        ("كوب مصنوع يدويا من الفخار لكل صباح جميل في بيتك", ("كوب مصنوع يدويا من الفخار", "لكل صباح جميل في بيتك")),
        ("x" * 50, ("x" * 42, "x" * 8)),
    ],
)
def test_lines_are_few_and_about_equally_long(text: str, lines: tuple[str, ...]) -> None:
    assert wrapped(text) == lines


def test_a_line_begins_with_no_closing_sign() -> None:
    for length in range(12, 20):
        assert all(line[0] not in "。」" for line in wrapped("あ" * length + "。」" + "い" * 9))


def test_accents_stay_with_their_letter_and_have_no_width() -> None:
    assert width("e\u0301") == 1
    assert all(line[0] != "\u0301" for line in wrapped("e\u0301" * 60))


@pytest.mark.parametrize(
    "text",
    [
        "แก้วกาแฟเซรามิกทำมือเคลือบด้วยมือสำหรับทุกเช้าที่สดใสของคุณและเพื่อน",
        "ຈອກກາເຟເຊລາມິກເຮັດດ້ວຍມືສໍາລັບທຸກເຊົ້າຂອງທ່ານແລະໝູ່ເພື່ອນທຸກຄົນໃນບ້ານ",
    ],
)
def test_text_without_spaces_breaks_where_a_syllable_begins(text: str) -> None:
    lines = wrapped(text)
    assert len(lines) == 2
    assert lines[1][0] in "เแโใไເແໂໃໄ"
    assert lines[0][-1] not in "เแโใไເແໂໃໄ"


@pytest.mark.parametrize(
    ("text", "letter"),
    [("कि" * 60, "कि"), ("क्षे" * 40, "क्षे"), ("ກຳ" * 60, "ກຳ"), ("ខ្មែ" * 40, "ខ្មែ"), ("👩‍🍳" * 30, "👩‍🍳")],
)
def test_a_long_word_is_cut_between_letters_with_all_their_signs(text: str, letter: str) -> None:
    lines = wrapped(text)
    assert len(lines) > 1
    assert all(line == letter * (len(line) // len(letter)) for line in lines)


LANGUAGES = {
    "Latin": "hand-glazed stoneware é ",
    "Arabic": "كوب مصنوع يدويا، ",
    "Hebrew": "ספל קרמיקה, ",
    "Hindi": "हाथ से चमकाया मग। ",
    "Thai": "แก้วกาแฟเซรามิกทำมือน่ะๆ ",
    "Chinese": "手工上釉的陶瓷杯，「好」。",
    "Japanese": "手づくりのマグカップっー、",
    "Korean": "포르투갈에서 만든 컵, ",
}


@settings(max_examples=60)
@given(st.sampled_from(sorted(LANGUAGES)).flatmap(lambda name: st.text(alphabet=LANGUAGES[name], max_size=120)))
def test_lines_of_every_language_keep_the_rules(text: str) -> None:
    lines = wrapped(text)
    assert "".join("".join(lines).split()) == "".join(text.split())
    starts = {word[0] for word in text.split()}
    inner = [line[0] for line in lines[1:] if line[0] not in starts]
    assert not any(unicodedata.category(first)[0] == "M" or first in "，。」、っー" for first in inner)
    assert not any(line[-1] in "「เแ" for line in lines[:-1] if line[-1] not in {word[-1] for word in text.split()})
    assert all(width(line) <= LONGEST_LINE + 2 * width("。") for line in lines)


@settings(max_examples=100)
@given(st.text(alphabet="ab mé 漢か。「ไทย\u0301각<-", max_size=90))
def test_no_letter_is_lost_and_no_line_is_too_long(text: str) -> None:
    lines = wrapped(text)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(width(line) <= LONGEST_LINE + 2 * width("。") for line in lines)
