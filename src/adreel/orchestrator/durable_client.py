"""Starting, stopping and looking after workflows from any process. Runs none itself."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from adreel.domain.errors import SetupError, StorageError
from adreel.domain.session import Json
from adreel.orchestrator.durable_json import JsonSerializer
from adreel.orchestrator.durable_log import quiet_engine_log
from adreel.orchestrator.durable_url import engine_url, prepare_file
from adreel.orchestrator.steps import JobState

if TYPE_CHECKING:
    from dbos import DBOSClient, WorkflowStatus

APPLICATION = "adreel"
VERSION = "1"
"""Pinned: the engine's own, a hash of the code, would strand unfinished work at every upgrade."""

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
    """How a workflow ended. `output` when it is DONE; `error` when it FAILED, None if it kept killing its workers."""

    state: JobState
    output: Json | None
    error: Exception | None


class DurableClient:
    """The JobEngine of a process that executes nothing, and the look-out of one that does."""

    def __init__(self, url: str, *, schema: str = SCHEMA) -> None:
        self._url = engine_url(url)
        self._schema = schema
        self._client: DBOSClient | None = None

    async def open(self) -> None:
        """Creates or updates the engine's tables. Raises StorageError when the database cannot be reached."""
        quiet_engine_log()
        with _told():
            self._client = await asyncio.to_thread(self._connect)

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await asyncio.to_thread(client.destroy)

    async def enqueue(self, flow: str, workflow_id: str, order: Json, queue: str) -> None:
        with _told():
            await self._open().enqueue_async(enqueue_options(flow, workflow_id, queue), dict(order), queue)

    async def cancel(self, workflow_id: str) -> None:
        # Once more for a cancelled one: whoever cancelled it may have died before coming to its children.
        if await self.status(workflow_id) in (JobState.ENQUEUED, JobState.RUNNING, JobState.CANCELLED):
            with _told():
                await self._open().cancel_workflow_async(workflow_id, cancel_children=True)

    async def status(self, workflow_id: str) -> JobState | None:
        return (await self.states([workflow_id])).get(workflow_id)

    async def states(self, workflow_ids: Collection[str]) -> Mapping[str, JobState]:
        """The states of those that are known, in one query."""
        found = await self._list(workflow_ids=list(workflow_ids), load_output=False) if workflow_ids else []
        return {one.workflow_id: _STATES[one.status] for one in found}

    async def outcomes(self, workflow_ids: Collection[str]) -> Mapping[str, Outcome]:
        """The outcomes of those that are over, in one query."""
        found = await self._list(workflow_ids=list(workflow_ids), status=_OVER) if workflow_ids else []
        return {one.workflow_id: Outcome(_STATES[one.status], one.output, one.error) for one in found}

    async def running_executors(self) -> frozenset[str]:
        """The executors that have workflows running, alive or not."""
        found = await self._list(status="PENDING", load_output=False)
        return frozenset(one.executor_id for one in found if one.executor_id)

    async def forget(self, before: datetime, limit: int = 200) -> int:
        """Deletes workflows, and their children, that were over `before`; at most `limit` of them. Returns how many."""
        found = await self._list(
            status=_OVER, completed_before=before.isoformat(), has_parent=False, limit=limit, load_output=False
        )
        if found:
            with _told():
                await self._open().delete_workflows_async([one.workflow_id for one in found], delete_children=True)
        return len(found)

    async def _list(self, *, load_output: bool = True, **which: Any) -> list[WorkflowStatus]:  # noqa: ANN401
        with _told():
            return await self._open().list_workflows_async(load_input=False, load_output=load_output, **which)

    def _connect(self) -> DBOSClient:
        from dbos import DBOS, DBOSClient

        prepare_file(self._url)
        DBOS.migrate(self._url, schema=self._schema)
        return DBOSClient(
            system_database_url=self._url,
            dbos_system_schema=self._schema,
            serializer=JsonSerializer(),  # pyright: ignore[reportArgumentType] (has all that is asked of one)
            application_name=APPLICATION,
            lazy=True,
            # A request must be answered; a workflow may wait.
            retry_connection_errors=False,
        )

    def _open(self) -> DBOSClient:
        if self._client is None:
            raise SetupError("the job engine is not open: call open() first")
        return self._client


def enqueue_options(flow: str, workflow_id: str, queue: str) -> Any:  # noqa: ANN401 (the engine's dictionary)
    return {"workflow_name": flow, "workflow_id": workflow_id, "queue_name": queue, "app_version": VERSION}


@contextmanager
def _told() -> Generator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeoutError, OSError) as error:
        raise StorageError(f"the database of jobs cannot be used: {_first_line(error)}") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise StorageError(f"the connection to the database of jobs was lost: {_first_line(error)}") from error
        raise


def _first_line(error: Exception) -> str:
    original = error.orig if isinstance(error, DBAPIError) else error
    return (str(original).splitlines() or [type(error).__name__])[0]
