"""Tests of SubRip and WebVTT, read by readers of their own."""

from __future__ import annotations

import html
import io
from collections.abc import Callable, Sequence

import pysubs2
import pytest
import webvtt
from hypothesis import given, settings
from hypothesis import strategies as st

from adreel.media.captions.cue import Cue
from adreel.media.captions.writing import to_srt, to_vtt
from support.captions import ReadCue, read_srt, read_vtt

CUES = (
    Cue(0, 88, ("Made by hand",)),
    Cue(90, 148, ("Tea & <b>calm</b>", "{\\an8} --> 5 > 4")),
    Cue(109000, 109090, ("Late",)),
)


def test_both_formats_read_back() -> None:
    srt, vtt = read_srt(to_srt(CUES)), read_vtt(to_vtt(CUES))
    assert [(cue.start, cue.end) for cue in srt] == [(cue.start, cue.end) for cue in vtt]
    assert srt[0] == ReadCue(0, 2.933, ("Made by hand",))
    assert [cue.lines for cue in vtt] == [cue.lines for cue in CUES]
    assert srt[2].start == pytest.approx(3633.333)


def test_text_never_becomes_markup() -> None:
    assert "<b>" not in to_srt(CUES) + to_vtt(CUES)
    assert to_srt(CUES).count("-->") == len(CUES)
    assert to_vtt(CUES).count("-->") == len(CUES)


def test_times_follow_the_rate_of_the_film() -> None:
    (cue,) = read_srt(to_srt([Cue(0, 450, ("x",))], 30000 / 1001))
    assert cue.end == 15.015


def test_no_captions_are_valid_too() -> None:
    assert read_srt(to_srt(())) == []
    assert read_vtt(to_vtt(())) == []


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.integers(1, 500), st.integers(1, 90), st.sampled_from(["a", "b & c", "-->", "<i>", "1"])),
        max_size=8,
    )
)
def test_any_captions_are_valid(parts: list[tuple[int, int, str]]) -> None:
    at, cues = 0, list[Cue]()
    for length, gap, text in parts:
        cues.append(Cue(at, at + length, (text,)))
        at += length + gap
    assert len(read_srt(to_srt(cues))) == len(read_vtt(to_vtt(cues))) == len(cues)


LANGUAGES = (
    Cue(0, 40, ("Made by hand", "Tea & coffee")),
    Cue(45, 90, ("كوب مصنوع يدويا", "لكل صباح")),
    Cue(95, 140, ("ספל קרמיקה",)),
    Cue(145, 190, ("हाथ से चमकाया मग",)),
    Cue(195, 240, ("แก้วกาแฟเซรามิก",)),
    Cue(245, 290, ("手工上釉，", "「好」。")),
    Cue(295, 340, ("手づくりのマグ",)),
    Cue(345, 109090, ("매일 아침",)),
)


def _lines(text: str) -> list[str]:
    return text.replace("\\N", "\n").split("\n")


@pytest.mark.parametrize("write", [to_srt, to_vtt])
def test_two_public_parsers_read_what_was_written(write: Callable[[Sequence[Cue]], str]) -> None:
    text = write(LANGUAGES)
    shown = [list(cue.lines) for cue in LANGUAGES]
    times = [(round(1000 * cue.first / 30), round(1000 * cue.last / 30)) for cue in LANGUAGES]
    first = list(pysubs2.SSAFile.from_string(text, format_="srt" if write is to_srt else "vtt"))
    assert [_lines(html.unescape(each.text)) for each in first] == shown
    assert [(each.start, each.end) for each in first] == times
    second = (
        webvtt.from_string(text) if write is to_vtt else webvtt.from_buffer(io.StringIO(text), format="srt")
    ).captions
    assert [_lines(html.unescape(each.raw_text)) for each in second] == shown
    assert [(each.start_time.in_milliseconds(), each.end_time.in_milliseconds()) for each in second] == times
