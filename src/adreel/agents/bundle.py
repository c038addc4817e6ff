"""The files that belong to a finished film beside it: captions of its words, and its passport. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from adreel.agents.passport_files import as_text
from adreel.agents.passport_page import passport_page
from adreel.domain.films.shown_words import Words, read_plain
from adreel.media.captions.cue import Cue, ShownText, shown_cues
from adreel.media.captions.writing import to_srt, to_vtt


def beside_film(passport: dict[str, Any]) -> Mapping[str, str]:
    """Texts by the suffix that replaces the film's ``.mp4``: its passport, and captions where the film shows words."""
    files = {".passport.json": as_text(passport), ".passport.html": passport_page(passport)}
    cues = word_cues(read_plain(passport["words"] or ()))
    if not cues:
        return files
    rate = float(passport["film"]["fps"])
    return {**files, ".srt": to_srt(cues, rate), ".vtt": to_vtt(cues, rate)}


def word_cues(words: Words) -> tuple[Cue, ...]:
    """Captions of the words that a film shows, those of a shot together: they go at the same time."""
    shots: dict[int, list[int]] = {}
    texts: dict[int, list[str]] = {}
    for each in words:
        if each.text:
            shots.setdefault(each.last, []).append(each.first)
            texts.setdefault(each.last, []).append(" ".join(each.text.split()))
    shown = [ShownText(min(firsts), last, tuple(texts[last])) for last, firsts in sorted(shots.items())]
    return shown_cues(_one_by_one(shown))


def _one_by_one(shown: Sequence[ShownText]) -> list[ShownText]:
    """Texts that a crossfade shows together follow one another."""
    ends = [*(min(each.last, after.first) for each, after in pairwise(shown)), *(each.last for each in shown[-1:])]
    return [ShownText(each.first, end, each.texts) for each, end in zip(shown, ends, strict=True)]
