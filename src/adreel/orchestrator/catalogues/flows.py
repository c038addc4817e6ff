"""The flows of batches. BatchFlow plans a batch and starts a child workflow for each row, some at a time; RowFlow makes one film.

Nothing of a feed is in an order or a result: rows stand in the database, so that a workflow stays small however many there are.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from adreel.domain.catalogues.batch import BatchLimits, BatchRow, Json, Pause, RowProblem
from adreel.domain.errors import (
    AdreelError,
    BudgetError,
    CancelledError,
    DownloadError,
    LimitError,
    LostLeaseError,
    NoSpaceError,
    SetupError,
    StorageError,
)
from adreel.domain.films.formats import FPS
from adreel.orchestrator.catalogues.films import RowFilms, field_of
from adreel.orchestrator.catalogues.orders import budget_of
from adreel.orchestrator.catalogues.planning import BatchPlanning
from adreel.orchestrator.engine.steps import Steps
from adreel.orchestrator.flows.failure_words import failure_words
from adreel.orchestrator.flows.job_steps import TRIES
from adreel.orchestrator.queues import ROWS
from adreel.services.catalogues.batches import BatchService
from adreel.services.catalogues.plans import BatchPlans
from adreel.services.catalogues.rows import events_name
from adreel.services.catalogues.work import BatchWork, GivenOut
from adreel.services.events.wakeups import Wakeups

BATCH_FLOW, ROW_FLOW = "batch", "batch-row"
IN_FLIGHT = 64
"""Rows of a batch that have a workflow at a time: enough for several workers."""
_POLL_SECONDS = 2.0
_FAULTS = (NoSpaceError, SetupError)
"""Errors that each further row would have too."""


@dataclass(frozen=True, slots=True)
class BatchJob:
    """The order of a batch's `run`. The batch stands in the place of a session, by which deletions find its workflows."""

    batch_id: str
    user_id: str
    run: int

    @property
    def workflow(self) -> str:
        return f"{self.batch_id}:{self.run}"

    def to_json(self) -> dict[str, Any]:
        return {"session_id": self.batch_id, "user_id": self.user_id, "run": self.run}

    @classmethod
    def read(cls, order: Json) -> BatchJob:
        return cls(order["session_id"], order["user_id"], order["run"])


@dataclass(frozen=True, slots=True)
class BatchFlow:
    """Every method that a step calls is idempotent."""

    planning: BatchPlanning
    plans: BatchPlans
    work: BatchWork
    wakeups: Wakeups
    in_flight: int = IN_FLIGHT

    async def run(self, steps: Steps, order: Json) -> Json:
        """`order` is a BatchJob."""
        job = BatchJob.read(order)
        try:
            await steps.run("plan", self.planning.plan, job.batch_id, retries=TRIES, preemptible=True, heavy=True)
            return {"ended": await self._rows(steps, job)}
        except (LostLeaseError, CancelledError):
            raise
        except AdreelError as error:
            words = failure_words(error, f"batch {job.batch_id}")
            await steps.run("fail", self.plans.fail, job.batch_id, words, retries=TRIES)
            return {"ended": False, "failed": words, "error": type(error).__name__}

    async def _rows(self, steps: Steps, job: BatchJob) -> bool:
        """Starts workflows for the rows until none is left; False when the batch was stopped."""
        started: list[str] = []
        while True:
            given = await steps.run("rows", self._next, job, started, retries=TRIES, preemptible=True)
            if given["is_stopped"]:
                return False
            if given["is_over"]:
                await steps.run("complete", self.plans.complete, job.batch_id, retries=TRIES)
                return True
            orders = {each["workflow"]: _row_order(job, each) for each in given["rows"]}
            await steps.children(ROW_FLOW, orders, ROWS)
            started = list(orders)

    async def _next(self, job: BatchJob, started: list[str]) -> Json:
        """Waits until rows can be started, or the batch is over or stopped."""
        with self.wakeups.listening(events_name(job.batch_id)) as event:
            while True:
                event.clear()
                given = await self.work.give_out(job.batch_id, job.run, self.in_flight, frozenset(started))
                if given != GivenOut():
                    return asdict(given)
                with suppress(TimeoutError):
                    async with asyncio.timeout(_POLL_SECONDS):
                        await event.wait()


def _row_order(job: BatchJob, row: Json) -> Json:
    """The length of the film is its share of the queue."""
    frames = max(1, round(row["seconds"] * FPS))
    return {"session_id": job.batch_id, "user_id": job.user_id, "number": row["number"], "frames": frames}


@dataclass(frozen=True, slots=True)
class RowFlow:
    """Makes the film of one row. A row whose batch was paused waits again; one that fails holds no other up."""

    films: RowFilms
    batches: BatchService
    work: BatchWork
    limits: BatchLimits

    async def run(self, steps: Steps, order: Json) -> Json:
        batch_id, number = str(order["session_id"]), int(order["number"])
        mine = (batch_id, number, steps.workflow_id)
        try:
            if not await steps.run("take", self._take, *mine, retries=TRIES):
                return {"film": ""}
            await steps.run("photos", self._photos, *mine, retries=1, preemptible=True)
            return {"film": await steps.run("film", self._film, *mine, retries=TRIES, preemptible=True, heavy=True)}
        except (LostLeaseError, CancelledError):
            raise
        except AdreelError as error:
            words, pause = failure_words(error, f"row {number} of batch {batch_id}"), _pause_of(error)
            await steps.run("fail", self._fail, *mine, words, field_of(error), pause, retries=TRIES)
            return {"film": "", "failed": words, "error": type(error).__name__}

    async def _take(self, batch_id: str, number: int, workflow: str) -> bool:
        batch = await self.batches.record(batch_id)
        if batch is None:
            return False
        most = budget_of(batch.order, self.limits.dollars)
        return await self.work.take(batch_id, number, workflow, self.films.price, most) is not None

    async def _photos(self, batch_id: str, number: int, workflow: str) -> None:
        """Fetches the photos beforehand: while a slow server sends them, others' films are made."""
        row = await self.work.own(batch_id, number, workflow)
        if row is not None:
            await self.films.fetch(row.planned.links)

    async def _film(self, batch_id: str, number: int, workflow: str) -> str:
        batch, row = await self.batches.record(batch_id), await self.work.own(batch_id, number, workflow)
        return "" if batch is None or row is None else await self.films.make(batch, row, workflow)

    async def _fail(self, batch_id: str, number: int, workflow: str, words: str, field: str, pause: str | None) -> None:
        if pause is not None:
            await self.work.put_back(batch_id, number, workflow, words, Pause(pause))
            return
        row = await self.work.own(batch_id, number, workflow)
        if row is not None:
            await self.work.fail(batch_id, number, workflow, _problem(row, field, words))


def _pause_of(error: AdreelError) -> str | None:
    """Why the whole batch waits; None where only this row fails."""
    if isinstance(error, BudgetError | LimitError):
        return Pause.BUDGET.value
    is_fault = isinstance(error, _FAULTS) or (isinstance(error, StorageError) and not isinstance(error, DownloadError))
    return Pause.FAULT.value if is_fault else None


def _problem(row: BatchRow, field: str, words: str) -> RowProblem:
    return RowProblem(row.planned.row, row.planned.product_id, field, True, words)
