"""Opens the parts that every process of the service needs: database, services, storage."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

from adreel.bootstrap.data_folder import disk_space
from adreel.bootstrap.database import open_database
from adreel.bootstrap.limits import default_limits
from adreel.bootstrap.local import memory_budget
from adreel.bootstrap.provider_accounts import catalogue_of, providers_of
from adreel.bootstrap.settings import Settings
from adreel.bootstrap.storage import service_storage
from adreel.bootstrap.tracing import open_tracer
from adreel.catalogue.models import Catalogue
from adreel.db.engine import Database
from adreel.domain.errors import StorageError
from adreel.domain.work.processor_shares import ProcessorShares
from adreel.domain.work.tracing import Tracer
from adreel.domain.work.work_counts import WorkCounts
from adreel.media.photos.readers import IsolatedReader
from adreel.orchestrator.film_brands import FilmBrands
from adreel.providers import registry
from adreel.providers.common.provider_time import ProviderTime
from adreel.services.brands.files import UserFiles
from adreel.services.brands.kits import BrandService
from adreel.services.common_time import CommonTime
from adreel.services.events.bus import EventBus
from adreel.services.events.log import ProgressService
from adreel.services.events.wakeups import Wakeups
from adreel.services.ledger.service import LedgerService
from adreel.services.sessions.photos import PhotoService
from adreel.services.sessions.service import SessionService
from adreel.services.storage.disk_space import DiskSpace
from adreel.services.storage_service import LocalFiles, StorageService


@dataclass(frozen=True, slots=True)
class Core:
    """`providers` are those whose models can be used here; `wakeups` notifies of their ended jobs. `time` is common to all
    machines, `provider_times` each provider's own, by its name. `space` is the data folder's disk. `photos` reads files of
    strangers, each in a process of its own. `brands` are users' kits and files. `tracer` records traces, `counts` the work of
    this process for metrics; `processor` shares its cores among users.
    """

    settings: Settings
    database: Database
    storage: StorageService
    catalogue: Catalogue
    sessions: SessionService
    ledger: LedgerService
    progress: ProgressService
    wakeups: Wakeups
    time: CommonTime
    provider_times: Mapping[str, ProviderTime]
    space: DiskSpace
    photos: PhotoService
    tracer: Tracer
    counts: WorkCounts
    processor: ProcessorShares
    brands: FilmBrands

    @property
    def providers(self) -> frozenset[str]:
        return providers_of(self.settings)


@asynccontextmanager
async def open_core(settings: Settings) -> AsyncGenerator[Core]:
    """Opens the core and closes it at the end of the block. Raises SetupError and StorageError."""
    async with AsyncExitStack() as stack:
        tracer = await stack.enter_async_context(open_tracer(settings))
        database = await stack.enter_async_context(open_database(settings))
        storage = service_storage(settings)
        stack.push_async_callback(storage.close)
        time = await _common_time(stack, database)
        progress = ProgressService(database, EventBus(), time)
        await progress.start()
        stack.push_async_callback(progress.close)
        wakeups = Wakeups(database)
        await wakeups.start()
        stack.push_async_callback(wakeups.close)
        photos = PhotoService(IsolatedReader(memory_budget(settings)))
        stack.callback(photos.close)
        yield Core(
            settings=settings,
            database=database,
            storage=storage,
            catalogue=catalogue_of(settings),
            sessions=SessionService(
                database, time, default_cap=settings.session_budget, limits=default_limits(settings)
            ),
            ledger=LedgerService(database, time, limits=default_limits(settings)),
            progress=progress,
            wakeups=wakeups,
            time=time,
            provider_times={name: ProviderTime() for name in registry.providers()},
            space=disk_space(settings),
            photos=photos,
            tracer=tracer,
            counts=WorkCounts(),
            processor=ProcessorShares(settings.jobs),
            brands=_brands(settings, database, storage, time),
        )


def _brands(settings: Settings, database: Database, storage: StorageService, time: CommonTime) -> FilmBrands:
    files = UserFiles(database, time, limits=default_limits(settings))
    return FilmBrands(BrandService(database, time), files, LocalFiles(storage, settings.data_dir / "cache" / "files"))


async def _common_time(stack: AsyncExitStack, database: Database) -> CommonTime:
    """Opens the common clock, synchronizes it if the database answers, and keeps it in sync until `stack` is closed."""
    time = CommonTime(database)
    with suppress(StorageError):
        await time.sync()
    if not database.is_sqlite:
        sync = asyncio.create_task(time.run())
        stack.push_async_callback(_stop, sync)
    return time


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
