"""Places in the flows at which a test may kill the process: just after something has become lasting, or just before."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class Point(StrEnum):
    INTENT_WRITTEN = "intent written"
    BEFORE_POST = "before POST"
    POST_ANSWERED = "POST answered"
    ID_STORED = "id stored"
    WAITING = "waiting"
    OUTPUT_FETCHED = "output fetched"
    CLIP_STORED = "clip stored"
    ASSET_RECORDED = "asset recorded"
    COMPOSING = "composing"
    FILM_STORED = "film stored"


Checkpoint = Callable[[Point, str], None]
"""Called at each place, with what is made: "clip", "image", "answer" or "film". Whatever it does, the work must come to the same
end."""


def pass_by(_point: Point, _what: str) -> None:
    """What everybody but the crash suite uses."""
