"""The toy in the registry: engines, webhooks and a history that know of one list of jobs."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from adreel.catalogue.models import VideoModel
from adreel.domain.costs.reconciliation import Run
from adreel.domain.errors import AuthError, InputError, UnauthorizedError
from adreel.domain.providers import JobStatus, RemoteJob, Search, VideoOrder
from adreel.providers.common.connection import Engines, ProviderConfig
from adreel.providers.common.provider import Provider
from adreel.providers.common.webhooks import WebhookMessage

MODELS = Path(__file__).parent / "models.toml"
TOKEN = "toy-token"  # noqa: S105 (of an account that there is not)


@dataclass
class Toy:
    """What happens at the toy: jobs that were accepted; `clip` is what all of them make."""

    clip: Path
    jobs: dict[str, RemoteJob] = field(default_factory=dict[str, RemoteJob])
    polls: int = 0

    def provider(self) -> Provider:
        return Provider("toy", "Toyland", self.open, self.open_history, self.webhooks, video_model="toy-clip")

    @asynccontextmanager
    async def open(self, config: ProviderConfig) -> AsyncGenerator[Engines]:
        if config.account.api_token != TOKEN:
            raise UnauthorizedError("Toyland does not accept the API token")
        yield Engines(video=ToyEngine(self, config.catalogue.videos))

    @asynccontextmanager
    async def open_history(self, _config: ProviderConfig) -> AsyncGenerator[ToyHistory]:
        yield ToyHistory(self)

    def webhooks(self, config: ProviderConfig) -> ToyWebhooks:
        return ToyWebhooks(config.account.webhook_secret or "")


class ToyEngine:
    """A RemoteEngine."""

    name = "toy"

    def __init__(self, toy: Toy, models: Mapping[str, VideoModel]) -> None:
        self._toy = toy
        self._models = {name: model for name, model in models.items() if model.provider == self.name}

    def price(self, order: VideoOrder) -> Decimal:
        return self._known(order.model).price_of(order.seconds)

    async def check(self, name: str) -> None:
        self._known(name)

    async def submit(self, order: VideoOrder) -> RemoteJob:
        self._known(order.model).check(order.seconds, order.aspect)
        number = f"toy-{len(self._toy.jobs)}"
        self._toy.jobs[number] = RemoteJob(number, JobStatus.STARTING, seed=order.seed, created_at=self.now())
        return self._toy.jobs[number]

    def now(self) -> datetime | None:
        return datetime.now(UTC)

    async def search(self, marker: int, since: datetime | None) -> Search:
        found = next((job for job in self._toy.jobs.values() if job.seed == marker), None)
        return Search(found, frozenset(self._toy.jobs), at=self.now())

    async def poll(self, job_id: str) -> RemoteJob:
        self._toy.polls += 1
        done = replace(self._toy.jobs[job_id], status=JobStatus.SUCCEEDED, outputs=(f"toy:{job_id}",))
        self._toy.jobs[job_id] = done
        return replace(done, seen_at=self.now())

    async def fetch(self, url: str, path: Path) -> None:
        assert url.startswith("toy:")
        await asyncio.to_thread(shutil.copyfile, self._toy.clip, path)

    async def cancel(self, job_id: str) -> RemoteJob:
        return self._toy.jobs[job_id]

    def _known(self, name: str) -> VideoModel:
        if name not in self._models:
            raise InputError(f"Toyland has no model {name!r}")
        return self._models[name]


class ToyHistory:
    """A History."""

    def __init__(self, toy: Toy) -> None:
        self._toy = toy

    async def now(self) -> datetime | None:
        return datetime.now(UTC)

    async def runs_since(self, since: datetime) -> Sequence[Run]:
        jobs = self._toy.jobs.values()
        runs = [Run(job.id, "toy/clip", job.status, job.created_at, job.seed) for job in jobs]
        return [run for run in runs if run.created_at is None or run.created_at >= since]


class ToyWebhooks:
    """A WebhookReader: a webhook is genuine when it carries the secret."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    async def read(self, headers: Mapping[str, str], body: bytes) -> WebhookMessage:
        if not self._secret or headers.get("toy-secret") != self._secret:
            raise AuthError("the webhook is not from Toyland")
        return WebhookMessage(headers["toy-id"], json.loads(body)["job"])
