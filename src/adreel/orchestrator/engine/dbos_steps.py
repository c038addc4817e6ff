"""Implements Steps and Children on the durable engine."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from typing import Any, TypeVar, cast

from dbos import DBOS
from dbos._error import DBOSWorkflowCancelledError, DBOSWorkflowConflictIDError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from adreel.agents.agent import to_its_end
from adreel.domain.errors import AdreelError, CancelledError, InternalError, KilledError, LostLeaseError, StorageError
from adreel.domain.machine_faults import machine_fault
from adreel.domain.sessions.session import Json
from adreel.orchestrator.engine.client import Outcome
from adreel.orchestrator.engine.outcomes import OutcomePoller
from adreel.orchestrator.engine.serializer import error_facts, error_from_json, plain, unexpected
from adreel.orchestrator.engine.step_guard import StepGuard
from adreel.orchestrator.engine.steps import Children, Flow, JobState, WorkflowCancelled

T = TypeVar("T")
Fence = Callable[[], Awaitable[None]]
StartChildren = Callable[[str, Mapping[str, Json], str, str], Awaitable[None]]
"""Arguments: flow, orders by workflow id, queue, parent. Starts the flow for each order as a child of the parent."""

_log = logging.getLogger(__name__)
_LONGEST_PAUSE = 30.0


class StepHost:
    """The shared state of all steps of a process: the fence before each step, and a count of running steps."""

    def __init__(
        self,
        watch: OutcomePoller,
        fence: Fence,
        stop_taking: Callable[[], None],
        start_children: StartChildren,
        guard: StepGuard,
        given_up_after: int,
    ) -> None:
        self.watch = watch
        self.start_children = start_children
        self.guard = guard
        self.given_up_after = given_up_after
        self._fence = fence
        self._stop_taking = stop_taking
        self._closing = False
        self._at_work = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def enter(self) -> None:
        """Raises asyncio.CancelledError when the process is being stopped or has lost its lease. That leaves the step and its
        workflow unchanged for the process that takes them over."""
        if self._closing:
            raise asyncio.CancelledError("the process is being stopped")
        try:
            await self._fence()
        except LostLeaseError as error:
            self._stop_taking()
            raise asyncio.CancelledError(str(error)) from error

    @contextmanager
    def at_work(self) -> Generator[None]:
        self._at_work += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._at_work -= 1
            if not self._at_work:
                self._idle.set()

    async def close(self, patience: float) -> None:
        """Starts no further steps; returns when the running ones are done, after `patience` seconds at most."""
        self._closing = True
        with suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), patience)


class DurableSteps:
    """The Steps of one run of a workflow from `queue`."""

    def __init__(self, workflow_id: str, queue: str, host: StepHost) -> None:
        self._workflow_id = workflow_id
        self._queue = queue
        self._host = host
        self._step = ""

    @property
    def workflow_id(self) -> str:
        return self._workflow_id

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
        begun = False
        self._step = name

        async def watched(*arguments: Any) -> T:  # noqa: ANN401 (whatever `work` takes)
            # Stopping the process does not wait for preemptible steps.
            async with self._section(name, heavy=heavy):
                with nullcontext() if preemptible else self._host.at_work():
                    return await work(*arguments)

        async def guarded() -> T:
            nonlocal begun
            await self._host.enter()
            begun = True
            return await _attempts(name, work if preemptible and not heavy else watched, args, retries)

        try:
            return await _durable_step(name, guarded, preemptible=preemptible)
        except WorkflowCancelled as cancelled:
            if begun and on_cancel is not None and await self._is_cancelled(cancelled):
                await _run_on_cancel(name, on_cancel, args)
            raise

    async def wholly(self, work: Callable[..., Awaitable[T]], *args: Any) -> T:  # noqa: ANN401 (whatever `work` takes)
        async with self._section(self._step, heavy=True):
            with self._host.at_work():
                return await to_its_end(work(*args))

    @asynccontextmanager
    async def _section(self, step: str, *, heavy: bool) -> AsyncGenerator[None]:
        async with self._host.guard.section(self._workflow_id, step, heavy=heavy):
            # The guard may have waited for long.
            await self._host.enter()
            yield

    async def _is_cancelled(self, cancelled: WorkflowCancelled) -> bool:
        """Whether the workflow was cancelled, and not only taken over. If unknown, False: the sweep handles the rest."""
        if isinstance(cancelled.__cause__, DBOSWorkflowCancelledError):
            return True
        try:
            return await self._host.watch.client.status(self._workflow_id) is JobState.CANCELLED
        except StorageError as error:
            _log.warning("cannot see whether %s was cancelled: %s", self._workflow_id, error)
            return False

    async def children(self, flow: str, orders: Mapping[str, Json], queue: str) -> Children:
        if queue == self._queue:
            raise InternalError(
                f"{flow} may not wait in queue {queue}, where its parent keeps a place until it is done"
            )
        start, ids = self._host.start_children, list(orders)
        await self.run(f"start {flow}", start, flow, orders, queue, self._workflow_id, on_cancel=self._cancel_children)
        return _Children(flow, ids, self._host)

    async def _cancel_children(self, *_: object) -> None:
        """Cancels the children: this workflow may have been cancelled before they existed."""
        await self._host.watch.client.cancel(self._workflow_id)

    async def sleep(self, seconds: float) -> None:
        with _cancellation():
            await DBOS.sleep_async(seconds)


class _Children:
    def __init__(self, flow: str, ids: Sequence[str], host: StepHost) -> None:
        self._flow = flow
        self._ids = ids
        self._host = host

    async def results(self) -> list[Json | AdreelError]:
        async def wait() -> list[Json]:
            await self._host.enter()
            outcomes = await self._host.watch.outcomes(self._ids)
            given_up = KilledError(self._host.given_up_after)
            return [_answer(one, outcome, given_up) for one, outcome in zip(self._ids, outcomes, strict=True)]

        answers = await _durable_step(f"results of {self._flow}", wait, preemptible=True)
        return [answer["output"] if "output" in answer else error_from_json(answer["error"]) for answer in answers]


def durable_flow(flow: Flow, host: StepHost) -> Callable[[Json, str], Awaitable[Json]]:
    """Wraps a flow for the engine: gives it steps, and makes its result and errors storable."""

    async def body(order: Json, queue: str) -> Json:
        await host.enter()
        workflow_id = cast("str", DBOS.workflow_id)
        try:
            return plain(workflow_id, await flow(DurableSteps(workflow_id, queue, host), order))
        except WorkflowCancelled as cancelled:
            # Back to the engine's own exception, which it handles.
            raise (cancelled.__cause__ or cancelled) from None
        except AdreelError:
            raise
        except Exception as error:
            _log.exception("workflow %s failed unexpectedly", workflow_id)
            raise unexpected(workflow_id, error) from error
        finally:
            host.watch.expect(workflow_id)

    return body


async def _durable_step(name: str, work: Callable[[], Awaitable[T]], *, preemptible: bool) -> T:
    """Runs a step whose result the engine stores. Raises asyncio.CancelledError when the engine cannot store it: that leaves the
    workflow unchanged, to be resumed later (`StrandedWork`). To fail it would need the same database."""
    with _cancellation():
        try:
            return await DBOS.run_step_async({"name": name, "preemptible": preemptible}, cast("Any", work))
        except (DBAPIError, PoolTimeoutError) as error:
            _log.error("step %s cannot be stored, its workflow is resumed later: %s", name, error)
            raise asyncio.CancelledError(f"step {name} cannot be stored") from error


@contextmanager
def _cancellation() -> Generator[None]:
    try:
        yield
    except (DBOSWorkflowCancelledError, DBOSWorkflowConflictIDError) as error:
        # The second one: another process runs it now, after a takeover or a cancellation.
        raise WorkflowCancelled(str(error)) from error


async def _attempts(name: str, work: Callable[..., Awaitable[T]], args: tuple[Any, ...], retries: int) -> T:
    for attempt in range(retries + 1):
        try:
            return plain(name, await work(*args))
        except AdreelError as error:
            if attempt == retries or not error.retryable:
                raise
            _log.info("%s is retried: %s", name, error)
            await asyncio.sleep(_pause(attempt, error))
        except Exception as error:
            fault = machine_fault(error)
            if fault is None:
                _log.exception("step %s failed unexpectedly", name)
                raise unexpected(name, error) from error
            if attempt == retries:
                raise fault from error
            _log.warning("%s is retried: %s", name, fault)
            await asyncio.sleep(_pause(attempt, fault))
    raise AssertionError("unreachable: the last attempt returns or raises")


def _pause(attempt: int, error: AdreelError) -> float:
    retry_after = getattr(error, "retry_after", None)
    return float(retry_after) if isinstance(retry_after, (int, float)) else min(_LONGEST_PAUSE, 2.0**attempt)


async def _run_on_cancel(name: str, on_cancel: Callable[..., Awaitable[None]], args: tuple[Any, ...]) -> None:
    """Runs `on_cancel`. Its errors do not stop the cancellation: the sweep handles the rest later."""
    try:
        await on_cancel(*args)
    except Exception:  # noqa: BLE001 (see above)
        _log.exception("the cancellation of step %s could not be passed on", name)


def _answer(workflow_id: str, outcome: Outcome, given_up: KilledError) -> Json:
    """A child's output or its error, as JSON."""
    if outcome.state is JobState.DONE:
        return {"output": outcome.output or {}}
    if outcome.state is JobState.CANCELLED:
        return {"error": error_facts(CancelledError(f"{workflow_id} was cancelled"))}
    return {"error": error_facts(outcome.error or given_up)}
