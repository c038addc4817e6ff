"""What flows and their callers see of the durable engine. No engine is imported here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from adreel.domain.errors import AdreelError
from adreel.domain.session import Json

T = TypeVar("T")


class WorkflowCancelled(BaseException):
    """Raised in a flow whose workflow has been cancelled, out of `Steps` and `Children`.

    A BaseException, so that `except Exception` around a step does not take it for a failure. No step can run any more:
    let it pass. Whoever cancelled tells the session; `on_cancel` of the interrupted step tells the provider.
    """


class JobState(StrEnum):
    ENQUEUED = "enqueued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """How many workflows of a queue run at once: over all processes, and in one. A workflow that waits holds its place.

    An `eager` queue is looked into more often: its work is short, or mostly waits elsewhere, so that time lost here is seen.
    """

    global_concurrency: int
    worker_concurrency: int
    eager: bool = False


class Children(Protocol):
    """Child workflows that have been started. They run on when nobody waits for them."""

    async def results(self) -> list[Json | AdreelError]:
        """What each child's flow returned, in the order in which they were given, once all are over; durably waited for.

        For a child that failed the AdreelError that its flow raised, with its type and attributes; domain.errors.CancelledError
        when it was cancelled; InternalError when it raised anything else or kept killing its workers.
        """
        ...


class Steps(Protocol):
    """One run of a flow. After a crash the flow is run again from its beginning, and everything that had completed here
    answers at once with what it answered then.

    A flow must therefore come to the same calls in the same order every time: it decides only by its order and by what these
    methods returned, starts calls one after the other (never under `asyncio.gather`), and keeps clocks, random numbers,
    databases and files inside of steps.
    """

    @property
    def workflow_id(self) -> str: ...

    async def run(
        self,
        name: str,
        work: Callable[..., Awaitable[T]],
        *args: Any,  # noqa: ANN401 (whatever `work` takes)
        retries: int = 0,
        preemptible: bool = False,
        on_cancel: Callable[..., Awaitable[None]] | None = None,
    ) -> T:
        """``await work(*args)``, whose result (JSON: tuples come back as lists) or error is kept. A step that was interrupted
        by a crash is run again, so `work` must bear being run twice.

        Up to `retries` more attempts are made after an AdreelError that is `retryable`, after its `retry_after` seconds or
        1, 2, 4, … 30 seconds.

        Cancelling the workflow lets a step end, unless it is `preemptible`: then `work` is interrupted by asyncio.CancelledError
        (within a second). In both cases `on_cancel(*args)` is run afterwards, and no further step. The same CancelledError
        reaches `work` when the process is being stopped, and then the work goes on elsewhere: what must only happen after a
        real cancellation, such as cancelling at the provider, belongs into `on_cancel` and not into an `except` of `work`.
        `on_cancel` is not run when the process has died, or when no step was at work: the ledger is swept for that.

        Raises the AdreelError that `work` raised, InternalError for any other exception, WorkflowCancelled.
        """
        ...

    async def wholly(self, work: Callable[..., Awaitable[T]], *args: Any) -> T:  # noqa: ANN401 (whatever `work` takes)
        """``await work(*args)`` within the work of a preemptible step, which is interrupted after it and not in it."""
        ...

    async def children(self, flow: str, orders: Mapping[str, Json], queue: str) -> Children:
        """Starts the flow of this name for each order, under the id that it is given by, all at once and each once: a workflow
        of such an id that is there already is joined.

        The queue must be another than the parent's, which keeps its place there while it waits. Cancelling the parent
        cancels its children.
        """
        ...

    async def sleep(self, seconds: float) -> None:
        """Until this much time has passed since the first run of the flow came here."""
        ...


Flow = Callable[[Steps, Json], Awaitable[Json]]
"""Durable work: from what was ordered to what came of it, both JSON objects."""


class JobEngine(Protocol):
    """Starts and stops workflows, wherever they run."""

    async def enqueue(self, flow: str, workflow_id: str, order: Json, queue: str) -> None:
        """Starts the workflow, or does nothing when one of this id is there (whatever its order and state).

        Raises StorageError when the engine's database cannot be reached.
        """
        ...

    async def cancel(self, workflow_id: str) -> None:
        """Cancels it and its children, wherever they are; nothing happens when it is over or unknown. Returns before
        interrupted steps have ended."""
        ...

    async def status(self, workflow_id: str) -> JobState | None:
        """None when no workflow of this id is known."""
        ...
