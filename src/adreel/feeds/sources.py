"""Brings a feed to this machine: a file stays where it is, an address is fetched by the checked downloads."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from adreel.domain.errors import InputError
from adreel.feeds.fields import FieldNames
from adreel.feeds.reading import Feed
from adreel.services.storage.download_types import DownloadLimits
from adreel.services.storage.downloads import Downloader

LIMITS = DownloadLimits(max_bytes=256 * 1024 * 1024, seconds=300)
"""Those of a feed, however many pages it has."""
_PAGE_SIZE = 250
_MOST_PAGES = 100
"""Shopify ends at 25,000 products."""


@dataclass(frozen=True, slots=True)
class FeedSource:
    """A feed: the path of a file, or an https address. `columns` names the columns of fields where the usual names do not fit,
    `currency` (ISO 4217) is that of prices that name none."""

    place: str
    columns: Mapping[str, str] = field(default_factory=dict[str, str])
    currency: str | None = None


async def open_source(source: FeedSource, folder: Path, downloader: Downloader) -> Feed:
    """Returns the feed at hand; a downloaded one is kept in `folder`.

    Raises InputError for a file that is not there, DownloadError for an address that cannot be fetched.
    """
    check_source(source)
    if re.match(r"https?://", source.place, re.IGNORECASE):
        paths = await _fetched(source.place, folder, downloader)
        return Feed(paths, folder, source.place, source.columns, source.currency)
    path = Path(source.place)
    if not await asyncio.to_thread(path.is_file):
        raise InputError(f"{source.place} is neither a file nor an https address")
    return Feed((path,), path.parent, None, source.columns, source.currency)


def check_source(source: FeedSource) -> None:
    """Raises InputError for an unknown field, and for a malformed currency or address."""
    FieldNames(source.columns)
    try:
        urlsplit(source.place)
    except ValueError as error:
        raise InputError(f"{source.place[:100]!r} is no address: {error}") from error
    if source.currency is not None and not re.fullmatch(r"[A-Z]{3}", source.currency):
        raise InputError(f"the currency {source.currency!r} is not three capital letters such as EUR")


async def _fetched(url: str, folder: Path, downloader: Downloader) -> tuple[Path, ...]:
    if not urlsplit(url).path.endswith("/products.json"):
        path = folder / "source"
        await downloader.fetch(url, path, LIMITS)
        return (path,)
    paths: list[Path] = []
    left, end = LIMITS.max_bytes, monotonic() + LIMITS.seconds
    for number in range(1, _MOST_PAGES + 1):
        path = folder / f"source-{number}"
        limits = replace(LIMITS, max_bytes=left, seconds=max(end - monotonic(), 0))
        left -= (await downloader.fetch(_page(url, number), path, limits)).size
        if number > 1 and await asyncio.to_thread(_is_empty, path):
            break
        paths.append(path)
    return tuple(paths)


def _page(url: str, number: int) -> str:
    parts = urlsplit(url)
    query = {**dict(parse_qsl(parts.query)), "limit": str(_PAGE_SIZE), "page": str(number)}
    return urlunsplit(parts._replace(query=urlencode(query)))


def _is_empty(path: Path) -> bool:
    """Whether a page has no products: it is after the last one."""
    try:
        return not json.loads(path.read_bytes()).get("products")
    except (ValueError, AttributeError, RecursionError):
        return False
