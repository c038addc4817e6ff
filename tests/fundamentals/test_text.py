"""What a person types is data: it never becomes markup, a filter or a path, and it is checked before anything is made."""

from __future__ import annotations

import pytest

from adreel.domain.errors import TextError
from adreel.media.cards.fonts import check_text, resolve_font


def test_text_that_no_font_shows_is_refused_before_work_begins() -> None:
    """Any text may be given; the fonts decide. Refused text names the character."""
    fonts = resolve_font(None)
    check_text('L\'Oréal: 100% "pure" #1 $x^2$', fonts)
    with pytest.raises(TextError):
        check_text("\U000e0041", fonts)
