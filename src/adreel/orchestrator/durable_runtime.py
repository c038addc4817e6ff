"""The durable engine of this process: launched, fed and destroyed. The only place that reaches into the library's inside."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, cast

from dbos import DBOS
from dbos import _dbos as library
from dbos._enqueue_options import build_enqueue_status
from dbos._sys_db import db_retry
from sqlalchemy import event

from adreel.domain.errors import SetupError
from adreel.domain.session import Json
from adreel.orchestrator.durable_client import APPLICATION, VERSION, enqueue_options
from adreel.orchestrator.durable_json import JsonSerializer
from adreel.orchestrator.durable_queue import QueueWatch
from adreel.orchestrator.steps import QueueLimits

Body = Callable[[Json, str], Awaitable[Json]]

_NOTICE_SECONDS = 0.1
_CONNECTIONS = 10
_EAGER_POSTGRESQL = 2
"""How many times as often eager queues are looked into, for work that another process put there."""

_KEPT_SECONDS = 0.05
"""Within which the end of a workflow is usually kept after its flow has returned; ends of this time are one look."""

_IDLE_SQLITE = 2.0
"""Seconds between two looks into a queue of SQLite, whose only executor is woken by what it enqueues itself."""


class Runtime:
    """One launch of the engine. There is one at a time in a process, as the library has it."""

    def __init__(self, url: str, schema: str, executor_id: str, threads: int) -> None:
        if library._dbos_global_instance is not None:  # noqa: SLF001 (see tests/integration/orchestrator/test_durable_contract.py)
            raise SetupError("this process runs a job engine already: close it before another is launched")
        self._running: set[asyncio.Task[Any]] = set()
        self._is_sqlite = url.startswith("sqlite")
        self._queues: dict[str, QueueWatch] = {}
        self._places: dict[str, int] = {}
        self._taken: Counter[str] = Counter()
        self._serializer: Any = JsonSerializer()
        self._dbos = DBOS(
            config={
                "name": APPLICATION,
                "system_database_url": url,
                "dbos_system_schema": schema,
                "application_version": VERSION,
                "executor_id": executor_id,
                "max_executor_threads": threads,
                "sys_db_pool_size": _CONNECTIONS,
                "serializer": self._serializer,  # pyright: ignore[reportArgumentType] (has all that is asked of one)
                "notification_listener_polling_interval_sec": _NOTICE_SECONDS,
                "log_level": "WARNING",
            }
        )

    def register(self, name: str, body: Body, max_recoveries: int) -> None:
        async def workflow(order: Json, queue: str) -> Json:
            task = cast("asyncio.Task[Any]", asyncio.current_task())
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            with self._place(queue):
                return await body(order, queue)

        DBOS.workflow(name=name, max_recovery_attempts=max_recoveries)(workflow)

    async def launch(self, queues: Mapping[str, QueueLimits], poll_seconds: float) -> None:
        """Workflows run on the loop that calls this. Queues are looked into every `poll_seconds`, eager ones more often."""
        # The library's own threads look into no queue of ours: those of `QueueWatch` can be woken.
        DBOS.listen_queues([])
        DBOS.launch()
        self._spare_the_disk()
        eager = poll_seconds / _EAGER_POSTGRESQL
        for name, limits in queues.items():
            queue = await DBOS.register_queue_async(
                name,
                global_concurrency=limits.global_concurrency,
                worker_concurrency=limits.worker_concurrency,
                polling_interval_sec=_IDLE_SQLITE if self._is_sqlite else eager if limits.eager else poll_seconds,
            )
            self._queues[name] = QueueWatch(self._dbos, queue)
            self._places[name] = min(limits.worker_concurrency, limits.global_concurrency)

    async def start_children(self, flow: str, orders: Mapping[str, Json], queue: str, parent: str) -> None:
        """Puts a workflow for each order, by its id, into a queue, in one transaction; those that are there already stay.

        The parent runs in this process. Cancelling it cancels those that are there by then.
        """
        statuses = [self._child(flow, name, order, queue, parent) for name, order in orders.items()]
        database = self._dbos._sys_db  # noqa: SLF001 (the same)
        await asyncio.to_thread(db_retry(sys_db=database)(database.init_workflows), statuses)
        self.wake(queue)

    def wake(self, queue: str) -> None:
        """Something was put into a queue: it is looked into at once."""
        if queue in self._queues:
            self._queues[queue].wake()

    def _child(self, flow: str, workflow_id: str, order: Json, queue: str, parent: str) -> Any:  # noqa: ANN401 (the library's)
        options = {**enqueue_options(flow, workflow_id, queue), "application_name": APPLICATION}
        _, status = build_enqueue_status(cast("Any", options), self._serializer, (dict(order), queue), {})
        status["parent_workflow_id"] = parent
        return status

    def _spare_the_disk(self) -> None:
        """SQLite: no waiting for the disk at each step, as with our own tables. A process that dies loses nothing by it; a
        machine that loses its power may lose the last steps, which then are done again."""
        if not self._is_sqlite:
            return
        engine = self._dbos._sys_db.engine  # noqa: SLF001 (the same)
        event.listen(engine, "checkout", _unsynchronised)

    async def recover(self, executor_ids: list[str]) -> int:
        """Puts what these executors were running back into its queues. Returns how many workflows that were."""
        found = await asyncio.to_thread(DBOS._recover_pending_workflows, executor_ids)  # noqa: SLF001 (the same)
        for queue in self._queues:
            self.wake(queue)
        return len(found)

    def stop_taking(self) -> None:
        for stop in self._dbos.background_thread_stop_events:
            stop.set()

    @contextmanager
    def _place(self, queue: str) -> Generator[None]:
        """A place among those that run at once. When all were taken, others may wait for it: it becomes free once the end of what
        had it is kept."""
        self._taken[queue] += 1
        try:
            yield
        finally:
            is_full = self._taken[queue] >= self._places.get(queue, 1)
            self._taken[queue] -= 1
            if is_full and queue in self._queues:
                self._queues[queue].wake(_KEPT_SECONDS)

    async def abandon(self) -> None:
        """Interrupts what still runs. It stays as it is in the database, to be recovered."""
        running = list(self._running)
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=5)

    async def destroy(self) -> None:
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1) as pool:
            await loop.run_in_executor(pool, _destroy)
        # The library made its threads those of the loop, and has just ended them.
        loop.set_default_executor(ThreadPoolExecutor())


def _unsynchronised(connection: Any, record: Any, _proxy: Any) -> None:  # noqa: ANN401 (the driver's)
    """Once for each connection: some were made before this was asked for."""
    if not record.info.get(_unsynchronised):
        connection.execute("PRAGMA synchronous=NORMAL")
        record.info[_unsynchronised] = True


def _destroy() -> None:
    DBOS.destroy(destroy_registry=True)
