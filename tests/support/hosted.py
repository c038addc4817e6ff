"""Flows that buy everything at the stand-in over HTTP, in real time, with the service's webhook route before them.

A folder's conftest takes the fixture with ``from support.hosted import shop``.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adreel.billing.timeouts import Timeouts
from adreel.billing.webhooks import Webhooks
from adreel.catalogue.loader import load_catalogue
from adreel.db.engine import Database
from adreel.domain.sessions.session import AssetKind
from adreel.media.segments.store import file_digest
from adreel.orchestrator.flows.build import FlowDependencies
from adreel.providers.common.provider_time import AskedTime, ProviderTime
from adreel.providers.common.webhooks import WebhookSecret
from adreel.providers.replicate.client import Policy, ReplicateClient, open_client
from adreel.providers.replicate.video import ReplicateEngine
from adreel.providers.replicate.webhooks import ReplicateWebhooks
from adreel.services.events.wakeups import Wakeups
from adreel.services.sessions.records import NewAsset
from adreel.services.storage.downloads import Downloader
from support.api import Backend, Served, build_backend, served, with_services
from support.db import add_user
from support.flows import Now, Provider
from support.images import Darkroom
from support.replicate import StandIn, write_image

Colour = tuple[int, int, int]
COLOURS: tuple[Colour, ...] = ((200, 40, 40), (40, 160, 60), (50, 70, 200))
POLICY = Policy(timeout=1.0, connect_timeout=0.5, longest_wait=0.5, upload=1.0, first_pause=0.02)
PATIENCE = Timeouts(
    post=3.1, settle=0.2, search=0.1, poll_first=0.05, poll_most=0.2, job=60, throttled=5, unreachable=5
)


class Wall(Now):
    """Time as it is, until it is set ahead or back."""

    def __call__(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.steps)

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass
class Shop(Darkroom):
    """A Darkroom whose clips come from the stand-in, too. `webhook` is the address for webhooks, if any; `provider_time`
    follows the stand-in's clock.
    """

    clock: Now = field(default_factory=Wall)
    patience: Timeouts = PATIENCE
    bell: Wakeups = field(default_factory=Wakeups)
    webhook: str | None = None
    provider_time: ProviderTime = field(default_factory=ProviderTime)

    def kit(self, name: str) -> FlowDependencies:
        kit, known = super().kit(name), load_catalogue()
        assert self.client is not None
        fetch = Downloader(allowed_hosts=[self.output_host]).fetch
        engine = ReplicateEngine(
            self.client, known.videos, fetch, output_hosts=[self.output_host], webhook=lambda: self.webhook
        )
        kit.agent.remotes = {"replicate": engine}
        return replace(kit, timeouts=self.patience, wakeups=self.bell)

    def _image(self, session_id: str, number: int) -> NewAsset:
        key = f"sessions/{session_id}/images/photo{number}.png"
        path = self.folder / "storage" / key
        path.parent.mkdir(parents=True, exist_ok=True)
        write_image(path, COLOURS[number % len(COLOURS)], (480, 270))
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

    times = AskedTime(shop.provider_time, unasked, shop.clock)
    hooks = Webhooks(
        {"replicate": ReplicateWebhooks(WebhookSecret(unasked, secret).get, times.now)}, shop.ledger, shop.bell
    )
    try:
        async with served(with_services(backend, webhooks=hooks)) as site:
            shop.webhook = f"{site.address}/api/webhooks/replicate"
            yield site
    finally:
        await backend.services.storage.close()
        await backend.database.close()


@pytest.fixture
async def shop(tmp_path: Path, sqlite_database: str, bought_clip: Path, stand_in: StandIn) -> AsyncIterator[Shop]:
    clock = ProviderTime()
    async with (
        open_client("r8_secret", base_url=stand_in.api, policy=POLICY, provider_time=clock) as client,
        opened_shop(tmp_path, sqlite_database, client, stand_in.output_host, bought_clip) as opened,
    ):
        opened.provider_time = clock
        yield opened
