"""Points in the flows at which a test may kill the process: just after, or just before, something is made durable."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum


class CrashPoint(StrEnum):
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


Checkpoint = Callable[[CrashPoint, str], None]
"""Called at each point with the kind of work: "clip", "image", "answer" or "film". Wherever it kills the process, the work must
end the same."""


def no_op(_point: CrashPoint, _what: str) -> None:
    """The Checkpoint of everything but the crash suite."""
