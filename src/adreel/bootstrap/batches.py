"""Wires batches: a film maker with a cache of the batch's own, and the checked downloads."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from adreel.bootstrap.local import build_maker
from adreel.bootstrap.settings import Settings
from adreel.feeds.batches.names import WORK
from adreel.feeds.batches.running import BatchTools
from adreel.feeds.photos import FeedPhotos
from adreel.feeds.reading import Feed
from adreel.feeds.sources import FeedSource, open_source
from adreel.services.storage.downloads import Downloader


def batch_tools(settings: Settings, out: Path) -> BatchTools:
    """Returns what a batch into the folder `out` works with. Other films do not push its clips out of the cache.

    Raises SetupError when something that films need is missing.
    """
    own = settings.model_copy(update={"data_dir": out / WORK})
    kept, downloader = out / WORK / "photos", _downloader(settings)

    def photos(feed: Feed) -> FeedPhotos:
        return FeedPhotos(feed.folder, kept, downloader, partial(datetime.now, UTC))

    return BatchTools(build_maker(own), photos, partial(datetime.now, UTC))


async def open_feed(settings: Settings, source: FeedSource, out: Path) -> Feed:
    """Returns the feed at hand. Raises InputError, DownloadError."""
    return await open_source(source, out / WORK / "feed", _downloader(settings))


def _downloader(settings: Settings) -> Downloader:
    return Downloader(allowed_hosts=settings.download_hosts)
