"""The right to execute work: on PostgreSQL any number of processes with heartbeats, on SQLite the one that holds a lock."""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import delete, insert, update
from sqlalchemy.engine import CursorResult

from adreel.db.engine import Database
from adreel.db.tables import ExecutorRow
from adreel.domain.errors import LostLeaseError, SetupError, StorageError
from adreel.domain.remedy import Remedy

TTL_SECONDS = 20.0
"""How long an executor may be silent before its work is taken over. Must exceed the longest stall of its event loop."""

EMBEDDED_EXECUTOR = "embedded"

_log = logging.getLogger(__name__)
_RETRY_SECONDS = 0.5


class Lease(Protocol):
    """The right of this process to execute work."""

    @property
    def executor_id(self) -> str: ...

    async def start(self) -> None: ...

    async def check(self) -> None:
        """Returns while the lease certainly holds. Raises LostLeaseError when others have taken over the process's work."""
        ...

    async def lost(self) -> None:
        """Returns when the lease is lost: the process must then end. Its threads may still work on jobs that others have taken
        over, so that a new lease within the same process would not be safe."""
        ...

    async def close(self) -> None: ...


class BeatingLease:
    """PostgreSQL: a row of `executors` whose beat counts up every quarter of `ttl` seconds. Each process start has a new id.

    The lease certainly holds for `ttl` seconds from the sending of a beat that arrived. After that (the process or the database
    has stalled) `check` waits for the next beat; a beat that finds no row loses the lease.
    """

    def __init__(
        self,
        db: Database,
        *,
        clock: Callable[[], datetime],
        make_id: Callable[[], str],
        ttl: float = TTL_SECONDS,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._db = db
        self._clock = clock
        self._executor_id = make_id()
        self._ttl = ttl
        self._monotonic = monotonic
        self._confirmed = float("-inf")
        self._lost = asyncio.Event()
        self._beating = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None

    @property
    def executor_id(self) -> str:
        return self._executor_id

    async def start(self) -> None:
        """Raises StorageError when the database cannot be reached."""
        sent = self._monotonic()
        row = {"id": self._executor_id, "beat": 0, "host": socket.gethostname()[:255], "started_at": self._clock()}
        async with self._db.writing() as session:
            await session.execute(insert(ExecutorRow).values(row))
        self._confirmed = sent
        self._task = asyncio.create_task(self._run())

    async def check(self) -> None:
        while not self._is_certain():
            async with self._beating:
                if not self._is_certain():
                    await self._try_beat()
            if not self._is_certain():
                await asyncio.sleep(_RETRY_SECONDS)

    async def lost(self) -> None:
        await self._lost.wait()

    async def close(self) -> None:
        """Releases the lease: others take over this executor's remaining work at once."""
        if self._task is None:
            return
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None
        # While the database is away the row stays and expires.
        with suppress(StorageError):
            async with self._db.writing() as session:
                await session.execute(delete(ExecutorRow).where(ExecutorRow.id == self._executor_id))

    def _is_certain(self) -> bool:
        if self._lost.is_set():
            raise LostLeaseError(
                f"this process (executor {self._executor_id}) was silent for {self._ttl:g} s and others took over its work; "
                "it must be started again"
            )
        return self._monotonic() - self._confirmed < self._ttl

    async def _run(self) -> None:
        while not self._lost.is_set():
            await asyncio.sleep(self._ttl / 4)
            async with self._beating:
                await self._try_beat()

    async def _try_beat(self) -> None:
        sent = self._monotonic()
        try:
            async with asyncio.timeout(self._ttl):
                alive = await self._beat()
        except (StorageError, TimeoutError) as error:
            _log.warning("executor %s cannot beat: %s", self._executor_id, error or "the database does not answer")
            return
        if alive:
            self._confirmed = sent
        else:
            _log.error("executor %s was presumed dead; others have taken over its work", self._executor_id)
            self._lost.set()

    async def _beat(self) -> bool:
        statement = update(ExecutorRow).where(ExecutorRow.id == self._executor_id).values(beat=ExecutorRow.beat + 1)
        async with self._db.writing() as session:
            result = await session.execute(statement)
            return isinstance(result, CursorResult) and result.rowcount == 1


class FileLease:
    """SQLite: a lock on a file in the data folder, which one process can hold. Any end of the process releases it."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "executor.lock"
        self._file: int | None = None

    @property
    def executor_id(self) -> str:
        return EMBEDDED_EXECUTOR

    async def start(self) -> None:
        """Raises SetupError when another process holds the lock."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(file, 32).decode(errors="replace").strip() or "unknown"
            os.close(file)
            raise SetupError(
                f"another adreel (process {holder}) runs jobs in {self._path.parent} already: stop it, or set another "
                "data folder; several workers need PostgreSQL"
            ).with_remedy(Remedy.OWN_FOLDER_OR_DATABASE) from error
        os.ftruncate(file, 0)
        os.write(file, str(os.getpid()).encode())
        self._file = file

    async def check(self) -> None:
        """Always returns: work is never taken over from a process that holds the lock."""

    async def lost(self) -> None:
        await asyncio.Event().wait()

    async def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None
