"""The ledger held against the provider's own list."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from adreel.bootstrap.core import Core, open_core
from adreel.bootstrap.films import NO_ACCOUNT
from adreel.bootstrap.worker import Machine, open_machine
from adreel.domain.books import Entry, Run, compare
from adreel.domain.errors import InputError, SetupError
from adreel.domain.ledger import PaidCall
from adreel.orchestrator.locks import alone
from adreel.providers.replicate.client import open_client
from adreel.providers.replicate.history import runs_since
from adreel.services.defaults import utc_now
from adreel.settings import Settings

PROVIDER = "replicate"
_MARGIN = timedelta(minutes=10)
"""By which clocks may differ, and an order may be accepted before its call is in the window."""


@dataclass(frozen=True, slots=True)
class Books:
    """Ledger and provider since a moment. `swept` are calls that were settled now, None when another process sweeps."""

    since: datetime
    entries: tuple[Entry, ...]
    swept: tuple[PaidCall, ...] | None

    @property
    def agree(self) -> bool:
        return all(entry.verdict.agrees for entry in self.entries)


async def reconcile(settings: Settings, window: timedelta) -> Books:
    """First settles what has ended, as the service does all the time; then compares. Buys nothing.

    Raises InputError without an account, SetupError, StorageError, and GenerationError when the provider does not answer.
    """
    token = settings.replicate_api_token
    if token is None:
        raise InputError(NO_ACCOUNT)
    async with open_core(settings) as core:
        swept = await _sweep(core)
        since = utc_now() - window
        calls = await core.ledger.calls_at(PROVIDER, since - _MARGIN)
        async with open_client(token.get_secret_value(), base_url=settings.replicate_base_url) as client:
            runs = await runs_since(client, since - _MARGIN, core.catalogue.videos)
        return Books(since, tuple(compare(await _with_runs(core, calls, runs), runs, since)), swept)


async def _with_runs(core: Core, calls: Sequence[PaidCall], runs: Sequence[Run]) -> list[PaidCall]:
    """The calls and, where the provider lists more, those of its runs: written down earlier, or in between."""
    known = {call.provider_id for call in calls}
    missing = [run.id for run in runs if run.id not in known]
    found = await core.ledger.calls_of(PROVIDER, missing)
    return list({call.key: call for call in [*calls, *found]}.values())


async def _sweep(core: Core) -> tuple[PaidCall, ...] | None:
    """The sweep of the ledger that workers run, once. Calls that a job waits for, or of the last half minute, are left alone."""
    before = await core.ledger.open_calls()
    if not before:
        return ()
    async with open_machine(core) as machine, _no_other(core, machine) as is_alone:
        if not is_alone:
            return None
        await machine.flows.ledger_sweep.sweep()
    after = [await core.ledger.get(call.key) for call in before]
    return tuple(call for call in after if call is not None and call.state.is_settled)


@asynccontextmanager
async def _no_other(core: Core, machine: Machine) -> AsyncGenerator[bool]:
    """Whether no other process sweeps, or will before the end of the block."""
    if not core.database.is_sqlite:
        async with alone(core.database, "sweeper") as is_alone:
            yield is_alone
        return
    try:
        await machine.lease.start()
    except SetupError:
        yield False
        return
    try:
        yield True
    finally:
        await machine.lease.close()
