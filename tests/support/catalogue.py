"""A service with a shop whose photos are at addresses, for tests of batches. Films are small and short."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import httpx
import pytest

from adreel.bootstrap.service import ServiceContext, open_service_context
from adreel.bootstrap.settings import Settings
from adreel.domain.films.formats import ASPECTS
from adreel.server.build import make_app
from support.http import Asked, Site
from support.pictures import texture
from support.small_films import SMALL_ASPECTS

TEMPLATE = """
version = 1
product = "{title:50!}"
[end]
cta = ""
[[beats]]
name = "offer"
shot = { photo = 1 }
seconds = 2.5
words = [{ role = "price", text = "{price!}" }]
"""
ORDER: Mapping[str, Any] = {
    "catalogue": "shop",
    "template": TEMPLATE,
    "film": {"audio": {"enabled": False}, "outro_duration": 0},
    "rights_confirmed": True,
}
HEADER = "id,title,price,image_link"
SECONDS = 120


def small_aspects(monkeypatch: pytest.MonkeyPatch) -> None:
    for aspect, size in SMALL_ASPECTS.items():
        monkeypatch.setitem(ASPECTS, aspect, size)


def picture(seed: int = 5) -> bytes:
    return cv2.imencode(".png", texture(360, 240, seed))[1].tobytes()


@dataclass
class Shop:
    """The photos of a shop by path: bytes, or an HTTP status."""

    photos: dict[str, bytes | int] = field(default_factory=lambda: {"/a.png": picture(5), "/b.png": picture(9)})

    async def answer(self, asked: Asked) -> bytes:
        found = self.photos.get(asked.target, 404)
        if isinstance(found, int):
            return f"HTTP/1.1 {found} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: {len(found)}\r\nConnection: close\r\n\r\n"
        )
        return head.encode() + found


def feed_of(site: str, prices: Mapping[str, str], photos: Mapping[str, str] | None = None) -> bytes:
    """A table of products by id with their prices; `photos` are paths other than /a.png."""
    rows = [f"{each},Mug {each},{price},{site}{(photos or {}).get(each, '/a.png')}" for each, price in prices.items()]
    return "\n".join([HEADER, *rows]).encode()


@dataclass
class CatalogueApi:
    """The API of a service with a worker, and the site of the shop."""

    http: httpx.AsyncClient
    context: ServiceContext
    shop: Shop
    site: Site
    data: Path

    async def begin(self, feed: bytes, **changes: Any) -> httpx.Response:
        import json

        order = json.dumps({**ORDER, **changes})
        files = {"feed": ("feed.csv", feed, "text/csv")}
        return await self.http.post("/api/batches", data={"order": order}, files=files)

    async def begun(self, feed: bytes, **changes: Any) -> str:
        answer = await self.begin(feed, **changes)
        assert answer.status_code == 202, answer.text
        return str(answer.json()["id"])

    async def batch(self, batch_id: str) -> dict[str, Any]:
        answer = await self.http.get(f"/api/batches/{batch_id}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def until(
        self, batch_id: str, *states: str, when: Callable[[dict[str, Any]], bool] | None = None
    ) -> dict[str, Any]:
        """The batch, once it is in one of these states."""
        deadline = time.monotonic() + SECONDS
        while time.monotonic() < deadline:
            batch = await self.batch(batch_id)
            if batch["state"] in states and (when is None or when(batch)):
                return batch
            assert batch["state"] in ("planning", "running", "paused", "planned") or batch["state"] in states, batch
            await asyncio.sleep(0.05)
        raise AssertionError(f"the batch does not become {states}: {await self.batch(batch_id)}")

    async def films(self, batch_id: str) -> dict[str, dict[str, Any]]:
        """The rows with their films by the id of their product."""
        answer = await self.http.get(f"/api/batches/{batch_id}/rows")
        assert answer.status_code == 200, answer.text
        return {row["id"]: row for row in answer.json()["rows"]}

    def stored(self) -> set[str]:
        """The names of stored films."""
        return {path.name for path in (self.data / "storage" / "batches").rglob("*.mp4")}


@asynccontextmanager
async def catalogue_api(data: Path, **settings: Any) -> AsyncGenerator[CatalogueApi]:
    shop = Shop()
    async with Site(shop.answer) as site:
        chosen = Settings(
            data_dir=data,
            content_credentials=False,
            download_hosts=(f"127.0.0.1:{site.port}",),
            jobs=2,
            **settings,
        )
        async with open_service_context(chosen, with_worker=True) as context:
            app = make_app(context, "127.0.0.1")
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            async with (
                app.router.lifespan_context(app),
                httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8000") as http,
            ):
                yield CatalogueApi(http, context, shop, site, data)
