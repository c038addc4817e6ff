"""Wires deletions to every store that this process can reach."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta

from adreel.bootstrap.core import Core
from adreel.bootstrap.settings import Settings
from adreel.orchestrator.deletions import Deletions, ErasingEngine
from adreel.services.deletion.service import DeletionService


@asynccontextmanager
async def open_deletions(core: Core, engine: ErasingEngine) -> AsyncGenerator[Deletions]:
    """Opens the deletions, and removes deleted data from this machine's cache until the end of the block."""
    settings = core.settings
    files = ("adreel.db", "engine.db") if core.database.is_sqlite else ()
    deletions = Deletions(
        DeletionService(core.database, core.time),
        core.storage,
        engine,
        settings.data_dir / "cache",
        [settings.data_dir / name for name in files],
        keep=kept_for(settings),
    )
    cleaner = asyncio.create_task(deletions.run_here())
    try:
        yield deletions
    finally:
        cleaner.cancel()
        await asyncio.gather(cleaner, return_exceptions=True)
        await deletions.close()


def kept_for(settings: Settings) -> timedelta | None:
    """How long unchanged sessions are kept; None: for ever."""
    return None if settings.keep_days is None else timedelta(days=settings.keep_days)
