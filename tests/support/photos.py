"""Photos read in the process of the tests, which is faster than one process for each."""

from __future__ import annotations

from adreel.media.photos.budget import MemoryBudget
from adreel.media.photos.readers import DirectReader
from adreel.services.sessions.photos import PhotoService

GENEROUS = 2 * 2**30


def direct_photos() -> PhotoService:
    return PhotoService(DirectReader(MemoryBudget(GENEROUS)))
