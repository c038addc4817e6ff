"""Scripts give beats the time that the styles of text need: the two are computed in different rooms."""

from __future__ import annotations

import pytest

from adreel.domain.ad import Beat, BeatShot, ScreenText, TextRole
from adreel.domain.scripts.ad_timing import MOVEMENT_FRAMES, needed_frames
from adreel.media.overlays.loader import text_style
from adreel.media.overlays.schedule import shortest_shot

WORDS = (
    (ScreenText(TextRole.HEADLINE, "Morgen Mug"),),
    (ScreenText(TextRole.BADGE, "Save 28 %"), ScreenText(TextRole.PRICE, "€24.90", "€34.90")),
    tuple(ScreenText(TextRole.BULLET, text) for text in ("Hand-glazed stoneware", "Dishwasher safe", "Holds 350 ml")),
)


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("style", MOVEMENT_FRAMES)
def test_a_beat_is_as_long_as_its_words_need(style: str, words: tuple[ScreenText, ...]) -> None:
    beat = Beat("hook", BeatShot(1), words)
    assert needed_frames(beat, style) >= shortest_shot(words, text_style(style))
