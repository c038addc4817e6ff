"""A client of the durable engine for any process: starts, cancels, inspects and deletes workflows, but runs none.

Also prepares the engine's database, translates its errors, and filters the engine's log: failures of jobs are reported to their
sessions, and cancellations are no errors.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Collection, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from adreel.db.engine import disk_full
from adreel.domain.errors import AdreelError, SetupError, StorageError
from adreel.domain.sessions.session import Json
from adreel.orchestrator.engine.erase import erase, overwrite_deleted, workflows_of
from adreel.orchestrator.engine.fair_order import tagged
from adreel.orchestrator.engine.serializer import JsonSerializer
from adreel.orchestrator.engine.shares import share_of
from adreel.orchestrator.engine.steps import JobState
from adreel.orchestrator.engine.waiting import waiting

if TYPE_CHECKING:
    from dbos import DBOSClient, WorkflowStatus


_EXPECTED = ("was cancelled", "is cancelled", "no longer owned", "Asyncio task cancelled")
_CANCELLATIONS = ("CancelledError", "DBOSWorkflowCancelledError", "DBOSAwaitedWorkflowCancelledError")


class _Quiet(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if isinstance(error, AdreelError) or type(error).__name__ in _CANCELLATIONS:
            return False
        return not any(words in record.getMessage() for words in _EXPECTED)


def quiet_engine_log() -> None:
    """Passes the engine's warnings to the program's log handlers, and stops its own output to the terminal."""
    logger = logging.getLogger("dbos")
    if not any(isinstance(handler, logging.NullHandler) for handler in logger.handlers):
        # The engine installs a console handler unless it finds a handler.
        logger.addHandler(logging.NullHandler())
        logger.addFilter(_Quiet())
        logger.setLevel(logging.WARNING)


def engine_url(url: str) -> str:
    """The database URL for the engine, whose drivers are synchronous. Raises SetupError for other databases."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return parsed.set(drivername="sqlite").render_as_string(hide_password=False)
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql").render_as_string(hide_password=False)
    raise SetupError(
        f"jobs are kept in SQLite or PostgreSQL, not in {parsed.get_backend_name()}: set another database URL"
    )


def prepare_file(url: str) -> None:
    """Switches an SQLite file to WAL mode for good, which makes steps four times as fast."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return
    if not parsed.database or parsed.database == ":memory:":
        raise SetupError("jobs that outlive the process need a file: give a path in the engine's SQLite URL")
    Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(parsed.database, timeout=30)
    try:
        connection.execute("PRAGMA journal_mode=wal")
    finally:
        connection.close()


APPLICATION = "adreel"
VERSION = "1"
"""Pinned: the engine's default, a hash of the code, would strand unfinished work at every upgrade."""

SCHEMA = "dbos"

