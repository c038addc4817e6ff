"""Product pages of twelve kinds of shops by their address, as `adreel batch` reads them; and pages that lead elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from adreel.domain.errors import DownloadError, InputError
from adreel.feeds.batches.names import film_name
from adreel.feeds.product import FeedRow
from adreel.feeds.sources import FeedSource, open_source
from adreel.services.storage.download_types import DownloadLimits
from adreel.services.storage.downloads import Downloader
from support.http import Asked, Site
from support.shop_pages import PAGES, ShopPage


def answered(markup: str) -> bytes:
    body = markup.encode()
    return f"HTTP/1.1 200 X\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


async def read(site: Site, folder: Path, path: str) -> FeedRow:
    host = site.url.removeprefix("http://")
    feed = await open_source(FeedSource(f"{site.url}{path}"), folder, Downloader(allowed_hosts=(host,)))
    (row,) = feed.rows()
    return row


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
async def test_the_product_of_a_shop(page: ShopPage, tmp_path: Path) -> None:
    async def answer(_asked: Asked) -> bytes:
        return answered(page.markup)

    async with Site(answer) as site:
        row = await read(site, tmp_path, "/linen-apron")
        product = row.product
        assert product is not None, row.problems
        assert [each for each in row.problems if each.is_error] == []
        assert (product.id, product.title, product.currency) == (page.id, page.title, page.currency)
        assert (None if product.price is None else str(product.price)) == page.price
        assert product.images == tuple(f"{site.url}{path}" for path in page.images)
        assert "/" not in film_name(product.id, "")


async def test_a_photo_that_is_no_address_is_reported(tmp_path: Path) -> None:
    async def answer(_asked: Asked) -> bytes:
        return answered(
            '<meta property="og:title" content="Mug"><meta property="og:image" content="file:///etc/passwd">'
        )

    async with Site(answer) as site:
        row = await read(site, tmp_path, "/mug")
        assert row.product is None
        assert [each.field for each in row.problems if each.is_error] == ["image"]


@pytest.mark.parametrize("target", ["http://127.0.0.1:9/", "https://10.0.0.1/a", "http://[::1]/", "file:///etc/passwd"])
async def test_a_page_that_leads_to_a_private_address_is_refused(target: str, tmp_path: Path) -> None:
    async def answer(_asked: Asked) -> bytes:
        return f"HTTP/1.1 302 X\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n".encode()

    async with Site(answer) as site:
        with pytest.raises(DownloadError):
            await read(site, tmp_path, "/linen-apron")
        assert len(site.asked) == 1


async def test_all_pages_of_a_shop_count_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = '{"products": [{"id": 1, "title": "' + "x" * 400 + '"}]}'

    async def answer(_asked: Asked) -> bytes:
        return answered(page)

    monkeypatch.setattr("adreel.feeds.sources.LIMITS", DownloadLimits(max_bytes=1000, seconds=20))
    async with Site(answer) as site:
        with pytest.raises(DownloadError, match="is larger than"):
            await read(site, tmp_path, "/products.json")
        assert len(site.asked) == 3


async def test_a_malformed_address_is_refused(tmp_path: Path) -> None:
    for place in ("https://[shop.example/feed", "https://[::1/products.json"):
        with pytest.raises(InputError, match="is no address"):
            await open_source(FeedSource(place), tmp_path, Downloader())
