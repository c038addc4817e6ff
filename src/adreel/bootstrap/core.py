"""What every process of the service has, whatever it does: database, services, storage."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from adreel.bootstrap.database import open_database
from adreel.bootstrap.films import providers_of
from adreel.bootstrap.storage import service_storage
from adreel.catalogue.loader import load_catalogue
from adreel.catalogue.models import Catalogue
from adreel.db.engine import Database
from adreel.services.bell import Bell
from adreel.services.event_hub import EventHub
from adreel.services.ledger_service import LedgerService
from adreel.services.progress_service import ProgressService
from adreel.services.session_service import SessionService
from adreel.services.storage_service import StorageService
from adreel.settings import Settings


@dataclass(frozen=True, slots=True)
class Core:
    """`providers` are those whose models can be used here; `bell` rings for their jobs that have ended."""

    settings: Settings
    database: Database
    storage: StorageService
    catalogue: Catalogue
    sessions: SessionService
    ledger: LedgerService
    progress: ProgressService
    bell: Bell

    @property
    def providers(self) -> frozenset[str]:
        return providers_of(self.settings)


@asynccontextmanager
async def open_core(settings: Settings) -> AsyncGenerator[Core]:
    """Raises SetupError and StorageError."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(settings))
        storage = service_storage(settings)
        stack.push_async_callback(storage.close)
        progress = ProgressService(database, EventHub())
        await progress.start()
        stack.push_async_callback(progress.close)
        bell = Bell(database)
        await bell.start()
        stack.push_async_callback(bell.close)
        yield Core(
            settings=settings,
            database=database,
            storage=storage,
            catalogue=load_catalogue(settings.models),
            sessions=SessionService(database, default_cap=settings.session_budget),
            ledger=LedgerService(database),
            progress=progress,
            bell=bell,
        )
