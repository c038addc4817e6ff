"""The styles of cards by name. One is a module here and a place in `ALL`."""

from __future__ import annotations

from collections.abc import Mapping

from adreel.media.cards.style import CardStyle
from adreel.media.cards.styles.plain import PLAIN

ALL: Mapping[str, CardStyle] = {style.name: style for style in (PLAIN,)}
DEFAULT = PLAIN.name
