"""Steps and children of a flow, kept by the durable engine."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar, cast

from dbos import DBOS
from dbos._error import DBOSWorkflowCancelledError, DBOSWorkflowConflictIDError

from adreel.agents.tasks import to_its_end
from adreel.domain.errors import AdreelError, CancelledError, InternalError, LostLeaseError, StorageError
from adreel.domain.session import Json
from adreel.orchestrator.durable_client import Outcome
from adreel.orchestrator.durable_json import error_facts, error_from_json, plain, unexpected
from adreel.orchestrator.durable_watch import OutcomeWatch
from adreel.orchestrator.steps import Children, Flow, JobState, WorkflowCancelled

T = TypeVar("T")
Fence = Callable[[], Awaitable[None]]
StartChildren = Callable[[str, Mapping[str, Json], str, str], Awaitable[None]]
"""Starts a flow for each order by its id, in a queue, as children of a workflow."""

_log = logging.getLogger(__name__)
_LONGEST_PAUSE = 30.0


class StepHost:
    """What all steps of a process share: the fence before each, and a count of those at work."""

    def __init__(
        self, watch: OutcomeWatch, fence: Fence, stop_taking: Callable[[], None], start_children: StartChildren
    ) -> None:
        self.watch = watch
        self.start_children = start_children
        self._fence = fence
        self._stop_taking = stop_taking
        self._closing = False
        self._at_work = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def enter(self) -> None:
        """Raises asyncio.CancelledError, which leaves the step and its workflow as they are for whoever takes them over,
        when the process is being stopped or has lost its lease."""
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
        """Lets no further step begin; returns when those that have begun are done, after `patience` seconds at most."""
        self._closing = True
        with suppress(TimeoutError):
            await asyncio.wait_for(self._idle.wait(), patience)


class DurableSteps:
    """The Steps of one run of a workflow that came from `queue`."""

    def __init__(self, workflow_id: str, queue: str, host: StepHost) -> None:
        self._workflow_id = workflow_id
        self._queue = queue
        self._host = host

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
        on_cancel: Callable[..., Awaitable[None]] | None = None,
    ) -> T:
        begun = False

        async def guarded() -> T:
            nonlocal begun
            await self._host.enter()
            begun = True
            # An interruptible wait is not waited for when the process is being stopped.
            if preemptible:
                return await _attempts(name, work, args, retries)
            with self._host.at_work():
                return await _attempts(name, work, args, retries)

        try:
            return await _kept(name, guarded, preemptible=preemptible)
        except WorkflowCancelled as cancelled:
            if begun and on_cancel is not None and await self._is_cancelled(cancelled):
                await _cleanly(name, on_cancel, args)
            raise

    async def wholly(self, work: Callable[..., Awaitable[T]], *args: Any) -> T:  # noqa: ANN401 (whatever `work` takes)
        with self._host.at_work():
            return await to_its_end(work(*args))

    async def _is_cancelled(self, cancelled: WorkflowCancelled) -> bool:
        """Whether somebody cancelled it, and not only took it over. When that cannot be seen, it is left to be swept up."""
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
        """Whoever cancelled this workflow may have done so before its children were there."""
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
        async def waited() -> list[Json]:
            await self._host.enter()
            outcomes = await self._host.watch.outcomes(self._ids)
            return [_answer(one, outcome) for one, outcome in zip(self._ids, outcomes, strict=True)]

        answers = await _kept(f"results of {self._flow}", waited, preemptible=True)
        return [answer["output"] if "output" in answer else error_from_json(answer["error"]) for answer in answers]


def durable_flow(flow: Flow, host: StepHost) -> Callable[[Json, str], Awaitable[Json]]:
    """The flow as the engine runs it: with steps, and with errors that can be kept."""

    async def body(order: Json, queue: str) -> Json:
        await host.enter()
        workflow_id = cast("str", DBOS.workflow_id)
        try:
            return plain(workflow_id, await flow(DurableSteps(workflow_id, queue, host), order))
        except WorkflowCancelled as cancelled:
            # The engine's own again: it knows what to do with it.
            raise (cancelled.__cause__ or cancelled) from None
        except AdreelError:
            raise
        except Exception as error:
            _log.exception("workflow %s failed unexpectedly", workflow_id)
            raise unexpected(workflow_id, error) from error
        finally:
            host.watch.expect(workflow_id)

    return body


async def _kept(name: str, work: Callable[[], Awaitable[T]], *, preemptible: bool) -> T:
    with _cancellation():
        return await DBOS.run_step_async({"name": name, "preemptible": preemptible}, cast("Any", work))


@contextmanager
def _cancellation() -> Generator[None]:
    try:
        yield
    except (DBOSWorkflowCancelledError, DBOSWorkflowConflictIDError) as error:
        # The second one: it is somebody else's now, after a takeover or a cancellation.
        raise WorkflowCancelled(str(error)) from error


async def _attempts(name: str, work: Callable[..., Awaitable[T]], args: tuple[Any, ...], retries: int) -> T:
    for attempt in range(retries + 1):
        try:
            return plain(name, await work(*args))
        except AdreelError as error:
            if attempt == retries or not error.retryable:
                raise
            _log.info("%s is tried again: %s", name, error)
            await asyncio.sleep(_pause(attempt, error))
        except Exception as error:
            _log.exception("step %s failed unexpectedly", name)
            raise unexpected(name, error) from error
    raise AssertionError("unreachable: the last attempt returns or raises")


def _pause(attempt: int, error: AdreelError) -> float:
    asked = getattr(error, "retry_after", None)
    return float(asked) if isinstance(asked, (int, float)) else min(_LONGEST_PAUSE, 2.0**attempt)


async def _cleanly(name: str, on_cancel: Callable[..., Awaitable[None]], args: tuple[Any, ...]) -> None:
    """A cancellation goes on whatever becomes of it elsewhere: what is left over there is swept up later."""
    try:
        await on_cancel(*args)
    except Exception:  # noqa: BLE001 (see above)
        _log.exception("the cancellation of step %s could not be passed on", name)


def _answer(workflow_id: str, outcome: Outcome) -> Json:
    """What a child answered, or its error, as JSON."""
    if outcome.state is JobState.DONE:
        return {"output": outcome.output or {}}
    if outcome.state is JobState.CANCELLED:
        return {"error": error_facts(CancelledError(f"{workflow_id} was cancelled"))}
    given_up = InternalError(f"{workflow_id} was given up: every process that took it on died")
    return {"error": error_facts(outcome.error or given_up)}
