"""Strict readers of SubRip and WebVTT, written from their descriptions and apart from what writes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

_SRT_TIMES = re.compile(r"(\d\d):([0-5]\d):([0-5]\d),(\d{3}) --> (\d\d):([0-5]\d):([0-5]\d),(\d{3})")
_VTT_TIMES = re.compile(r"(\d\d):([0-5]\d):([0-5]\d)\.(\d{3}) --> (\d\d):([0-5]\d):([0-5]\d)\.(\d{3})")


@dataclass(frozen=True)
class ReadCue:
    start: float
    end: float
    lines: tuple[str, ...]


def read_srt(text: str) -> list[ReadCue]:
    """Numbered from 1 without gaps, times in order, no empty cue, no tag; a blank line after each."""
    assert "\r" not in text
    if not text:
        return []
    assert text.endswith("\n")
    blocks = text[:-1].split("\n\n")
    cues: list[ReadCue] = []
    for number, block in enumerate(blocks, start=1):
        index, times, *lines = block.split("\n")
        assert index == str(number)
        assert not any(re.search(r"[<>{}]|-->", line) for line in lines)
        cues.append(_cue(_SRT_TIMES, times, lines))
    return _in_order(cues)


def read_vtt(text: str) -> list[ReadCue]:
    """The signature line, then cues without identifiers; character references are the only markup."""
    head, *blocks = text.removesuffix("\n").split("\n\n")
    assert head.rstrip("\n") == "WEBVTT"
    cues: list[ReadCue] = []
    for block in blocks:
        times, *lines = block.split("\n")
        assert not any(re.search(r"[<>]|&(?!(?:amp|lt|gt);)", line) for line in lines)
        shown = [line.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") for line in lines]
        cues.append(_cue(_VTT_TIMES, times, shown))
    return _in_order(cues)


def _cue(pattern: re.Pattern[str], times: str, lines: list[str]) -> ReadCue:
    match = pattern.fullmatch(times)
    assert match, times
    numbers = [int(each) for each in match.groups()]
    start, end = ((h * 60 + m) * 60 + s + ms / 1000 for h, m, s, ms in (numbers[:4], numbers[4:]))
    assert start < end
    assert lines
    assert all(line.strip() == line and line for line in lines)
    return ReadCue(start, end, tuple(lines))


def _in_order(cues: list[ReadCue]) -> list[ReadCue]:
    assert all(before.end <= after.start for before, after in pairwise(cues))
    return cues
