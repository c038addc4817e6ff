"""The ports of the durable engine for flows and their callers, independent of the engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from adreel.domain.errors import AdreelError
from adreel.domain.sessions.session import Json

T = TypeVar("T")


class WorkflowCancelled(BaseException):
    """Raised in a flow whose workflow has been cancelled, out of `Steps` and `Children`.

    A BaseException, so that `except Exception` around a step does not handle it as a failure. No step can run any more: do not
    catch it. The canceller updates the session; `on_cancel` of the interrupted step cancels at the provider.
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
    """How many workflows of a queue run concurrently: over all processes, and in one. A waiting workflow counts as well.

    An `eager` queue is polled more often: its work is short, or mostly waits elsewhere, so that users notice delays. Children of
    users who have nothing in the queue go to the queue `first` instead, up to `FIRST_WORK` for each user there.
    """

    global_concurrency: int
    worker_concurrency: int
    eager: bool = False
    first: str | None = None


class Children(Protocol):
    """Started child workflows. They run even if the parent does not wait for them."""

    async def results(self) -> list[Json | AdreelError]:
        """Waits durably until all children are over; returns the result of each one's flow, in the order of the orders.

        For a failed child the AdreelError that its flow raised, with its type and attributes; domain.errors.CancelledError when
        it was cancelled; KilledError when it crashed its workers too often; InternalError when it raised anything else.
        """
        ...


class Steps(Protocol):
    """One run of a flow. After a crash the flow runs again from its beginning, and every completed call returns its stored
    result at once.

    A flow must therefore be deterministic: it makes the same calls in the same order every time, depends only on its order and
    on the results of these methods, starts calls one after the other (never under `asyncio.gather`), and uses clocks, random
    numbers, databases and files only within steps.
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
        heavy: bool = False,
        on_cancel: Callable[..., Awaitable[None]] | None = None,
    ) -> T:
        """Runs ``await work(*args)`` and stores its result (JSON: tuples become lists) or error. A step that a crash interrupted
        runs again, so `work` must be idempotent.

        Makes up to `retries` more attempts after a `retryable` AdreelError, after its `retry_after` seconds or 1, 2, 4, … 30
        seconds.

        Cancelling the workflow lets the step finish, unless it is `preemptible`: then asyncio.CancelledError interrupts `work`
        within a second. In both cases `on_cancel(*args)` runs afterwards, and no further step. When the process is being
        stopped, `work` gets the same CancelledError, but the work resumes in another process: code for real cancellations
        only, such as cancelling at the provider, belongs into `on_cancel` and not into an `except` of `work`. `on_cancel` does
        not run when the process died or no step was running: the sweep of the ledger handles that.

        A step whose process died three times is not started again. This applies to steps that are not preemptible, to `heavy`
        ones, and to `wholly`: a wait cannot kill a process. Set `heavy` for a step that decodes, draws or encodes: after a death
        of its process it runs without other heavy ones, so that the cause is found.

        Raises the AdreelError that `work` raised, KilledError, InternalError for any other exception, WorkflowCancelled.
        """
        ...

    async def wholly(self, work: Callable[..., Awaitable[T]], *args: Any) -> T:  # noqa: ANN401 (whatever `work` takes)
        """Runs ``await work(*args)`` within a preemptible step, which is then interrupted only after it. Counts as `heavy`."""
        ...

    async def children(self, flow: str, orders: Mapping[str, Json], queue: str) -> Children:
        """Starts the flow of this name for each order, by workflow id, all together. Idempotent: an existing workflow of an id is
        joined.

        The queue must not be the parent's, where the parent still counts while it waits. Cancelling the parent cancels its
        children.
        """
        ...

    async def sleep(self, seconds: float) -> None:
        """Sleeps until `seconds` have passed since the flow's first run reached this call."""
        ...


Flow = Callable[[Steps, Json], Awaitable[Json]]
"""Durable work: takes an order and returns a result, both JSON objects."""


class JobEngine(Protocol):
    """Starts and stops workflows, wherever they run."""

    async def enqueue(self, flow: str, workflow_id: str, order: Json, queue: str) -> None:
        """Starts the workflow; does nothing when one of this id exists (whatever its order and state).

        Raises StorageError when the engine's database cannot be reached.
        """
        ...

    async def cancel(self, workflow_id: str) -> None:
        """Cancels a workflow and its children, in any process; does nothing when it is over or unknown. Does not wait for
        interrupted steps to end."""
        ...

    async def status(self, workflow_id: str) -> JobState | None:
        """The state of a workflow; None when the id is unknown."""
        ...
