"""Runs flows durably in this process: completed steps never run again, even after crashes."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from adreel.domain.errors import AdreelError, SetupError, StorageError
from adreel.domain.sessions.session import Json
from adreel.orchestrator.engine.client import SCHEMA, DurableClient, Outcome, engine_url, quiet_engine_log
from adreel.orchestrator.engine.step_guard import NoGuard, StepGuard
from adreel.orchestrator.engine.steps import Flow, JobState, QueueLimits

if TYPE_CHECKING:
    from adreel.orchestrator.engine.dbos_runtime import Runtime
    from adreel.orchestrator.engine.dbos_steps import StepHost
    from adreel.orchestrator.engine.outcomes import OutcomePoller


MAX_RECOVERIES = 20
"""A limit for what no StepGuard covers: waits, and code between steps. It is not low, since regular stops of the process count
too, and so do crashes that another workflow caused."""


async def no_fence() -> None:
    """The fence of an executor whose work is never taken over."""


class DurableEngine:
    """A JobEngine that also executes: one in a process at a time, on the event loop that launched it.

    `url` is the engine's own database: an SQLite file for a single executor process, or PostgreSQL, with its tables in
    `schema`. `executor_id` must be unique to this process while it lives; unfinished work of this id is recovered at launch.
    `fence` is awaited before every step and raises LostLeaseError when others have taken over. `guard` covers the steps that
    work. A workflow that was restarted `max_recoveries` times, for whatever reason its process ended, becomes FAILED.
    """

    def __init__(
        self,
        url: str,
        flows: Mapping[str, Flow],
        executor_id: str,
        queues: Mapping[str, QueueLimits],
        *,
        schema: str = SCHEMA,
        fence: Callable[[], Awaitable[None]] = no_fence,
        threads: int = 32,
        poll_seconds: float = 0.5,
        guard: StepGuard | None = None,
        max_recoveries: int = MAX_RECOVERIES,
    ) -> None:
        self._url = engine_url(url)
        self._flows = dict(flows)
        self._queues = dict(queues)
        self._schema = schema
        self._fence = fence
        self._threads = threads
        self._poll_seconds = poll_seconds
        self._guard = guard or NoGuard()
        self._max_recoveries = max_recoveries
        self.executor_id = executor_id
        self.client = DurableClient(url, schema=schema)
        self._runtime: Runtime | None = None
        self._host: StepHost | None = None
        self._watch: OutcomePoller | None = None

    async def launch(self) -> None:
        """Recovers unfinished work of this executor and starts to take work from the queues.

        Raises StorageError when the database cannot be used, SetupError when the process runs an engine already.
        """
        quiet_engine_log()
        # Half a second of imports, kept off the loop.
        await asyncio.to_thread(importlib.import_module, "adreel.orchestrator.engine.dbos_runtime")
        await self.client.open()
        try:
            await self._launch()
        except AdreelError:
            await self.client.close()
            raise
        except Exception as error:
            await self.close(patience=0)
            await self.client.close()
            raise StorageError(f"the job engine cannot start: {error}") from error

    async def close(self, patience: float = 10.0) -> None:
        """Takes no more work, and waits up to `patience` seconds for running steps that are not preemptible. The rest stays to be
        recovered."""
        if self._runtime is None:
            return
        runtime, self._runtime = self._runtime, None
        runtime.stop_taking()
        if self._host is not None:
            await self._host.close(patience)
        await runtime.abandon()
        if self._watch is not None:
            await self._watch.close()
        await runtime.destroy()
        await self.client.close()

    async def enqueue(self, flow: str, workflow_id: str, order: Json, queue: str) -> None:
        await self.client.enqueue(flow, workflow_id, order, queue)
        if self._runtime is not None:
            self._runtime.wake(queue)

    async def cancel(self, workflow_id: str) -> None:
        await self.client.cancel(workflow_id)

    async def status(self, workflow_id: str) -> JobState | None:
        return await self.client.status(workflow_id)

    async def states(self, workflow_ids: Collection[str]) -> Mapping[str, JobState]:
        return await self.client.states(workflow_ids)

    async def outcomes(self, workflow_ids: Collection[str]) -> Mapping[str, Outcome]:
        return await self.client.outcomes(workflow_ids)

    async def forget(self, before: datetime, limit: int = 200) -> int:
        return await self.client.forget(before, limit)

    async def workflows_of(self, session_id: str) -> frozenset[str]:
        return await self.client.workflows_of(session_id)

    async def waiting(self) -> Mapping[str, tuple[int, datetime]]:
        return await self.client.waiting()

    async def erase(self, workflow_ids: Collection[str]) -> None:
        await self.client.erase(workflow_ids)

    async def running_executors(self) -> frozenset[str]:
        return await self.client.running_executors()

    async def recover(self, executor_ids: Collection[str]) -> int:
        """Returns the running workflows of dead executors to their queues. Returns their number."""
        if self._runtime is None:
            raise SetupError("the job engine is not launched")
        return await self._runtime.recover(list(executor_ids))

    async def stranded(self) -> frozenset[str]:
        """The ids of workflows that this executor has begun, that are not over, and that this process does not run: their step or
        their end could not be stored. May include one that is just starting or ending. Raises StorageError."""
        if self._runtime is None:
            return frozenset()
        return await self.client.pending(self.executor_id) - self._runtime.running

    async def resume(self, workflow_ids: Collection[str]) -> None:
        """Returns stranded workflows to their queues. Raises StorageError."""
        if self._runtime is not None:
            await self._runtime.resume(workflow_ids)

    async def _launch(self) -> None:
        from adreel.orchestrator.engine.dbos_runtime import Runtime
        from adreel.orchestrator.engine.dbos_steps import StepHost, durable_flow
        from adreel.orchestrator.engine.outcomes import OutcomePoller

        runtime = Runtime(self._url, self._schema, self.executor_id, self._threads)
        self._runtime = runtime
        self._watch = OutcomePoller(self.client, self._poll_seconds / 5)
        self._host = host = StepHost(
            self._watch, self._fence, runtime.stop_taking, runtime.start_children, self._guard, self._max_recoveries
        )
        for name, flow in self._flows.items():
            runtime.register(name, durable_flow(flow, host), self._max_recoveries)
        await runtime.launch(self._queues, self._poll_seconds)
