"""The ledger held against what each provider with an account ran."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from adreel.bootstrap.core import Core, open_core
from adreel.bootstrap.hosted import config_of
from adreel.bootstrap.provider_accounts import accounts, no_accounts
from adreel.bootstrap.settings import Settings
from adreel.bootstrap.worker import WorkerContext, open_worker_context
from adreel.db.locks import alone
from adreel.domain.costs.ledger import PaidCall
from adreel.domain.costs.reconciliation import Entry, Run, compare
from adreel.domain.errors import InputError, SetupError
from adreel.providers.common.connection import Account
from adreel.providers.common.provider import Provider

_MARGIN = timedelta(minutes=10)
"""By which the provider's machines may differ, and an order may be accepted after it was about to leave."""


@dataclass(frozen=True, slots=True)
class ProviderReconciliation:
    """Ledger and one provider since a moment of the provider's clock. `label` is the provider's name for people."""

    provider: str
    label: str
    since: datetime
    entries: tuple[Entry, ...]

    @property
    def agree(self) -> bool:
        return all(entry.verdict.agrees for entry in self.entries)


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """`providers` are those with an account. `swept` are calls that were settled now, None when another process sweeps."""

    providers: tuple[ProviderReconciliation, ...]
    swept: tuple[PaidCall, ...] | None

    @property
    def agree(self) -> bool:
        return all(each.agree for each in self.providers)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Those of all providers."""
        return tuple(entry for each in self.providers for entry in each.entries)


async def reconcile(settings: Settings, window: timedelta) -> Reconciliation:
    """First settles what has ended, as the service does all the time; then compares. Buys nothing.

    Raises InputError without an account, SetupError, StorageError, and GenerationError when a provider does not answer.
    """
    found = accounts(settings)
    if not found:
        raise InputError(no_accounts())
    async with open_core(settings) as core:
        swept = await _sweep(core)
        compared = [await _compared(core, provider, account, window) for provider, account in found.items()]
        return Reconciliation(tuple(compared), swept)


async def _compared(core: Core, provider: Provider, account: Account, window: timedelta) -> ProviderReconciliation:
    async with provider.open_history(config_of(core, provider, account)) as history:
        # The window is one of the provider's time: this machine's clock may differ.
        since = (await history.now() or core.time()) - window
        runs = await history.runs_since(since - _MARGIN)
    calls = await core.ledger.calls_at(provider.name, since - _MARGIN)
    entries = compare(await _with_runs(core, provider.name, calls, runs), runs, since)
    return ProviderReconciliation(provider.name, provider.label, since, tuple(entries))


async def _with_runs(core: Core, provider: str, calls: Sequence[PaidCall], runs: Sequence[Run]) -> list[PaidCall]:
    """The calls and, where the provider lists more, those of its runs: written down earlier, or in between."""
    known = {call.provider_id for call in calls}
    missing = [run.id for run in runs if run.id not in known]
    found = await core.ledger.calls_of(provider, missing)
    return list({call.key: call for call in [*calls, *found]}.values())


async def _sweep(core: Core) -> tuple[PaidCall, ...] | None:
    """The sweep of the ledger that workers run, once. Calls that a job waits for, or of the last half minute, are left alone."""
    before = await core.ledger.open_calls()
    if not before:
        return ()
    async with open_worker_context(core) as machine, _no_other(core, machine) as is_alone:
        if not is_alone:
            return None
        await machine.flows.ledger_sweep.sweep()
    after = [await core.ledger.get(call.key) for call in before]
    return tuple(call for call in after if call is not None and call.state.is_settled)


@asynccontextmanager
async def _no_other(core: Core, machine: WorkerContext) -> AsyncGenerator[bool]:
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
