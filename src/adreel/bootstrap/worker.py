"""Wires a worker process: engines, flows, the lease and the background tasks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from adreel.agents.image_generator import BatchImageGeneratorAgent
from adreel.billing.agent_buyers import LineBuyer
from adreel.billing.crash_points import Checkpoint, no_op
from adreel.billing.timeouts import Timeouts
from adreel.bootstrap.catalogues import batch_flows, batch_sweep
from adreel.bootstrap.checks import open_checker
from adreel.bootstrap.core import Core
from adreel.bootstrap.database import make_engine_database
from adreel.bootstrap.hosted import Hosted, open_remotes, speech_vendors, text_vendors
from adreel.bootstrap.local import LocalPipeline, open_local_pipeline
from adreel.bootstrap.storage import webhook_poster
from adreel.catalogue.models import TextModel
from adreel.domain.ids import new_id
from adreel.orchestrator.deletions import Deletions
from adreel.orchestrator.engine.engine import DurableEngine
from adreel.orchestrator.engine.step_attempts import StepAttempts
from adreel.orchestrator.engine.step_guard import CountingGuard
from adreel.orchestrator.flows.build import FlowDependencies, Flows, build_flows, buyer_of_lines, let_agents_buy
from adreel.orchestrator.lease import BeatingLease, FileLease, Lease
from adreel.orchestrator.queues import queue_limits
from adreel.orchestrator.reaper import Reaper
from adreel.orchestrator.stranded import StrandedWork
from adreel.orchestrator.sweeper import Sweeper
from adreel.orchestrator.video_orchestrator import ROUTES, VideoGenerationOrchestrator
from adreel.orchestrator.worker import Worker
from adreel.providers.local.photo.palette import brand_color
from adreel.providers.planning.fallback import SPECIFIED, models_in_order, names_in_order
from adreel.providers.registry import providers
from adreel.services.storage.folder_store import FolderStore
from adreel.services.storage_service import StorageService
from adreel.services.webhooks.sender import WebhookSender

_TIDY_SECONDS = 600.0
_OTHER_THREADS = 28


@dataclass(frozen=True, slots=True)
class WorkerContext:
    """The engine of this process and the parts that its flows use. `lines` buys spoken lines, None without a speech model."""

    engine: DurableEngine
    lease: Lease
    flows: Flows
    pipeline: LocalPipeline
    attempts: StepAttempts
    lines: LineBuyer | None = None


@asynccontextmanager
async def open_worker_context(
    core: Core, checkpoint: Checkpoint = no_op, patience: Timeouts | None = None
) -> AsyncGenerator[WorkerContext]:
    """Builds the engine without launching it. Raises SetupError."""
    settings = core.settings
    films = StorageService(FolderStore(settings.data_dir / "work" / "films"))
    async with AsyncExitStack() as stack:
        hosted = await stack.enter_async_context(open_remotes(core))
        pipeline = open_local_pipeline(settings, films, core.photos.reader, hosted.videos, core.counts, core.processor)
        texts = await _language_models(core, hosted)
        if texts:
            pipeline.generator.name_llm_model(texts[0].name)
        dependencies = _kit(core, pipeline, hosted, checkpoint, patience or Timeouts(), texts)
        flows = build_flows(dependencies)
        let_agents_buy(dependencies)
        lease = _lease(core)
        attempts = StepAttempts(core.database, core.time)
        limits = queue_limits(
            hosted=settings.hosted_clips,
            clips_per_worker=settings.jobs,
            first_clips_per_worker=_first_clips(settings.jobs, one_worker=core.database.is_sqlite),
        )
        engine = DurableEngine(
            make_engine_database(settings),
            {**flows.by_name, **batch_flows(core, pipeline)},
            lease.executor_id,
            limits,
            fence=lease.check,
            guard=CountingGuard(attempts),
            # Clips that make way for others keep their threads: as many as there are places, and those of newcomers.
            threads=_OTHER_THREADS + 2 * settings.jobs,
        )
        yield WorkerContext(engine, lease, flows, pipeline, attempts, buyer_of_lines(dependencies))


def _first_clips(jobs: int, *, one_worker: bool) -> int:
    """Of several workers each takes no more first clips than it draws at a time, so that none waits beside an idle worker."""
    return 4 * jobs if one_worker else max(2, jobs)


def make_worker(
    core: Core, context: WorkerContext, orchestrator: VideoGenerationOrchestrator, deletions: Deletions
) -> Worker:
    """Builds the worker, with its engine and background tasks, without starting it."""
    keep = timedelta(days=core.settings.retention_days)

    async def forget_attempts() -> None:
        await context.attempts.forget(core.time() - keep)

    sender = WebhookSender(core.database, webhook_poster(core.settings), core.time)
    sweeper = Sweeper(
        core.database,
        core.sessions,
        context.engine,
        ROUTES,
        orchestrator.job_ended,
        clock=core.time,
        keep=keep,
        hooks=[
            context.flows.ledger_sweep.sweep,
            forget_attempts,
            deletions.sweep,
            batch_sweep(core, context.engine).sweep,
        ],
    )
    stranded = StrandedWork(context.engine, core.space.probe)
    tasks = [sweeper.run, stranded.run, sender.run, lambda: _keep_tidy(context.pipeline)]
    if not core.database.is_sqlite:
        reaper = Reaper(core.database, context.engine, context.lease.executor_id, ttl=core.settings.lease_seconds)
        tasks.append(reaper.run)
    return Worker(context.lease, context.engine, tasks)


async def _keep_tidy(pipeline: LocalPipeline) -> None:
    while True:
        await asyncio.to_thread(pipeline.tidy)
        await asyncio.sleep(_TIDY_SECONDS)


async def _language_models(core: Core, hosted: Hosted) -> tuple[TextModel, ...]:
    """The language models that can be asked, in the order in which they are."""
    vendors = text_vendors(core.catalogue, hosted.texts)
    specified = vendors.get(SPECIFIED)
    names = await names_in_order(None if specified is None else specified.check)
    return tuple(model for model in models_in_order(core.catalogue.texts, names) if model.name in vendors)


def _kit(
    core: Core,
    workshop: LocalPipeline,
    hosted: Hosted,
    checkpoint: Checkpoint,
    patience: Timeouts,
    texts: tuple[TextModel, ...],
) -> FlowDependencies:
    return FlowDependencies(
        sessions=core.sessions,
        ledger=core.ledger,
        progress=core.progress,
        storage=core.storage,
        agent=workshop.generator,
        compositor=workshop.compositor,
        maker=workshop.maker,
        store=workshop.segments,
        examiner=workshop.examiner,
        photos=core.photos,
        color_of=brand_color,
        clock=core.time,
        cache=core.settings.data_dir / "cache",
        work=core.settings.data_dir / "work",
        timeouts=patience,
        placements=open_checker(core.settings).placements,
        checkpoint=checkpoint,
        wakeups=core.wakeups,
        space=core.space,
        labels={name: each.label for name, each in providers().items()},
        price_of_film=core.settings.compose_price,
        tracer=core.tracer,
        counts=core.counts,
        images=_image_agent(core, hosted) if hosted.images else None,
        text_vendors=text_vendors(core.catalogue, hosted.texts),
        speech_vendors=speech_vendors(core.catalogue, hosted.speeches),
        texts=texts,
    )


def _image_agent(core: Core, hosted: Hosted) -> BatchImageGeneratorAgent:
    return BatchImageGeneratorAgent(core.catalogue.images, hosted.images, verify=core.photos.reader.verify)


def _lease(core: Core) -> Lease:
    if core.database.is_sqlite:
        return FileLease(core.settings.data_dir)
    return BeatingLease(core.database, clock=core.time, make_id=new_id, ttl=core.settings.lease_seconds)
