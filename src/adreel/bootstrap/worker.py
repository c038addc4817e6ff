"""A process's share of the work: engines, flows, the lease, and what looks after them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from adreel.agents.image_generator import BatchImageGeneratorAgent
from adreel.bootstrap.core import Core
from adreel.bootstrap.database import engine_database_url
from adreel.bootstrap.films import Workshop, open_workshop
from adreel.bootstrap.storage import downloader
from adreel.domain.images import ImageEngine
from adreel.domain.remote import RemoteEngine
from adreel.domain.text import TextOrder
from adreel.domain.vendor import Vendor
from adreel.orchestrator.checkpoints import Checkpoint, pass_by
from adreel.orchestrator.durable import DurableEngine
from adreel.orchestrator.flows import Flows, Kit, build_flows
from adreel.orchestrator.lease import BeatingLease, FileLease, Lease
from adreel.orchestrator.purchase import Patience
from adreel.orchestrator.queues import queue_limits
from adreel.orchestrator.reaper import Reaper
from adreel.orchestrator.sweeper import Sweeper
from adreel.orchestrator.video_orchestrator import ROUTES, VideoGenerationOrchestrator
from adreel.orchestrator.worker import Worker
from adreel.providers.llm.fallback import models_in_order
from adreel.providers.local.palette import brand_color
from adreel.providers.replicate.client import open_client
from adreel.providers.replicate.engine import ReplicateEngine
from adreel.providers.replicate.images import ReplicateImageEngine
from adreel.providers.replicate.text_engine import ReplicateTextEngine
from adreel.providers.replicate.throttle import Rate
from adreel.providers.replicate.transport import Policy
from adreel.services.defaults import new_id, utc_now
from adreel.services.storage.folder_store import FolderStore
from adreel.services.storage_service import StorageService

_TIDY_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Machine:
    """The engine of this process and what its flows work with."""

    engine: DurableEngine
    lease: Lease
    flows: Flows
    workshop: Workshop


@dataclass(frozen=True, slots=True)
class Hosted:
    """Engines elsewhere, by provider, for clips and pictures; who answers for language models."""

    videos: Mapping[str, RemoteEngine]
    images: Mapping[str, ImageEngine]
    texts: Vendor[TextOrder] | None


@asynccontextmanager
async def open_machine(
    core: Core, checkpoint: Checkpoint = pass_by, patience: Patience | None = None
) -> AsyncGenerator[Machine]:
    """Not launched yet. Raises SetupError."""
    settings = core.settings
    films = StorageService(FolderStore(settings.data_dir / "work" / "films"))
    async with AsyncExitStack() as stack:
        hosted = await stack.enter_async_context(open_remotes(core))
        workshop = open_workshop(settings, films, hosted.videos)
        flows = build_flows(_kit(core, workshop, hosted, checkpoint, patience or Patience()))
        lease = _lease(core)
        limits = queue_limits(hosted=settings.hosted_clips, clips_per_worker=settings.jobs)
        engine = DurableEngine(
            engine_database_url(settings), flows.by_name, lease.executor_id, limits, fence=lease.check
        )
        yield Machine(engine, lease, flows, workshop)


def make_worker(core: Core, machine: Machine, orchestrator: VideoGenerationOrchestrator) -> Worker:
    """The engine and everything that runs beside it, not started yet."""
    sweeper = Sweeper(
        core.database,
        core.sessions,
        machine.engine,
        ROUTES,
        orchestrator.job_ended,
        clock=utc_now,
        keep=timedelta(days=core.settings.retention_days),
        hooks=[machine.flows.ledger_sweep.sweep],
    )
    duties = [sweeper.run, lambda: _keep_tidy(machine.workshop)]
    if not core.database.is_sqlite:
        reaper = Reaper(core.database, machine.engine, machine.lease.executor_id, ttl=core.settings.lease_seconds)
        duties.append(reaper.run)
    return Worker(machine.lease, machine.engine, duties)


async def _keep_tidy(workshop: Workshop) -> None:
    while True:
        await asyncio.to_thread(workshop.tidy)
        await asyncio.sleep(_TIDY_SECONDS)


@asynccontextmanager
async def open_remotes(core: Core) -> AsyncGenerator[Hosted]:
    """The hosted providers that settings give an account for."""
    token = core.settings.replicate_api_token
    if token is None:
        yield Hosted({}, {}, None)
        return
    fetch = downloader(core.settings).fetch

    async def save(url: str, path: Path) -> None:
        await fetch(url, path)

    per_minute = core.settings.replicate_creates_per_minute
    policy = Policy(creates=Rate(per_minute, max(1, per_minute // 10)))
    async with open_client(
        token.get_secret_value(), base_url=core.settings.replicate_base_url, policy=policy
    ) as client:
        known, hosts = core.catalogue, core.settings.download_hosts
        yield Hosted(
            videos={"replicate": ReplicateEngine(client, known.videos, save, output_hosts=hosts)},
            images={"replicate": ReplicateImageEngine(client, known.images, save, output_hosts=hosts)},
            texts=ReplicateTextEngine(client, known.texts),
        )


def _kit(core: Core, workshop: Workshop, hosted: Hosted, checkpoint: Checkpoint, patience: Patience) -> Kit:
    return Kit(
        sessions=core.sessions,
        ledger=core.ledger,
        progress=core.progress,
        storage=core.storage,
        agent=workshop.generator,
        compositor=workshop.compositor,
        maker=workshop.maker,
        store=workshop.segments,
        examiner=workshop.examiner,
        color_of=brand_color,
        clock=utc_now,
        cache=core.settings.data_dir / "cache",
        work=core.settings.data_dir / "work",
        patience=patience,
        checkpoint=checkpoint,
        images=BatchImageGeneratorAgent(core.catalogue.images, hosted.images) if hosted.images else None,
        text_vendor=hosted.texts,
        texts=models_in_order(core.catalogue.texts),
    )


def _lease(core: Core) -> Lease:
    if core.database.is_sqlite:
        return FileLease(core.settings.data_dir)
    return BeatingLease(core.database, clock=utc_now, make_id=new_id, ttl=core.settings.lease_seconds)
