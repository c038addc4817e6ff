"""Reads photos in a separate thread pool, so that photos that wait for memory take no threads from other work."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from adreel.media.photos.photo import WORKING_SIDE, Photo, PhotoInfo
from adreel.media.photos.readers import PhotoReader

_AT_ONCE = 8
"""Photos that are read, or wait for memory, at a time; the rest are queued."""


class PhotoService:
    """`reader` determines where photos are decoded, and how much memory that may take."""

    def __init__(self, reader: PhotoReader, at_once: int = _AT_ONCE) -> None:
        self.reader = reader
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="photos")

    async def verify(self, path: Path) -> PhotoInfo:
        """Decodes a whole photo and discards it. Raises PhotoError."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.reader.verify, path)

    async def load(self, path: Path, side: int = WORKING_SIDE) -> Photo:
        """Loads a photo, at most `side` pixels long. Raises PhotoError."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self.reader.load, path, side)

    def close(self) -> None:
        """Ends the threads once the photos that are being read are done."""
        self._threads.shutdown(wait=False, cancel_futures=True)
