"""How long words must be on the screen to be read."""

from __future__ import annotations

import math
from collections.abc import Sequence

from adreel.domain.ad import ScreenText, TextRole
from adreel.domain.films.formats import FPS
from adreel.domain.scripts.reading_time import SHORTEST_READING, WORDS_PER_SECOND, count_words


def seconds_to_read(words: Sequence[ScreenText]) -> float:
    """The time for which the words must be fully shown together. A legal line is read by itself, beside the others."""
    message = sum(_count(each) for each in words if each.role is not TextRole.LEGAL)
    legal = sum(_count(each) for each in words if each.role is TextRole.LEGAL)
    return max(SHORTEST_READING, max(message, legal) / WORDS_PER_SECOND)


def frames_to_read(words: Sequence[ScreenText]) -> int:
    return math.ceil(seconds_to_read(words) * FPS - 1e-6)


def _count(words: ScreenText) -> float:
    return count_words(words.text) + count_words(words.struck or "")
