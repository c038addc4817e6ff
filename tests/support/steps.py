"""An engine in memory: keeps what steps gave, runs flows again from their beginning, and dies where a test wants it to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from adreel.agents.agent import to_its_end
from adreel.domain.errors import AdreelError, CancelledError
from adreel.domain.sessions.session import Json
from adreel.orchestrator.engine.steps import Flow, JobState, WorkflowCancelled

T = TypeVar("T")
MOST_RUNS = 50


class Crash(BaseException):
    """The process is gone."""


@dataclass(frozen=True)
class Kept:
    value: Any = None
    error: AdreelError | None = None

    def give(self) -> Any:
        if self.error is not None:
            raise self.error
        return self.value


@dataclass
class MemoryEngine:
    """A JobEngine whose work is done by `work`. `dies_after` names steps after whose work, before it is kept, it dies once."""

    flows: dict[str, Flow] = field(default_factory=dict[str, Flow])
    dies_after: list[str] = field(default_factory=list[str])
    waiting: dict[str, tuple[str, Json, str]] = field(default_factory=dict[str, tuple[str, Json, str]])
    kept: dict[tuple[str, str], Kept] = field(default_factory=dict[tuple[str, str], Kept])
    ran: list[str] = field(default_factory=list[str])
    cancelled: set[str] = field(default_factory=set[str])
    outcomes: dict[str, Kept] = field(default_factory=dict[str, Kept])
    running: dict[str, list[asyncio.Task[Any]]] = field(default_factory=dict[str, list["asyncio.Task[Any]"]])
    crashes: int = 0

    async def enqueue(self, flow: str, workflow_id: str, order: Json, queue: str) -> None:
        self.waiting.setdefault(workflow_id, (flow, plain(order), queue))

    async def cancel(self, workflow_id: str) -> None:
        mine = [known for known in self.waiting if known == workflow_id or known.startswith(f"{workflow_id}:")]
        self.cancelled.update(mine)
        for one in mine:
            for task in self.running.get(one, []):
                task.cancel()

    async def status(self, workflow_id: str) -> JobState | None:
        if workflow_id in self.cancelled:
            return JobState.CANCELLED
        if workflow_id in self.outcomes:
            return JobState.DONE
        return JobState.ENQUEUED if workflow_id in self.waiting else None

    async def work(self, workflow_id: str) -> Json:
        """Runs a workflow to its end, however often the process dies over it. Raises what its flow raises."""
        for _ in range(MOST_RUNS):
            try:
                return await self.run_once(workflow_id)
            except Crash:
                self.crashes += 1
        raise AssertionError(f"{workflow_id} comes to no end")

    async def run_once(self, workflow_id: str) -> Json:
        if workflow_id not in self.outcomes:
            flow, order, _ = self.waiting[workflow_id]
            try:
                self.outcomes[workflow_id] = Kept(plain(await self.flows[flow](MemorySteps(self, workflow_id), order)))
            except AdreelError as error:
                self.outcomes[workflow_id] = Kept(error=error)
        return self.outcomes[workflow_id].give()


@dataclass
class MemorySteps:
    engine: MemoryEngine
    workflow_id: str
    names: set[str] = field(default_factory=set[str])

    async def run(
        self,
        name: str,
        work: Callable[..., Awaitable[T]],
        *args: Any,
        retries: int = 0,
        preemptible: bool = False,
        heavy: bool = False,
        on_cancel: Callable[..., Awaitable[None]] | None = None,
    ) -> T:
        assert name not in self.names, f"two steps of {self.workflow_id} are called {name}"
        self.names.add(name)
        place = (self.workflow_id, name)
        if place not in self.engine.kept:
            kept = await self._kept(name, work, args, retries, on_cancel if preemptible else None)
            if name in self.engine.dies_after:
                self.engine.dies_after.remove(name)
                raise Crash
            self.engine.kept[place] = kept
        return cast("T", self.engine.kept[place].give())

    async def wholly(self, work: Callable[..., Awaitable[T]], *args: Any) -> T:
        return await to_its_end(work(*args))

    async def children(self, flow: str, orders: Mapping[str, Json], queue: str) -> MemoryChildren:
        self._refuse_cancelled()
        for workflow_id, order in orders.items():
            await self.engine.enqueue(flow, workflow_id, order, queue)
        return MemoryChildren(self.engine, list(orders))

    async def sleep(self, seconds: float) -> None:
        self._refuse_cancelled()

    async def _kept(
        self,
        name: str,
        work: Callable[..., Awaitable[Any]],
        args: tuple[Any, ...],
        retries: int,
        on_cancel: Callable[..., Awaitable[None]] | None,
    ) -> Kept:
        self._refuse_cancelled()
        self.engine.ran.append(name)
        for attempt in range(retries + 1):
            task = asyncio.ensure_future(work(*args))
            self.engine.running.setdefault(self.workflow_id, []).append(task)
            try:
                return Kept(plain(await task))
            except AdreelError as error:
                if attempt == retries or not error.retryable:
                    return Kept(error=error)
            except asyncio.CancelledError:
                if on_cancel is not None:
                    await on_cancel(*args)
                raise WorkflowCancelled(self.workflow_id) from None
        raise AssertionError("unreachable")

    def _refuse_cancelled(self) -> None:
        if self.workflow_id in self.engine.cancelled:
            raise WorkflowCancelled(self.workflow_id)


@dataclass
class MemoryChildren:
    engine: MemoryEngine
    workflow_ids: list[str]

    async def results(self) -> list[Json | AdreelError]:
        results = await asyncio.gather(*map(self._result, self.workflow_ids), return_exceptions=True)
        return [_plain_end(result) for result in results]

    async def _result(self, workflow_id: str) -> Json:
        if workflow_id in self.engine.cancelled:
            raise CancelledError(f"{workflow_id} was cancelled")
        return await self.engine.run_once(workflow_id)


def _plain_end(result: Json | BaseException) -> Json | AdreelError:
    if isinstance(result, BaseException) and not isinstance(result, AdreelError):
        raise result
    return result


def plain(value: Any) -> Any:
    return json.loads(json.dumps(value))
