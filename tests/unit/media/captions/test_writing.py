"""Tests of SubRip and WebVTT, read by readers of their own."""

from __future__ import annotations

import pytest
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
