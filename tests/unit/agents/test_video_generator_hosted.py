from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from adreel.agents.video_generator import VideoGeneratorAgent
from adreel.catalogue.loader import load_catalogue
from adreel.domain.errors import ExpiredError, GenerationError, InputError
from adreel.domain.films.scene import ApprovedImage, ViewType
from adreel.domain.providers import JobStatus, RemoteJob, Search, VideoOrder
from adreel.media.segments.render import SegmentMaker
from adreel.media.segments.store import SegmentStore
from adreel.providers.planning.scene_rules import RuleScenePlanner

MODEL = "wan-2.2-i2v-fast"


class Provider:
    name = "replicate"

    def __init__(self) -> None:
        self.orders: list[VideoOrder] = []
        self.fetched: list[str] = []

    def price(self, order: VideoOrder) -> Decimal:
        return Decimal(1)

    async def check(self, name: str) -> None:
        """Always matches the catalogue."""

    async def submit(self, order: VideoOrder) -> RemoteJob:
        self.orders.append(order)
        return RemoteJob("id", JobStatus.STARTING)

    def now(self) -> datetime | None:
        """Reports no time."""

    async def search(self, marker: int, since: datetime | None) -> Search:
        return Search(None)

    async def poll(self, job_id: str) -> RemoteJob:
        return RemoteJob(job_id, JobStatus.PROCESSING)

    async def fetch(self, url: str, path: Path) -> None:
        self.fetched.append(url)

    async def cancel(self, job_id: str) -> RemoteJob:
        return RemoteJob(job_id, JobStatus.CANCELED)


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def agent(provider: Provider, tmp_path: Path) -> VideoGeneratorAgent:
    maker = SegmentMaker(SegmentStore(tmp_path), Path("unused"))
    models = load_catalogue().videos
    return VideoGeneratorAgent(models, {}, RuleScenePlanner(), maker, 1, remotes={"replicate": provider})


def test_a_model_is_bought_at_its_provider(agent: VideoGeneratorAgent, provider: Provider) -> None:
    assert agent.remote(MODEL) is provider
    with pytest.raises(InputError, match="local cannot be used"):
        agent.remote("local")


async def test_the_first_output_of_a_job_is_its_clip(agent: VideoGeneratorAgent, provider: Provider) -> None:
    done = RemoteJob(
        "id", JobStatus.SUCCEEDED, ("https://replicate.delivery/a.mp4", "https://replicate.delivery/b.mp4")
    )
    await agent.collect(MODEL, done, Path("a.mp4"))
    assert provider.fetched == ["https://replicate.delivery/a.mp4"]
    with pytest.raises(ExpiredError):
        await agent.collect(MODEL, RemoteJob("id", JobStatus.SUCCEEDED, expired=True), Path("a.mp4"))
    with pytest.raises(GenerationError, match="without a clip"):
        await agent.collect(MODEL, RemoteJob("id", JobStatus.SUCCEEDED), Path("a.mp4"))


async def test_scenes_are_planned_for_every_image_in_its_place(agent: VideoGeneratorAgent) -> None:
    images = [ApprovedImage(view, Path("a.jpg"), view) for view in ViewType]
    scenes = await agent.plan(images, "calm")
    assert [scene.image_view for scene in scenes] == list(ViewType)
    assert not agent.draws(MODEL)
