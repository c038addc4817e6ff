"""Runs the DBOS library in this process: launches it, fills and polls its queues, destroys it. Uses the library's internals.

Each queue has a polling thread that can be woken when something is enqueued.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, cast

from dbos import DBOS, Queue
from dbos import _dbos as library
from dbos._enqueue_options import build_enqueue_status
from dbos._queue import queue_worker_thread
from dbos._sys_db import db_retry
from dbos._utils import INTERNAL_QUEUE_NAME
from sqlalchemy import event

from adreel.domain.errors import SetupError
from adreel.domain.sessions.session import Json
from adreel.orchestrator.engine.client import APPLICATION, VERSION, database_errors, enqueue_options
from adreel.orchestrator.engine.erase import overwrite_deleted
from adreel.orchestrator.engine.fair_order import divided
from adreel.orchestrator.engine.serializer import JsonSerializer
from adreel.orchestrator.engine.shares import share_of
from adreel.orchestrator.engine.steps import QueueLimits


class WakeEvent(threading.Event):
    """An Event whose `wait` can be ended without setting it."""

    def __init__(self) -> None:
        super().__init__()
        self._changed = threading.Condition()
        self._at = 0.0

    def wake(self, seconds: float = 0.0) -> None:
        """Ends the current `wait`, or the next one, in `seconds`."""
        with self._changed:
            self._at = min(self._at, time.monotonic() + seconds)
            self._changed.notify_all()

    def set(self) -> None:
        super().set()
        self.wake()

    def wait(self, timeout: float | None = None) -> bool:
        """Waits until it is set, woken, or `timeout` seconds passed; returns whether it is set. Does not wait the first time."""
        end = math.inf if timeout is None else time.monotonic() + timeout
        with self._changed:
            while not self.is_set() and (left := min(end, self._at) - time.monotonic()) > 0:
                self._changed.wait(None if left == math.inf else left)
            self._at = math.inf
        return self.is_set()


class QueuePoller:
    """Takes work from a queue until the engine stops its threads."""

    def __init__(self, engine: DBOS, queue: Queue) -> None:
        self._wake_event = WakeEvent()
        engine.background_thread_stop_events.append(self._wake_event)
        name, work = f"queue-{queue.name}", (self._wake_event, engine, queue)
        thread = threading.Thread(target=queue_worker_thread, args=work, name=name, daemon=True)
        # The engine joins these threads when it is destroyed.
        engine._background_threads.append(thread)  # noqa: SLF001 (see tests/integration/orchestrator/engine/test_engine_contract.py)
        thread.start()

    def wake(self, seconds: float = 0.0) -> None:
        """Polls the queue in `seconds`, or earlier."""
        self._wake_event.wake(seconds)


Body = Callable[[Json, str], Awaitable[Json]]

_NOTICE_SECONDS = 0.1
_CONNECTIONS = 10
_EAGER_POSTGRESQL = 2
"""How many times as often eager queues are polled, for work that another process enqueued."""

_KEPT_SECONDS = 0.05
"""The end of a workflow is usually stored within this time after its flow has returned; all ends within it take one poll."""

_IDLE_SQLITE = 2.0
"""Seconds between two polls of a queue on SQLite, whose only executor is woken by its own enqueues."""


class Runtime:
    """One launch of the engine. The library allows one at a time in a process."""

    def __init__(self, url: str, schema: str, executor_id: str, threads: int) -> None:
        if library._dbos_global_instance is not None:  # noqa: SLF001 (see tests/integration/orchestrator/engine/test_engine_contract.py)
            raise SetupError("this process runs a job engine already: close it before another is launched")
        self._executor_id = executor_id
        self._running: dict[asyncio.Task[Any], str] = {}
        self._is_sqlite = url.startswith("sqlite")
        self._queues: dict[str, QueuePoller] = {}
        self._places: dict[str, int] = {}
        self._first: dict[str, str] = {}
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
            self._running[task] = cast("str", DBOS.workflow_id)
            task.add_done_callback(self._running.pop)
            with self._place(queue):
                return await body(order, queue)

        DBOS.workflow(name=name, max_recovery_attempts=max_recoveries)(workflow)

    async def launch(self, queues: Mapping[str, QueueLimits], poll_seconds: float) -> None:
        """Workflows run on the loop that calls this. Polls queues every `poll_seconds`, eager ones more often."""
        # The library's own threads poll none of our queues: those of `QueuePoller` can be woken.
        DBOS.listen_queues([])
        DBOS.launch()
        self._relax_sync()
        eager = poll_seconds / _EAGER_POSTGRESQL
        for name, limits in queues.items():
            queue = await DBOS.register_queue_async(
                name,
                global_concurrency=limits.global_concurrency,
                worker_concurrency=limits.worker_concurrency,
                polling_interval_sec=_IDLE_SQLITE if self._is_sqlite else eager if limits.eager else poll_seconds,
            )
            self._queues[name] = QueuePoller(self._dbos, queue)
            self._places[name] = min(limits.worker_concurrency, limits.global_concurrency)
            if limits.first is not None:
                self._first[name] = limits.first

    async def start_children(self, flow: str, orders: Mapping[str, Json], queue: str, parent: str) -> None:
        """Enqueues a workflow for each order under its id, in one transaction; existing workflows stay.

        The parent runs in this process. Cancelling it cancels the children that exist by then.
        """
        put = db_retry(sys_db=self._database)(self._put_children)
        with database_errors():
            queues = await asyncio.to_thread(put, flow, orders, queue, parent)
        for name in queues:
            self.wake(name)

    def wake(self, queue: str) -> None:
        """Polls a queue at once."""
        if queue in self._queues:
            self._queues[queue].wake()

    def _put_children(self, flow: str, orders: Mapping[str, Json], queue: str, parent: str) -> set[str]:
        shares = [share_of(order) for order in orders.values()]
        with divided(self._database, queue, self._first.get(queue), shares) as places:
            children = [
                self._child(enqueue_options(flow, name, chosen, share.user, tag), order, parent)
                for (name, order), share, (chosen, tag) in zip(orders.items(), shares, places, strict=True)
            ]
            self._database.init_workflows(children)
        return {chosen for chosen, _ in places}

    @property
    def _database(self) -> Any:  # noqa: ANN401 (the library's)
        return self._dbos._sys_db  # noqa: SLF001 (the same)

    def _child(self, options: Any, order: Json, parent: str) -> Any:  # noqa: ANN401 (the library's)
        options = {**options, "application_name": APPLICATION}
        _, status = build_enqueue_status(options, self._serializer, (dict(order), options["queue_name"]), {})
        status["parent_workflow_id"] = parent
        return status

    def _relax_sync(self) -> None:
        """SQLite: does not wait for the disk at each step, as with adreel's own tables. A crash of the process loses nothing; a
        power failure may lose the last steps, which are then repeated."""
        if not self._is_sqlite:
            return
        engine = self._database.engine
        overwrite_deleted(engine)
        event.listen(engine, "checkout", _unsynchronised)

    async def recover(self, executor_ids: list[str]) -> int:
        """Returns the running workflows of these executors to their queues. Returns their number."""
        recovered = await asyncio.to_thread(DBOS._recover_pending_workflows, executor_ids)  # noqa: SLF001 (the same)
        for queue in self._queues:
            self.wake(queue)
        return len(recovered)

    @property
    def running(self) -> frozenset[str]:
        """The ids of the workflows that this process runs, until their end is stored."""
        return frozenset(self._running.values())

    async def resume(self, workflow_ids: Collection[str]) -> None:
        """Returns workflows that this executor has begun, and that nothing runs, to their queues.

        Each time counts as one of their `max_recoveries`. Raises StorageError.
        """
        database = self._dbos._sys_db  # noqa: SLF001 (the same)
        reenqueue = db_retry(sys_db=database)(database.reenqueue_for_recovery)
        with database_errors():
            for workflow_id in workflow_ids:
                await asyncio.to_thread(reenqueue, workflow_id, [self._executor_id], INTERNAL_QUEUE_NAME)
        for queue in self._queues:
            self.wake(queue)

    def stop_taking(self) -> None:
        for stop in self._dbos.background_thread_stop_events:
            stop.set()

    @contextmanager
    def _place(self, queue: str) -> Generator[None]:
        """Counts a running workflow of a queue. If the queue was full, polls it again when the end of this workflow is stored,
        since others may wait."""
        self._taken[queue] += 1
        try:
            yield
        finally:
            is_full = self._taken[queue] >= self._places.get(queue, 1)
            self._taken[queue] -= 1
            if is_full and queue in self._queues:
                self._queues[queue].wake(_KEPT_SECONDS)

    async def abandon(self) -> None:
        """Interrupts running workflows. They stay unchanged in the database, to be recovered."""
        running = list(self._running)
        for task in running:
            task.cancel()
        if running:
            await asyncio.wait(running, timeout=5)

    async def destroy(self) -> None:
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1) as pool:
            await loop.run_in_executor(pool, _destroy)
        # The library had replaced the loop's default executor, and has just shut it down.
        loop.set_default_executor(ThreadPoolExecutor())


def _unsynchronised(connection: Any, record: Any, _proxy: Any) -> None:  # noqa: ANN401 (the driver's)
    """Once for each connection: some were made before the listener was installed."""
    if not record.info.get(_unsynchronised):
        connection.execute("PRAGMA synchronous=NORMAL")
        record.info[_unsynchronised] = True


def _destroy() -> None:
    DBOS.destroy(destroy_registry=True)
