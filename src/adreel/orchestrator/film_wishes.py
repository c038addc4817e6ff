"""A film's options as they were asked for: what people are shown of a film, and give again to have it again."""

from __future__ import annotations

from adreel.domain.session import Json
from adreel.options import NO_MUSIC


def wishes_of(options: Json) -> Json:
    """From options of `FilmOptions`, as orders keep them, to the words of ``compose-final-video``.

    What was left to adreel (colour, music) is None: given again, it comes out the same.
    """
    music = options["music"]
    return {
        "text_overlay": {
            "product_name": options["name"],
            "cta": options["cta"],
            "font": options["font"],
            "color": options["color"],
        },
        "audio": {"enabled": music != NO_MUSIC, "genre": None if music == NO_MUSIC else music},
        "intro_duration": options["intro_seconds"],
        "outro_duration": options["outro_seconds"],
        "transition": str(options["transition"]),
    }
