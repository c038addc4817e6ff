"""Exports or deletes a whole account, for the command line."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from adreel.agents.output import Existing, written
from adreel.bootstrap.core import open_core
from adreel.bootstrap.database import make_engine_database
from adreel.bootstrap.deletions import open_deletions
from adreel.bootstrap.settings import Settings
from adreel.domain.errors import StorageError
from adreel.orchestrator.engine.client import DurableClient
from adreel.services.accounts.account_data import AccountService
from adreel.services.accounts.export import AccountExport
from adreel.services.accounts.service import AuthService


@dataclass(frozen=True, slots=True)
class AccountDeleted:
    """The number of deleted sessions; `pending` deletions have not reached every store yet."""

    sessions: int
    pending: int


async def export_account(settings: Settings, email: str, out: Path, existing: Existing) -> Path:
    """Writes all data of an account to the zip file `out`; returns its path. Raises NotFoundError, InputError, StorageError."""
    async with open_core(settings) as core:
        owner = await AuthService(core.database).user(email)
        export = AccountExport(AccountService(core.database), core.storage, settings.data_dir / "work")
        try:
            return await written(out, existing, partial(export.write, owner.id))
        except OSError as error:
            raise StorageError(f"cannot write {out}: {error.strerror}") from error


async def delete_account(settings: Settings, email: str) -> AccountDeleted:
    """Deletes an account from all stores that can be reached; a worker does the rest. Raises NotFoundError, StorageError."""
    async with open_core(settings) as core:
        owner = await AuthService(core.database).user(email)
        sessions = await AccountService(core.database).delete(owner.id)
        client = DurableClient(make_engine_database(settings))
        await client.open()
        try:
            async with open_deletions(core, client) as deletions:
                await deletions.sweep_all()
                return AccountDeleted(len(sessions), await deletions.pending())
        finally:
            await client.close()
