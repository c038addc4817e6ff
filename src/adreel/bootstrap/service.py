"""The service: the API with or without a worker, or a worker alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from adreel.billing.agent_buyers import LineBuyer
from adreel.bootstrap.catalogues import Catalogues, open_catalogues
from adreel.bootstrap.checks import open_checker
from adreel.bootstrap.core import Core, open_core
from adreel.bootstrap.database import make_engine_database
from adreel.bootstrap.deletions import open_deletions
from adreel.bootstrap.local import LocalPipeline
from adreel.bootstrap.settings import Settings
from adreel.bootstrap.worker import make_worker, open_worker_context
from adreel.orchestrator.deletions import Deletions
from adreel.orchestrator.engine.client import DurableClient
from adreel.orchestrator.engine.steps import JobEngine
from adreel.orchestrator.queue_loads import QueueLoads, WaitingWork
from adreel.orchestrator.video_orchestrator import VideoGenerationOrchestrator
from adreel.orchestrator.worker import Worker
from adreel.services.storage.disk_space import DiskSpace


@dataclass(frozen=True, slots=True)
class ServiceContext:
    """Sessions and their jobs, for the API or a Python program. `worker` is None where other processes run the jobs; `lines`
    buys spoken lines, and is None there too and without a speech model."""

    core: Core
    orchestrator: VideoGenerationOrchestrator
    jobs: JobEngine
    worker: Worker | None
    deletions: Deletions
    queues: QueueLoads
    catalogues: Catalogues
    lines: LineBuyer | None = None

    async def lost(self) -> None:
        """Returns when another process has taken over this one's work; this process must then exit."""
        if self.worker is None:
            await asyncio.Event().wait()
        else:
            await self.worker.lost()


@asynccontextmanager
async def open_service_context(settings: Settings, *, with_worker: bool) -> AsyncGenerator[ServiceContext]:
    """Starts the service, and stops it at the end of the block. Raises SetupError and StorageError."""
    async with open_core(settings) as core:
        if with_worker:
            async with open_worker_context(core) as context, open_deletions(core, context.engine) as deletions:
                orchestrator = _orchestrator(core, context.engine, core.space, context.pipeline)
                worker = make_worker(core, context, orchestrator, deletions)
                await worker.start()
                try:
                    queues = _queues(core, context.engine)
                    yield ServiceContext(
                        core,
                        orchestrator,
                        context.engine,
                        worker,
                        deletions,
                        queues,
                        open_catalogues(core, context.engine),
                        lines=context.lines,
                    )
                finally:
                    await worker.close()
        else:
            client = DurableClient(make_engine_database(settings))
            await client.open()
            try:
                async with open_deletions(core, client) as deletions:
                    yield ServiceContext(
                        core,
                        _orchestrator(core, client, None),
                        client,
                        None,
                        deletions,
                        _queues(core, client),
                        open_catalogues(core, client),
                    )
            finally:
                await client.close()


def _queues(core: Core, engine: WaitingWork) -> QueueLoads:
    return QueueLoads(engine, core.time)


def _orchestrator(
    core: Core, jobs: JobEngine, space: DiskSpace | None, pipeline: LocalPipeline | None = None
) -> VideoGenerationOrchestrator:
    return VideoGenerationOrchestrator(
        core.sessions,
        core.ledger,
        core.progress,
        jobs,
        core.catalogue.videos,
        core.providers,
        clips_at_once=core.settings.jobs,
        image_models=core.catalogue.images,
        text_models=core.catalogue.texts,
        space=space,
        hosted_at_once=core.settings.hosted_clips,
        price_of_film=core.settings.compose_price,
        video_generator=None if pipeline is None else pipeline.generator,
        compositor=None if pipeline is None else pipeline.compositor,
        tracer=core.tracer,
        placements=open_checker(core.settings).placements,
        brands=core.brands,
    )
