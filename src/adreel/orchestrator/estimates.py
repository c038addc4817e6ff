"""How long work will take, as it is told to those who start it: seconds."""

from __future__ import annotations

import math

from adreel.services.session_service import SessionService

CLIPS_SECONDS = 180
FILM_SECONDS = 35
IMAGES_SECONDS = 30
"""What is told until this installation knows better."""

_LEAST = 5
_IMAGES_AT_ONCE = 8


class Estimates:
    """From what recent work took. `at_once` clips are made at the same time."""

    def __init__(self, sessions: SessionService, at_once: int) -> None:
        self._sessions = sessions
        self._at_once = max(1, at_once)

    async def clips(self, agent: str, model: str, count: int) -> int:
        typical = await self._sessions.typical_duration(agent, model)
        return CLIPS_SECONDS if typical is None else _shown(typical * math.ceil(count / self._at_once))

    async def images(self, agent: str, model: str, count: int) -> int:
        """All `count` pictures are made at the same time, as far as the provider lets them; a few at a time is usual."""
        typical = await self._sessions.typical_duration(agent, model)
        return IMAGES_SECONDS if typical is None else _shown(typical * math.ceil(count / _IMAGES_AT_ONCE))

    async def films(self, agent: str, model: str, count: int) -> int:
        typical = await self._sessions.typical_duration(agent, model)
        return FILM_SECONDS * count if typical is None else _shown(typical * count)


def _shown(seconds: float) -> int:
    return max(_LEAST, math.ceil(seconds))
