"""Flows that make pictures, with a provider over HTTP: the stand-in. Brings pytest fixtures.

A folder's conftest takes them with ``from support.images import darkroom, stand_in, stand_in_process``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

import pytest

from adreel.agents.image_generator import BatchImageGeneratorAgent
from adreel.billing.timeouts import Timeouts
from adreel.catalogue.loader import load_catalogue
from adreel.db.engine import Database
from adreel.domain.costs.ledger import PaidCall
from adreel.domain.sessions.session import Asset, AssetKind, SessionView
from adreel.media.segments.store import file_digest
from adreel.orchestrator.flows.build import FlowDependencies
from adreel.providers.planning.fallback import DEFAULT_ORDER, models_in_order
from adreel.providers.replicate.client import Policy, ReplicateClient, open_client
from adreel.providers.replicate.images import ReplicateImageEngine
from adreel.providers.replicate.text import ReplicateTextEngine
from adreel.services.sessions.records import NewAsset
from adreel.services.storage.downloads import Downloader
from support.db import add_user
from support.flows import Hall, Now, Provider
from support.replicate import StandIn, stand_in, stand_in_process, write_image

__all__ = ["Darkroom", "darkroom", "stand_in", "stand_in_process"]

MUG = "A handmade stoneware coffee mug"

PATIENCE = Timeouts(post=5, settle=1, search=1, poll_first=1, poll_most=1, job=100_000)
"""By a clock on which a second passes in ten milliseconds while two wait: on a slow machine, too, `job` is not over before
the stand-in's jobs are.
"""


class Patient(Now):
    """A clock whose sleepers let the provider do some work."""

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds)
        await asyncio.sleep(0.02)


@dataclass
class Darkroom(Hall):
    """A Hall whose pictures come from the stand-in; with `writers`, texts, too."""

    clock: Now = field(default_factory=Patient)
    client: ReplicateClient | None = None
    output_host: str = ""
    writers: tuple[str, ...] = ()

    def kit(self, name: str) -> FlowDependencies:
        kit, known = super().kit(name), load_catalogue()
        kit = replace(kit, timeouts=PATIENCE)
        if self.client is None:
            return kit
        fetch = Downloader(allowed_hosts=[self.output_host]).fetch
        engine = ReplicateImageEngine(self.client, known.images, fetch, output_hosts=[self.output_host])
        kit = replace(kit, images=BatchImageGeneratorAgent(known.images, {"replicate": engine}))
        if not self.writers:
            return kit
        writer = ReplicateTextEngine(self.client, known.texts)
        return replace(
            kit, text_vendors=dict.fromkeys(known.texts, writer), texts=models_in_order(known.texts, self.writers)
        )

    def hire_writers(self, *names: str) -> None:
        """From here on language models plan: these, or those that today's version prefers."""
        self.writers = names or DEFAULT_ORDER
        self.flows = self.worker("writing machine")

    async def make_images(
        self, session_id: str, count: int = 2, model: str = "flux-pro", prompt: str = MUG
    ) -> SessionView:
        started = await self.orchestrator.generate_images("ann", session_id, prompt, count, model)
        await self.jobs.work(started.job_id)
        return await self.sessions.view(session_id)

    async def add_photo(self, session_id: str, colour: tuple[int, int, int]) -> None:
        """A photo as a person uploads it."""
        key = f"sessions/{session_id}/images/photo.png"
        path = write_image(self.folder / "storage" / key, colour, (640, 360))
        photo = NewAsset(AssetKind.IMAGE, key, file_digest(path), "image/png", path.stat().st_size, view_type="front")
        await self.sessions.add_images("ann", session_id, [photo])

    async def images(self, session_id: str) -> tuple[Asset, ...]:
        return (await self.sessions.view(session_id)).of_kind(AssetKind.IMAGE)

    async def open_calls(self, session_id: str) -> tuple[PaidCall, ...]:
        return await self.ledger.open_calls(session_id=session_id)


def total(stand_in: StandIn) -> Decimal:
    """What the provider has billed, in US dollars."""
    return Decimal(stand_in.billing()["total"])


@pytest.fixture
async def darkroom(
    tmp_path: Path, sqlite_database: str, bought_clip: Path, stand_in: StandIn
) -> AsyncIterator[Darkroom]:
    database = Database(sqlite_database)
    await add_user(database, "ann")
    async with open_client("r8_secret", base_url=stand_in.api, policy=Policy(timeout=20, first_pause=0.01)) as client:
        yield Darkroom(tmp_path, database, Provider(bought_clip), client=client, output_host=stand_in.output_host)
    await database.close()