_STATES: Mapping[str, JobState] = {
    "ENQUEUED": JobState.ENQUEUED,
    "DELAYED": JobState.ENQUEUED,
    "PENDING": JobState.RUNNING,
    "SUCCESS": JobState.DONE,
    "ERROR": JobState.FAILED,
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED": JobState.FAILED,
    "CANCELLED": JobState.CANCELLED,
}
_OVER = [name for name, state in _STATES.items() if state.is_over]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a workflow ended. `output` when it is DONE; `error` when it FAILED, None if it crashed its workers too often."""

    state: JobState
    output: Json | None
    error: Exception | None


class DurableClient:
    """The JobEngine of a process that executes nothing, and the queries of one that does."""

    def __init__(self, url: str, *, schema: str = SCHEMA) -> None:
        self._url = engine_url(url)
        self._schema = schema
        self._client: DBOSClient | None = None

    async def open(self) -> None:
        """Creates or updates the engine's tables. Raises StorageError when the database cannot be reached."""
        quiet_engine_log()
        with database_errors():
            self._client = await asyncio.to_thread(self._connect)

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await asyncio.to_thread(client.destroy)

    async def enqueue(self, flow: str, workflow_id: str, order: Json, queue: str) -> None:
        with database_errors():
            await asyncio.to_thread(self._enqueue, flow, workflow_id, order, queue)

    async def cancel(self, workflow_id: str) -> None:
        # Also for a cancelled one: the process that cancelled it may have died before it cancelled the children.
        if await self.status(workflow_id) in (JobState.ENQUEUED, JobState.RUNNING, JobState.CANCELLED):
            with database_errors():
                await self._open().cancel_workflow_async(workflow_id, cancel_children=True)

    async def status(self, workflow_id: str) -> JobState | None:
        return (await self.states([workflow_id])).get(workflow_id)

    async def states(self, workflow_ids: Collection[str]) -> Mapping[str, JobState]:
        """The states of the known workflows among these, in one query."""
        found = await self._list(workflow_ids=list(workflow_ids), load_output=False) if workflow_ids else []
        return {one.workflow_id: _STATES[one.status] for one in found}

    async def outcomes(self, workflow_ids: Collection[str]) -> Mapping[str, Outcome]:
        """The outcomes of the ended workflows among these, in one query."""
        found = await self._list(workflow_ids=list(workflow_ids), status=_OVER) if workflow_ids else []
        return {one.workflow_id: Outcome(_STATES[one.status], one.output, one.error) for one in found}

    async def running_executors(self) -> frozenset[str]:
        """The ids of executors with running workflows, alive or dead."""
        found = await self._list(status="PENDING", load_output=False)
        return frozenset(one.executor_id for one in found if one.executor_id)

    async def pending(self, executor_id: str) -> frozenset[str]:
        """The ids of the workflows that this executor has begun and not ended."""
        found = await self._list(status="PENDING", load_output=False)
        return frozenset(one.workflow_id for one in found if one.executor_id == executor_id)

    async def forget(self, before: datetime, limit: int = 200) -> int:
        """Deletes workflows that ended before `before`, with their children; at most `limit`. Returns how many."""
        found = await self._list(
            status=_OVER, completed_before=before.isoformat(), has_parent=False, limit=limit, load_output=False
        )
        if found:
            with database_errors():
                await self._open().delete_workflows_async([one.workflow_id for one in found], delete_children=True)
        return len(found)

    def _enqueue(self, flow: str, workflow_id: str, order: Json, queue: str) -> None:
        client, share = self._open(), share_of(order)
        database = client._sys_db  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] (see tests/integration/orchestrator/engine/test_engine_contract.py)
        with tagged(database, queue, [share]) as (tag,):
            client.enqueue(enqueue_options(flow, workflow_id, queue, share.user, tag), dict(order), queue)

    async def workflows_of(self, session_id: str) -> frozenset[str]:
        """The ids of all workflows of a session, children included."""
        with database_errors():
            return frozenset(await asyncio.to_thread(workflows_of, self._database, session_id))

    async def waiting(self) -> Mapping[str, tuple[int, datetime]]:
        """The number of workflows that wait in each queue, and when the oldest was enqueued; without empty queues."""
        with database_errors():
            return await asyncio.to_thread(waiting, self._database)

    async def erase(self, workflow_ids: Collection[str]) -> None:
        """Cancels workflows that are not over, then deletes all rows of these workflows, even if a process still runs them."""
        states = await self.states(workflow_ids)
        for workflow_id in sorted(one for one, state in states.items() if not state.is_over):
            await self.cancel(workflow_id)
        with database_errors():
            await asyncio.to_thread(erase, self._database, workflow_ids)

    async def _list(self, *, load_output: bool = True, **filters: Any) -> list[WorkflowStatus]:  # noqa: ANN401
        with database_errors():
            return await self._open().list_workflows_async(load_input=False, load_output=load_output, **filters)

    def _connect(self) -> DBOSClient:
        from dbos import DBOS, DBOSClient

        prepare_file(self._url)
        DBOS.migrate(self._url, schema=self._schema)
        client = DBOSClient(
            system_database_url=self._url,
            dbos_system_schema=self._schema,
            serializer=JsonSerializer(),  # pyright: ignore[reportArgumentType] (has all that is asked of one)
            application_name=APPLICATION,
            lazy=True,
            # A request needs an answer soon; a workflow may wait.
            retry_connection_errors=False,
        )
        overwrite_deleted(client._sys_db.engine)  # noqa: SLF001 (see tests/integration/orchestrator/engine/test_engine_contract.py)
        return client

    @property
    def _database(self) -> Any:  # noqa: ANN401 (the library's)
        return self._open()._sys_db  # noqa: SLF001 (the same)

    def _open(self) -> DBOSClient:
        if self._client is None:
            raise SetupError("the job engine is not open: call open() first")
        return self._client


def enqueue_options(flow: str, workflow_id: str, queue: str, user: str, tag: int) -> Any:  # noqa: ANN401 (the engine's dictionary)
    """`tag` is the position of the user's work in the queue, see `fair_order`."""
    return {
        "workflow_name": flow,
        "workflow_id": workflow_id,
        "queue_name": queue,
        "app_version": VERSION,
        "authenticated_user": user,
        "priority": tag,
    }


@contextmanager
def database_errors() -> Generator[None]:
    """Translates the errors of the engine's database when it is away or full into AdreelErrors."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeoutError, OSError) as error:
        raise disk_full(error) or StorageError(f"the database of jobs cannot be used: {_first_line(error)}") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise StorageError(f"the connection to the database of jobs was lost: {_first_line(error)}") from error
        raise


def _first_line(error: Exception) -> str:
    original = error.orig if isinstance(error, DBAPIError) else error
    return (str(original).splitlines() or [type(error).__name__])[0]
