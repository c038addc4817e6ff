"""Runs flows durably in this process. What has completed is never run again, whoever dies."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from adreel.domain.errors import AdreelError, SetupError, StorageError
from adreel.domain.session import Json
from adreel.orchestrator.durable_client import SCHEMA, DurableClient, Outcome
from adreel.orchestrator.durable_log import quiet_engine_log
from adreel.orchestrator.durable_url import engine_url
from adreel.orchestrator.steps import Flow, JobState, QueueLimits

if TYPE_CHECKING:
    from adreel.orchestrator.durable_runtime import Runtime
    from adreel.orchestrator.durable_steps import StepHost
    from adreel.orchestrator.durable_watch import OutcomeWatch


async def no_fence() -> None:
    """For an executor that nobody can take for dead."""


class DurableEngine:
    """A JobEngine that also executes: one in a process at a time, on the event loop that launched it.

    `url` is the engine's own database: an SQLite file for a single executor process, or PostgreSQL, where its tables go
    into `schema`. `executor_id` must be this process's alone while it lives; what an executor of this id left unfinished
    is taken up at launch. `fence` is awaited before every step and raises LostLeaseError when others have taken over.
    A workflow whose process died `max_recoveries` times is given up as FAILED.
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
        max_recoveries: int = 100,
    ) -> None:
        self._url = engine_url(url)
        self._flows = dict(flows)
        self._queues = dict(queues)
        self._schema = schema
        self._fence = fence
        self._threads = threads
        self._poll_seconds = poll_seconds
        self._max_recoveries = max_recoveries
        self.executor_id = executor_id
        self.client = DurableClient(url, schema=schema)
        self._runtime: Runtime | None = None
        self._host: StepHost | None = None
        self._watch: OutcomeWatch | None = None

    async def launch(self) -> None:
        """Takes up unfinished work of this executor and begins to take work from the queues.

        Raises StorageError when the database cannot be used, SetupError when the process runs an engine already.
        """
        quiet_engine_log()
        # Half a second of imports, kept off the loop.
        await asyncio.to_thread(importlib.import_module, "adreel.orchestrator.durable_runtime")
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
        """Takes no more work, waits up to `patience` seconds for steps that have begun, except preemptible ones, and leaves
        the rest to be recovered."""
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

    async def running_executors(self) -> frozenset[str]:
        return await self.client.running_executors()

    async def recover(self, executor_ids: Collection[str]) -> int:
        """Puts back into the queues what dead executors were running. Returns how many workflows that were."""
        if self._runtime is None:
            raise SetupError("the job engine is not launched")
        return await self._runtime.recover(list(executor_ids))

    async def _launch(self) -> None:
        from adreel.orchestrator.durable_runtime import Runtime
        from adreel.orchestrator.durable_steps import StepHost, durable_flow
        from adreel.orchestrator.durable_watch import OutcomeWatch

        runtime = Runtime(self._url, self._schema, self.executor_id, self._threads)
        self._runtime = runtime
        self._watch = OutcomeWatch(self.client, self._poll_seconds / 5)
        self._host = host = StepHost(self._watch, self._fence, runtime.stop_taking, runtime.start_children)
        for name, flow in self._flows.items():
            runtime.register(name, durable_flow(flow, host), self._max_recoveries)
        await runtime.launch(self._queues, self._poll_seconds)
