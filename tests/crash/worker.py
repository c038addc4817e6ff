"""A worker process that dies at a chosen point: ``python -m crash.worker`` with settings from the environment.

``CRASH_AT`` names a `Point`, of one kind of purchase (see `at`) or of any; the process kills itself the first time it comes
there. `POST_SENT` is another: a moment after the order has left, while its answer is still awaited. The process touches
``CRASH_READY`` once it takes work. ``CRASH_MOST`` is how often a step may die, by default as often as this suite likes.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

from crash import clock

if __name__ == "__main__":
    clock.install()

import httpx

from adreel.agents.image_generator import BatchImageGeneratorAgent
from adreel.billing.crash_points import CrashPoint
from adreel.billing.timeouts import Timeouts
from adreel.bootstrap.core import Core, open_core
from adreel.bootstrap.database import engine_database_url
from adreel.bootstrap.hosted import Hosted, text_vendors
from adreel.bootstrap.local import open_local_pipeline
from adreel.bootstrap.settings import read_settings
from adreel.bootstrap.storage import downloader
from adreel.domain.films.formats import FrameSize
from adreel.domain.ids import new_id, utc_now
from adreel.orchestrator.engine.engine import DurableEngine
from adreel.orchestrator.engine.step_attempts import StepAttempts
from adreel.orchestrator.engine.step_guard import CountingGuard
from adreel.orchestrator.flows.build import FlowDependencies, Flows, build_flows
from adreel.orchestrator.lease import BeatingLease, FileLease, Lease
from adreel.orchestrator.queues import queue_limits
from adreel.orchestrator.reaper import Reaper
from adreel.orchestrator.sweeper import Sweeper
from adreel.orchestrator.video_orchestrator import ROUTES, VideoGenerationOrchestrator
from adreel.orchestrator.worker import Worker
from adreel.providers.local.photo.palette import brand_color
from adreel.providers.planning.fallback import models_in_order
from adreel.providers.replicate.client import Policy, ReplicateClient
from adreel.providers.replicate.images import ReplicateImageEngine
from adreel.providers.replicate.text import ReplicateTextEngine
from adreel.providers.replicate.video import ReplicateEngine
from adreel.services.storage.folder_store import FolderStore
from adreel.services.storage_service import StorageService

SIZES = {"16:9": FrameSize(320, 180)}
TTL = 2.0
PATIENCE = Timeouts(post=4, settle=2, search=0.3, poll_first=0.1, poll_most=0.5, job=120, throttled=20, unreachable=20)
POLICY = Policy(timeout=2.5, connect_timeout=2.0, longest_wait=1.0)
SWEEP_SECONDS = 1.0


POST_SENT = "POST sent"
_ON_ITS_WAY = 0.4
"""Seconds; the stand-in is set to be slower than that."""


def at(what: str, point: str) -> str:
    """A point on the way of one kind of purchase."""
    return f"{what}: {point}"


def die() -> None:
    """No handler, no ``finally`` and no buffer gets a chance."""
    os.kill(os.getpid(), signal.SIGKILL)


def checkpoint(point: CrashPoint, what: str) -> None:
    wanted = os.environ.get("CRASH_AT")
    if wanted in (point, at(what, point)):
        die()
    if wanted in (POST_SENT, at(what, POST_SENT)) and point is CrashPoint.BEFORE_POST:
        threading.Timer(_ON_ITS_WAY, die).start()


@asynccontextmanager
async def remotes(core: Core) -> AsyncGenerator[Hosted]:
    fetch = downloader(core.settings).fetch

    async def save(url: str, path: Path) -> None:
        await fetch(url, path)

    async with httpx.AsyncClient(trust_env=False) as http:
        client = ReplicateClient(http, "token", base_url=core.settings.replicate_base_url, policy=POLICY)
        hosts = {urlsplit(f"//{host}").hostname or host for host in core.settings.download_hosts}
        yield Hosted(
            videos={"replicate": ReplicateEngine(client, core.catalogue.videos, save, output_hosts=hosts)},
            images={"replicate": ReplicateImageEngine(client, core.catalogue.images, save, output_hosts=hosts)},
            texts={"replicate": ReplicateTextEngine(client, core.catalogue.texts)},
        )


def flows_of(core: Core, engines: Hosted) -> Flows:
    data = core.settings.data_dir
    films = StorageService(FolderStore(data / "work" / "films"))
    workshop = open_local_pipeline(core.settings, films, core.photos.reader, engines.videos)
    return build_flows(
        FlowDependencies(
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
            clock=utc_now,
            cache=data / "cache",
            work=data / "work",
            timeouts=PATIENCE,
            sizes=SIZES,
            checkpoint=checkpoint,
            images=BatchImageGeneratorAgent(core.catalogue.images, engines.images),
            text_vendors=text_vendors(core.catalogue, engines.texts),
            texts=models_in_order(core.catalogue.texts),
        )
    )


def worker_of(core: Core, flows: Flows) -> Worker:
    sqlite = core.database.is_sqlite
    lease: Lease = (
        FileLease(core.settings.data_dir)
        if sqlite
        else BeatingLease(core.database, clock=utc_now, make_id=new_id, ttl=TTL)
    )
    engine = DurableEngine(
        engine_database_url(core.settings),
        flows.by_name,
        lease.executor_id,
        queue_limits(hosted=8, clips_per_worker=4),
        fence=lease.check,
        poll_seconds=0.1,
        guard=CountingGuard(StepAttempts(core.database, utc_now), int(os.environ.get("CRASH_MOST", "1000"))),
        max_recoveries=1000,
    )
    orchestrator = VideoGenerationOrchestrator(
        core.sessions, core.ledger, core.progress, engine, core.catalogue.videos, core.providers, SIZES
    )
    sweeper = Sweeper(
        core.database,
        core.sessions,
        engine,
        ROUTES,
        orchestrator.job_ended,
        clock=utc_now,
        hooks=[flows.ledger_sweep.sweep],
        every_seconds=SWEEP_SECONDS,
    )
    duties = [sweeper.run] if sqlite else [sweeper.run, Reaper(core.database, engine, lease.executor_id, ttl=TTL).run]
    return Worker(lease, engine, duties)


async def main() -> None:
    async with open_core(read_settings()) as core, remotes(core) as engines:
        worker = worker_of(core, flows_of(core, engines))
        await worker.start()
        Path(os.environ["CRASH_READY"]).touch()
        await worker.lost()
        await worker.close(patience=1)


if __name__ == "__main__":
    asyncio.run(main())
