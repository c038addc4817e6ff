"""An API, workers, PostgreSQL and an S3 server as processes, and a shop whose photos are at addresses."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

import support.pg
import support.s3
from support.catalogue import ORDER, Shop, picture
from support.http import Site
from support.s3 import ACCESS_KEY, REGION, SECRET_KEY, S3Server
from support.service import Process, serve, work

PRICE = "0.01"
"""US dollars for each film: one that is made twice would be paid twice."""
_POLL_SECONDS = 0.2
_OVER = ("done", "failed", "cancelled", "paused", "planned")


@dataclass
class Cluster:
    """`workers` run; `folders` are theirs, each with a cache of its own."""

    settings: dict[str, str]
    folder: Path
    s3: S3Server
    bucket: str
    address: str = ""
    workers: dict[int, Process] = field(default_factory=dict[int, Process])

    def start_worker(self, number: int) -> None:
        folder = self.folder / f"worker-{number}"
        folder.mkdir(exist_ok=True)
        self.workers[number] = work(folder, **self.settings)

    def kill_worker(self, number: int) -> None:
        """By kill -9, and starts another in its place."""
        self.workers.pop(number).kill()
        self.start_worker(number)

    def films_in_storage(self, batch_id: str) -> list[str]:
        """The keys of the stored films of a batch."""
        pages = self.s3.client().get_paginator("list_objects_v2")
        found = pages.paginate(Bucket=self.bucket, Prefix=f"batches/{batch_id}/films/")
        keys = [item.get("Key", "") for page in found for item in page.get("Contents", [])]
        return [key for key in keys if key.endswith(".mp4")]

    def most_megabytes(self) -> float:
        """The highest memory that a worker has had (VmHWM)."""
        found = [Path(f"/proc/{process.pid}/status").read_text() for process in self.workers.values()]
        return max(int(text.split("VmHWM:")[1].split()[0]) / 1024 for text in found)

    def processor_seconds(self) -> float:
        """User and system time of the workers that run, with their children."""
        ticks = os.sysconf("SC_CLK_TCK")
        return sum(
            sum(map(int, Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[11:15])) / ticks
            for process in self.workers.values()
        )


@contextmanager
def servers(folder: Path) -> Generator[tuple[str, S3Server]]:
    """A PostgreSQL database with adreel's tables, and an S3 server."""
    port, keeper = support.pg._started(folder / "postgres.log")
    process, s3 = support.s3._started(folder)
    try:
        server = support.pg.PostgresServer(port)
        url = server.empty()
        support.pg.migrate(url)
        yield url, s3
        server.close()
    finally:
        process.kill()
        process.wait()
        support.pg._stop(keeper)


@asynccontextmanager
async def cluster(
    folder: Path, database_url: str, s3: S3Server, workers: int, products: int
) -> AsyncGenerator[tuple[Cluster, Site]]:
    """An API and workers of one core each. Each product has a photo of its own."""
    folder.mkdir()
    shop = Shop({f"/{number}.png": picture(number) for number in range(products)})
    async with Site(shop.answer) as site:
        bucket = s3.bucket()
        settings = {
            "ADREEL_DATABASE_URL": database_url,
            "ADREEL_S3_BUCKET": bucket,
            "ADREEL_S3_ENDPOINT": s3.endpoint,
            "ADREEL_S3_REGION": REGION,
            "ADREEL_S3_ACCESS_KEY": ACCESS_KEY,
            "ADREEL_S3_SECRET_KEY": SECRET_KEY,
            "ADREEL_JOBS": "1",
            "ADREEL_LEASE_SECONDS": "4",
            "ADREEL_COMPOSE_PRICE": PRICE,
            "ADREEL_CONTENT_CREDENTIALS": "false",
            "ADREEL_DOWNLOAD_HOSTS": f"127.0.0.1:{site.port}",
        }
        found = Cluster(settings, folder, s3, bucket)
        (folder / "api").mkdir()
        api = None
        try:
            api, found.address = await asyncio.to_thread(serve, folder / "api", "--no-worker", **settings)
            for number in range(workers):
                await asyncio.to_thread(found.start_worker, number)
            yield found, site
        finally:
            for process in (*found.workers.values(), *([] if api is None else [api])):
                process.kill()


class Batches:
    """A client of the API."""

    def __init__(self, address: str) -> None:
        self.http = httpx.AsyncClient(base_url=address, timeout=60, trust_env=False)

    async def begin(self, feed: bytes, catalogue: str, **changes: Any) -> str:
        order = json.dumps({**ORDER, "catalogue": catalogue, **changes})
        answer = await self.http.post("/api/batches", data={"order": order}, files={"feed": ("feed.csv", feed)})
        answer.raise_for_status()
        return str(answer.json()["id"])

    async def get(self, batch_id: str) -> dict[str, Any]:
        answer = await self.http.get(f"/api/batches/{batch_id}")
        answer.raise_for_status()
        return dict(answer.json())

    async def until_over(self, batch_id: str) -> dict[str, Any]:
        while True:
            batch = await self.get(batch_id)
            if batch["state"] in _OVER:
                return batch
            await asyncio.sleep(_POLL_SECONDS)

    async def until_made(self, batch_id: str, share: float) -> bool:
        """Waits until a share of the films is made; False when the batch is over before."""
        while True:
            batch = await self.get(batch_id)
            if batch["state"] in _OVER:
                return False
            if batch["progress"] >= 100 * share:
                return True
            await asyncio.sleep(_POLL_SECONDS / 4)

    async def digests(self, batch_id: str) -> dict[str, str]:
        """The SHA-256 of each product's film."""
        lines = (await self.http.get(f"/api/batches/{batch_id}/manifest.jsonl")).text.splitlines()
        return {film["id"]: film["sha256"] for film in map(json.loads, lines)}

    async def spent(self) -> float:
        return float((await self.http.get("/api/account")).json()["budget"]["spent"])
