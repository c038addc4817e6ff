"""The faces that text styles name, and the size of type at which their capitals have a height."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, cast

from adreel.media.cards.typefaces import FontFace, opened_font, shipped_face

FACES: Mapping[str, tuple[str, str]] = {
    "anton": ("Anton", "Anton_400Regular.ttf"),
    "fredoka": ("Fredoka", "Fredoka_600SemiBold.ttf"),
    "inter": ("Inter", "Inter_500Medium.ttf"),
    "inter-bold": ("Inter", "Inter_700Bold.ttf"),
    "jetbrains-mono": ("JetBrains Mono", "JetBrainsMono_500Medium.ttf"),
    "jost": ("Jost", "Jost_500Medium.ttf"),
    "montserrat-bold": ("Montserrat", "Montserrat_700Bold.ttf"),
    "playfair-bold": ("Playfair Display", "PlayfairDisplay_700Bold.ttf"),
    "poppins-bold": ("Poppins", "Poppins_700Bold.ttf"),
}
"""Family and file of each face, by the name that styles use."""


def style_face(name: str) -> FontFace:
    """The face of this name. Raises SetupError when its file is missing."""
    return shipped_face(*FACES[name])


@lru_cache(maxsize=len(FACES))
def cap_height(name: str) -> float:
    """The height of the face's capitals in em."""
    with opened_font(style_face(name)) as font:
        os2, head = cast("Any", font["OS/2"]), cast("Any", font["head"])
        return os2.sCapHeight / head.unitsPerEm
