"""Flows that buy everything at the stand-in over HTTP, in real time, with the service's webhook route before them.

A folder's conftest takes the fixture with ``from support_hosted import shop``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adreel.catalogue.loader import load_catalogue
from adreel.db.engine import Database
from adreel.domain.session import AssetKind
from adreel.media.segments import file_digest
from adreel.orchestrator.flows import Kit
from adreel.orchestrator.purchase import Patience
from adreel.orchestrator.webhooks import Webhooks
from adreel.providers.replicate.client import Policy, ReplicateClient, open_client
from adreel.providers.replicate.engine import ReplicateEngine
from adreel.providers.replicate.webhooks import WebhookSecret
from adreel.services.bell import Bell
from adreel.services.downloads import Downloader
from adreel.services.records import NewAsset
from support_api import Backend, Served, build_backend, served, with_services
from support_db import add_user
from support_flows import Now, Provider
from support_images import Darkroom
from support_replicate import StandIn, write_image

Colour = tuple[int, int, int]
COLOURS: tuple[Colour, ...] = ((200, 40, 40), (40, 160, 60), (50, 70, 200))
POLICY = Policy(timeout=1.0, connect_timeout=0.5, longest_wait=0.5, upload=1.0, first_pause=0.02)
PATIENCE = Patience(post=3.1, settle=0.2, search=0.1, poll_first=0.05, poll_most=0.2, job=60, throttled=5)


class Wall(Now):
    """Time as it is."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass
class Shop(Darkroom):
    """A Darkroom whose clips come from the stand-in, too. `webhook` is where ends are told, if they are to be."""

    clock: Now = field(default_factory=Wall)
    patience: Patience = PATIENCE
    bell: Bell = field(default_factory=Bell)
    webhook: str | None = None

    def kit(self, name: str) -> Kit:
        kit, known = super().kit(name), load_catalogue()
        assert self.client is not None
        fetch = Downloader(allowed_hosts=[self.output_host]).fetch
        engine = ReplicateEngine(
            self.client, known.videos, fetch, output_hosts=[self.output_host], webhook=lambda: self.webhook
        )
        kit.agent.remotes = {"replicate": engine}
        return replace(kit, patience=self.patience, bell=self.bell)

    def _image(self, session_id: str, number: int) -> NewAsset:
        key = f"sessions/{session_id}/images/photo{number}.png"
        path = self.folder / "storage" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        write_image(path, COLOURS[number % len(COLOURS)], (320, 180))
        size = path.stat().st_size
        return NewAsset(AssetKind.IMAGE, key, file_digest(path), "image/png", size, view_type="front")


@asynccontextmanager
async def opened_shop(
    folder: Path, database_url: str, client: ReplicateClient, output_host: str, clip: Path
) -> AsyncGenerator[Shop]:
    """A shop on a database; `clip` is for what is not bought over HTTP."""
    database = Database(database_url)
    await add_user(database, "ann")
    try:
        yield Shop(folder, database, Provider(clip), client=client, output_host=output_host)
    finally:
        await database.close()


@asynccontextmanager
async def hooked(shop: Shop, secret: str) -> AsyncGenerator[Served]:
    """The service's API on a free port, which takes the shop's webhooks."""
    backend: Backend = build_backend(shop.database.url, shop.folder / "api")

    async def unasked() -> str:
        raise AssertionError("the secret is known")

    hooks = Webhooks(WebhookSecret(unasked, secret).get, shop.ledger, shop.bell, lambda: datetime.now(UTC))
    try:
        async with served(with_services(backend, webhooks=hooks)) as site:
            shop.webhook = f"{site.address}/api/webhooks/replicate"
            yield site
    finally:
        await backend.services.storage.close()
        await backend.database.close()


@pytest.fixture
async def shop(tmp_path: Path, sqlite_database: str, bought_clip: Path, stand_in: StandIn) -> AsyncIterator[Shop]:
    async with (
        open_client("r8_secret", base_url=stand_in.api, policy=POLICY) as client,
        opened_shop(tmp_path, sqlite_database, client, stand_in.output_host, bought_clip) as opened,
    ):
        yield opened
