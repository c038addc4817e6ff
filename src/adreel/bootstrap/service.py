"""The service: the API with or without a worker, or a worker alone."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI

from adreel.app import create_app
from adreel.bootstrap.core import Core, open_core
from adreel.bootstrap.database import engine_database_url
from adreel.bootstrap.folders import make_data_dir
from adreel.bootstrap.hosted import webhooks_of
from adreel.bootstrap.storage import signing_secret
from adreel.bootstrap.worker import make_worker, open_machine
from adreel.db import migrate
from adreel.domain.errors import SetupError
from adreel.orchestrator.card_previews import CardPreviews
from adreel.orchestrator.durable_client import DurableClient
from adreel.orchestrator.local_files import LocalFiles
from adreel.orchestrator.steps import JobEngine
from adreel.orchestrator.video_orchestrator import VideoGenerationOrchestrator
from adreel.orchestrator.worker import Worker
from adreel.providers.local.palette import brand_color
from adreel.routers.options import MEGABYTE, AppOptions
from adreel.routers.services import Services
from adreel.routers.tickets import TicketSigner
from adreel.services.auth_service import AuthService
from adreel.services.defaults import utc_now
from adreel.services.idempotency_service import IdempotencyService
from adreel.services.links import LinkSigner
from adreel.services.music_previews import MusicPreviews
from adreel.services.thumbnail_service import ThumbnailService
from adreel.services.usage_service import UsageService
from adreel.settings import PREFIX, Settings


@dataclass(frozen=True, slots=True)
class Desk:
    """Sessions and the work in them, for whoever serves them: the API, or a Python program. `worker` None: others work."""

    core: Core
    orchestrator: VideoGenerationOrchestrator
    worker: Worker | None

    async def lost(self) -> None:
        """Returns when others have taken over from this process, which must end then."""
        if self.worker is None:
            await asyncio.Event().wait()
        else:
            await self.worker.lost()


@asynccontextmanager
async def open_desk(settings: Settings, *, with_worker: bool) -> AsyncGenerator[Desk]:
    """Everything started, and stopped at the end of the block. Raises SetupError and StorageError."""
    async with open_core(settings) as core:
        if with_worker:
            async with open_machine(core) as machine:
                orchestrator = _orchestrator(core, machine.engine)
                worker = make_worker(core, machine, orchestrator)
                await worker.start()
                try:
                    yield Desk(core, orchestrator, worker)
                finally:
                    await worker.close()
        else:
            client = DurableClient(engine_database_url(settings))
            await client.open()
            try:
                yield Desk(core, _orchestrator(core, client), None)
            finally:
                await client.close()


def make_app(desk: Desk, host: str) -> FastAPI:
    """The API as it is to be served on `host`. Raises SetupError."""
    settings, core = desk.core.settings, desk.core
    make_data_dir(settings.data_dir / "work")
    cache = settings.data_dir / "cache"
    secret = signing_secret(settings)
    auth = AuthService(core.database)
    services = Services(
        sessions=core.sessions,
        progress=core.progress,
        storage=core.storage,
        auth=auth,
        accounts=auth,
        orchestrator=desk.orchestrator,
        idempotency=IdempotencyService(core.database),
        usage=UsageService(core.database),
        ledger=core.ledger,
        thumbnails=ThumbnailService(core.sessions, core.storage, settings.data_dir / "work"),
        cards=CardPreviews(core.sessions, LocalFiles(core.storage, cache / "files"), brand_color),
        music=MusicPreviews(cache / "sound"),
        links=LinkSigner(secret, utc_now),
        tickets=TicketSigner(secret),
        catalogue=core.catalogue,
        checks={
            "database": core.database.ping,
            "migrations": lambda: _check_migrations(core),
            "storage": core.storage.check,
        },
        providers=core.providers,
        wanting={"replicate": f"set {PREFIX}REPLICATE_API_TOKEN to use it"},
        webhooks=webhooks_of(core),
    )
    return create_app(services, _options(settings, host))


def needs_login(settings: Settings, host: str) -> bool:
    """Whether people log in: always, but for the one person of a machine that serves nobody else."""
    return settings.auth == "on" or not is_loopback(host)


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _options(settings: Settings, host: str) -> AppOptions:
    public = settings.public_url.rstrip("/") if settings.public_url else None
    return AppOptions(
        auth_required=needs_login(settings, host),
        allowed_origins=settings.cors_origins,
        public_url=public,
        https=bool(public and public.startswith("https://")),
        metrics_token=None if settings.metrics_token is None else settings.metrics_token.get_secret_value(),
        work_folder=settings.data_dir / "work",
        max_file=settings.upload_mb * MEGABYTE,
    )


def _orchestrator(core: Core, jobs: JobEngine) -> VideoGenerationOrchestrator:
    return VideoGenerationOrchestrator(
        core.sessions,
        core.ledger,
        core.progress,
        jobs,
        core.catalogue.videos,
        core.providers,
        clips_at_once=core.settings.jobs,
        image_models=core.catalogue.images,
    )


async def _check_migrations(core: Core) -> None:
    if not await migrate.is_current(core.database):
        raise SetupError("the database has not the tables of this version; run: adreel db upgrade")
