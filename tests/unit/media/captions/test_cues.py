"""Tests of captions from what a film shows and says."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adreel.domain.films.narration import TimedText
from adreel.domain.scripts.reading_time import reading_seconds
from adreel.media.captions.cue import (
    GAP,
    LETTERS_PER_SECOND,
    SHORTEST,
    Cue,
    ShownText,
    reading_time,
    shown_cues,
    spoken_cues,
)


def test_texts_of_a_shot_stand_together_while_there_is_room() -> None:
    shown = ShownText(30, 120, ("Holds 350 ml", "Hand-glazed"))
    assert shown_cues([shown]) == (Cue(30, 120 - GAP, ("Holds 350 ml", "Hand-glazed")),)


def test_more_than_two_lines_follow_one_another_within_the_shot() -> None:
    cues = shown_cues([ShownText(0, 120, ("Holds 350 ml", "Hand-glazed", "In four colours"))])
    assert [cue.lines for cue in cues] == [("Holds 350 ml", "Hand-glazed"), ("In four colours",)]
    assert cues[0].first == 0
    assert cues[0].last + GAP == cues[1].first
    assert cues[1].last == 120 - GAP
    assert all(cue.last + GAP - cue.first >= SHORTEST for cue in cues)


def test_a_short_shot_has_one_caption_rather_than_several_that_flash() -> None:
    cues = shown_cues([ShownText(0, 40, ("One", "Two", "Three"))])
    assert cues == (Cue(0, 38, ("One", "Two", "Three")),)


def test_a_shot_without_words_has_no_caption() -> None:
    assert shown_cues([ShownText(0, 90, ()), ShownText(90, 180, ("  ",))]) == ()


@settings(max_examples=60)
@given(st.lists(st.text(alphabet="abcde fgh", min_size=1, max_size=60), min_size=1, max_size=5))
def test_what_can_be_read_on_the_screen_can_be_read_in_captions(texts: list[str]) -> None:
    room = round(30 * (reading_seconds(texts) + 0.8)) + 2
    cues = shown_cues([ShownText(7, 7 + room, tuple(texts))])
    assert all(7 <= cue.first < cue.last <= 7 + room for cue in cues)
    assert all(before.last < after.first for before, after in pairwise(cues))
    assert "".join("".join("".join(cue.lines) for cue in cues).split()) == "".join("".join(texts).split())


def _words(text: str, start: float = 0.0, each: float = 0.3) -> list[TimedText]:
    return [
        TimedText(word, start + each * place, start + each * (place + 1)) for place, word in enumerate(text.split())
    ]


def test_sentences_and_pauses_part_captions() -> None:
    words = [*_words("Made by hand. For you"), *_words("every morning", start=3.0)]
    cues = spoken_cues(words, 150)
    assert [cue.lines for cue in cues] == [("Made by hand.",), ("For you",), ("every morning",)]
    assert [cue.first for cue in cues] == [0, 27, 90]


def test_a_caption_waits_until_it_is_read_and_leaves_a_gap_before_the_next() -> None:
    cues = spoken_cues([TimedText("Unbelievable!", 0, 0.4), TimedText("Really.", 0.6, 0.9)], 300)
    assert cues[0].last == 18 - GAP
    assert cues[1].last - cues[1].first == SHORTEST


def test_no_caption_stands_across_a_cut() -> None:
    cues = spoken_cues(_words("one two three four five six"), 90, cuts=[28])
    assert [cue.lines for cue in cues] == [("one two three",), ("four five six",)]
    assert cues[0].last <= 28 <= cues[1].first


def test_a_word_spoken_over_a_cut_belongs_to_the_shot_of_its_middle() -> None:
    (first, second) = spoken_cues([TimedText("before", 0.2, 1.1), TimedText("after", 1.1, 1.6)], 60, cuts=[30])
    assert (first.last, second.lines) == (30, ("after",))
    assert second.first >= 30


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.text(alphabet="abc.!", min_size=1, max_size=12), st.floats(0.1, 0.9), st.floats(0, 1.2)),
        max_size=25,
    ),
    st.lists(st.integers(1, 900), max_size=5, unique=True),
)
def test_captions_of_speech_keep_all_rules(words: list[tuple[str, float, float]], cuts: list[int]) -> None:
    at, timed = 0.0, list[TimedText]()
    for text, length, pause in words:
        timed.append(TimedText(text, at, at + length))
        at += length + pause
    frames = max(60, round(30 * at) + 30)
    cues = spoken_cues(timed, frames, sorted(cuts))
    assert " ".join(line for cue in cues for line in cue.lines) == " ".join(word.text for word in timed)
    assert all(0 <= cue.first < cue.last <= frames for cue in cues)
    assert all(before.last <= after.first for before, after in pairwise(cues))
    assert not any(cue.first < cut < cue.last for cue in cues for cut in cuts)
    assert all(len(cue.lines) <= 2 for cue in cues)


@pytest.mark.parametrize(
    "text",
    [
        "A sentence whose words have no times, because a person spoke it, takes more than the two lines of one caption.",
        "每天早晨都从一杯好咖啡开始，这只杯子由匠人手工上釉，产自葡萄牙，可以放进洗碗机清洗，现在只要二十四欧元。",
        "แก้วกาแฟเซรามิกทำมือเคลือบด้วยมือสำหรับทุกเช้าที่สดใสของคุณและเพื่อนที่รักของคุณทุกคนในบ้านหลังใหม่เพราะเราใส่ใจ",
    ],
)
def test_a_long_sentence_is_parted_and_its_time_too(text: str) -> None:
    cues = spoken_cues([TimedText(text, 1.0, 9.0)], 330)
    assert len(cues) > 1
    assert all(len(cue.lines) <= 2 for cue in cues)
    assert "".join("".join(cue.lines) for cue in cues).replace(" ", "") == text.replace(" ", "")
    assert cues[0].first == 30
    middle = cues[len(cues) // 2]
    assert 100 < middle.first < 220


def test_no_caption_shows_a_last_word_alone() -> None:
    text = "A mug that is made by hand in a small town in Portugal and glazed by hand as well for you"
    cues = spoken_cues(_words(text), 800)
    assert len(cues) == 2
    assert len(" ".join(cues[1].lines)) > 0.7 * len(" ".join(cues[0].lines))


def test_a_long_sentence_of_chinese_parts_at_its_clauses() -> None:
    text = "来自葡萄牙的手工上釉陶瓷杯子，为您的每一个清晨而精心制作。现在只要二十四欧元。"
    cues = spoken_cues([TimedText(text, 0, 9)], 300)
    assert ["".join(cue.lines)[-1] for cue in cues] == ["。", "。"]


def test_letters_of_chinese_and_japanese_are_joined_without_spaces() -> None:
    (cue,) = spoken_cues([TimedText("手工", 0, 0.3), TimedText("上釉", 0.3, 0.6), TimedText("now", 0.6, 0.9)], 90)
    assert cue.lines == ("手工上釉 now",)


def test_languages_are_read_at_their_own_pace() -> None:
    assert reading_time(("a" * 20,)) == pytest.approx(1)
    assert reading_time(("가" * 12,)) == pytest.approx(1)
    assert reading_time(("手" * 9,)) == pytest.approx(1)
    assert reading_time(("手づくりのマグ",)) == pytest.approx(1)


def test_the_pace_is_that_of_readers_where_speech_leaves_room() -> None:
    (cue,) = spoken_cues(_words("quickly spoken words that take longer to read", each=0.1), 200)
    assert cue.letters / ((cue.last - cue.first) / 30) <= LETTERS_PER_SECOND


def test_spoken_chinese_has_no_spaces_between_its_letters() -> None:
    words = [TimedText(text, place * 0.2, place * 0.2 + 0.2) for place, text in enumerate(("你", "好，", "世", "界。"))]
    assert [cue.lines for cue in spoken_cues(words, 90)] == [("你好，世界。",)]
    assert [cue.lines for cue in spoken_cues([*words[:2], TimedText("Morgen", 0.4, 0.8)], 90)] == [("你好， Morgen",)]
