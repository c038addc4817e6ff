"""The interface of agents, and helpers that schedule and await several jobs without leaving any running."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Generic, Protocol, TypeVar

from adreel.domain.work.cancellation import CancellationToken
from adreel.domain.work.progress import ProgressReporter, SilentReporter

Order = TypeVar("Order")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class AgentInput(Generic[Order]):
    """An order to an agent within a session; `reporter` receives its progress, `cancellation` stops it."""

    session_id: str
    data: Order
    reporter: ProgressReporter = field(default_factory=SilentReporter)
    cancellation: CancellationToken = field(default_factory=CancellationToken)


@dataclass(frozen=True, slots=True)
class AgentOutput(Generic[Result]):
    """An agent's result: `cost` in US dollars, `duration` in wall-clock seconds.

    `success` is false only when there is no usable result; then `data` is None and `errors` holds the causes. A partial result
    is a success whose `errors` describe the missing parts.
    """

    success: bool
    data: Result | None
    cost: Decimal
    duration: float
    errors: tuple[Exception, ...] = field(default=())


class Agent(Protocol[Order, Result]):
    """Agents are plain objects: no settings, no database, no workflow decorators."""

    async def process(self, order: AgentInput[Order], /) -> AgentOutput[Result]: ...


T = TypeVar("T")


def encoder_threads(index: int, count: int, jobs: int) -> int:
    """Returns the encoder threads for segment `index` of `count`, of which `jobs` are made at a time on as many cores.

    While there are jobs for all cores, one thread each costs the least; the jobs of a smaller last round share the cores that
    would otherwise be idle.
    """
    last_round = count % jobs
    return 1 if index < count - last_round else -(-jobs // last_round)


def longest_first(lengths: Sequence[int]) -> list[int]:
    """Returns the indices by descending length: starting long jobs first makes the last to end a short one."""
    return sorted(range(len(lengths)), key=lambda index: -lengths[index])


async def gather_all(jobs: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Returns results in order. Waits for every job, so that none writes on after a failure, then raises the first error."""
    results = await asyncio.gather(*jobs, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if not isinstance(result, BaseException)]


async def to_its_end(work: Awaitable[T]) -> T:
    """Awaits `work`; a cancellation takes effect only after `work` has ended."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


def result_of(output: AgentOutput[T]) -> T:
    """Returns an agent's data. Raises its first error when there is none."""
    if output.data is None:
        raise output.errors[0]
    return output.data
