"""Reconciles batches and engine after crashes: workflows that were never enqueued, and ends that were never recorded."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from adreel.domain.catalogues.batch import Batch, Json, Pause, RowProblem
from adreel.domain.errors import KilledError
from adreel.domain.ids import Clock
from adreel.orchestrator.catalogues.flows import BATCH_FLOW, BatchJob
from adreel.orchestrator.engine.engine import MAX_RECOVERIES
from adreel.orchestrator.engine.steps import JobState
from adreel.orchestrator.queues import BATCHES
from adreel.services.catalogues.batches import BatchService
from adreel.services.catalogues.plans import BatchPlans
from adreel.services.catalogues.work import BatchWork

_PATIENCE = timedelta(seconds=10)
_QUIET = timedelta(minutes=1)


class SweptEngine(Protocol):
    """Fulfilled by DurableEngine and DurableClient."""

    async def enqueue(self, flow: str, workflow_id: str, order: Json, queue: str) -> None: ...

    async def states(self, workflow_ids: Collection[str]) -> Mapping[str, JobState]: ...


@dataclass(frozen=True, slots=True)
class BatchSweep:
    """A hook of the sweeper."""

    batches: BatchService
    plans: BatchPlans
    work: BatchWork
    engine: SweptEngine
    clock: Clock

    async def sweep(self) -> None:
        """Raises StorageError."""
        at_work = await self.batches.at_work()
        states = await self.engine.states([job_of(batch).workflow for batch in at_work])
        for batch in at_work:
            state = states.get(job_of(batch).workflow)
            if state is None and abs(self.clock() - batch.updated_at) > _PATIENCE:
                await enqueue(self.engine, batch)
            elif state is not None and state.is_over:
                message = "the service stopped working on this batch; let it go on"
                await self.plans.fail(batch.id, message, pause=Pause.FAULT if batch.is_planned else None)
            await self._rows(batch)

    async def _rows(self, batch: Batch) -> None:
        """Ends rows whose workflow ended without saying so: it was killed too often."""
        rows = await self.work.in_flight(batch.id, _QUIET)
        states = await self.engine.states([workflow for _, workflow in rows])
        for number, workflow in rows:
            if workflow in states and states[workflow].is_over:
                row = await self.work.own(batch.id, number, workflow)
                if row is not None:
                    words = str(KilledError(MAX_RECOVERIES))
                    problem = RowProblem(row.planned.row, row.planned.product_id, "", True, words)
                    await self.work.fail(batch.id, number, workflow, problem)


def job_of(batch: Batch) -> BatchJob:
    return BatchJob(batch.id, batch.user_id, batch.run)


async def enqueue(engine: SweptEngine, batch: Batch) -> None:
    """Starts the workflow of a batch's run, once."""
    job = job_of(batch)
    await engine.enqueue(BATCH_FLOW, job.workflow, job.to_json(), BATCHES)
