"""A process's share of the work: engines, flows, the lease, and what looks after them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from adreel.agents.image_generator import BatchImageGeneratorAgent
from adreel.bootstrap.core import Core
from adreel.bootstrap.database import engine_database_url
from adreel.bootstrap.films import Workshop, open_workshop
from adreel.bootstrap.hosted import Hosted, open_remotes
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
        bell=core.bell,
        images=BatchImageGeneratorAgent(core.catalogue.images, hosted.images) if hosted.images else None,
        text_vendor=hosted.texts,
        texts=models_in_order(core.catalogue.texts),
    )


def _lease(core: Core) -> Lease:
    if core.database.is_sqlite:
        return FileLease(core.settings.data_dir)
    return BeatingLease(core.database, clock=utc_now, make_id=new_id, ttl=core.settings.lease_seconds)
