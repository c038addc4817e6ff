"""Photos of a feed: files below its folder, and addresses through the checked downloads, kept and asked for again by version."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from adreel.domain.errors import DownloadError, PhotoError
from adreel.media.segments.store import file_digest
from adreel.services.storage.atomic import whole_file
from adreel.services.storage.download_types import DownloadLimits, Validators
from adreel.services.storage.downloads import Downloader

LIMITS = DownloadLimits(max_bytes=20_000_000, seconds=120, content_types=("image/*",))
AT_ONCE_PER_HOST = 2
FRESH = timedelta(hours=20)
"""A photo that was asked for within this time is not asked for again: a daily run asks once."""
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PhotoState:
    """A photo as it was when a film was made of it: its link, size in bytes, modification in ns, and SHA-256."""

    link: str
    size: int
    mtime_ns: int
    sha256: str


@dataclass(frozen=True, slots=True)
class _Kept:
    """Facts about a downloaded photo. `asked` in seconds since 1970."""

    url: str
    etag: str | None
    last_modified: str | None
    asked: float


def is_address(link: str) -> bool:
    return _ADDRESS.match(link) is not None


def host_of(link: str) -> str:
    return urlsplit(link).netloc.rpartition("@")[2].casefold()


class FeedPhotos:
    """`folder` is the feed's own, `kept` that of downloaded photos. For one event loop."""

    def __init__(self, folder: Path, kept: Path, downloader: Downloader, clock: Callable[[], datetime]) -> None:
        self._folder = folder
        self._kept = kept
        self._downloader = downloader
        self._clock = clock
        self._hosts: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(AT_ONCE_PER_HOST))
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def find(self, link: str) -> Path | None:
        """The file of a photo; None for one that is still to be downloaded. Raises PhotoError for a path without a photo."""
        if not is_address(link):
            return local_photo(self._folder, link)
        path = self._path(link)
        return path if path.is_file() else None

    def is_due(self, link: str) -> bool:
        """Whether the photo of an address is to be asked for, because it is not at hand or may have changed."""
        if not is_address(link):
            return False
        kept = self._read(link)
        return kept is None or self._clock().timestamp() - kept.asked > FRESH.total_seconds()

    async def fetch(self, link: str) -> Path:
        """Returns the file of a photo, downloaded if it is due. Raises PhotoError, DownloadError."""
        if not is_address(link):
            return await asyncio.to_thread(local_photo, self._folder, link)
        async with self._locks[link], self._hosts[host_of(link)]:
            if await asyncio.to_thread(self.is_due, link):
                await self._renew(link)
        self._locks.pop(link, None)
        return self._path(link)

    async def _renew(self, link: str) -> None:
        """Downloads a photo. While its server fails for a time, the one that is at hand goes on to count."""
        try:
            await self._download(link)
        except DownloadError as error:
            if not error.retryable or self._read(link) is None:
                raise

    async def _download(self, link: str) -> None:
        kept, path = self._read(link), self._path(link)
        known = Validators(kept.etag, kept.last_modified) if kept and path.is_file() else Validators()
        got = await self._downloader.fetch_if_changed(link, path, known, LIMITS)
        new = known if got is None else got.validators
        facts = _Kept(link, new.etag, new.last_modified, self._clock().timestamp())
        with whole_file(path.with_suffix(".json")) as temporary:
            temporary.write_text(json.dumps(asdict(facts)), encoding="utf-8")

    def _read(self, link: str) -> _Kept | None:
        path = self._path(link)
        try:
            kept = _Kept(**json.loads(path.with_suffix(".json").read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        return kept if path.is_file() else None

    def _path(self, link: str) -> Path:
        return self._kept / f"{hashlib.sha256(link.encode()).hexdigest()[:32]}.photo"


def local_photo(folder: Path, name: str) -> Path:
    """The file of a photo below `folder`, also through links. Raises PhotoError for one outside, and for none."""
    try:
        path = (folder / name).resolve()
        inside, there = path.is_relative_to(folder.resolve()), path.is_file()
    except (OSError, ValueError, RuntimeError) as error:
        raise PhotoError(f"{name[:100]!r} is not the name of a file") from error
    if not inside:
        raise PhotoError(f"{name!r} is outside the folder of the feed; put the photo into it")
    if not there:
        raise PhotoError(f"{name!r} does not exist in the folder of the feed")
    return path


def state_of(link: str, path: Path, known: PhotoState | None = None) -> PhotoState:
    """The photo as it is now; it is read only if size or time differ from `known`. Raises PhotoError."""
    try:
        found = path.stat()
        if known and (known.link, known.size, known.mtime_ns) == (link, found.st_size, found.st_mtime_ns):
            return known
        return PhotoState(link, found.st_size, found.st_mtime_ns, file_digest(path))
    except OSError as error:
        raise PhotoError(f"{path} cannot be read: {error.strerror}") from error
