"""Waiting for several jobs without leaving any behind."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Coroutine, Iterable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")


def encoder_threads(index: int, count: int, jobs: int) -> int:
    """Encoder threads for segment `index` of `count`, of which `jobs` are made at a time on as many cores.

    As long as there are jobs for all cores, one thread each costs the least; those of a last, smaller round share the
    cores that would stand idle.
    """
    last_round = count % jobs
    return 1 if index < count - last_round else -(-jobs // last_round)


def longest_first(lengths: Sequence[int]) -> list[int]:
    """Indices in the order in which the jobs are best begun: the last to end is then a short one."""
    return sorted(range(len(lengths)), key=lambda index: -lengths[index])


async def gather_all(jobs: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Results in order. Waits for every job to end, so that none writes on after a failure, then raises the first error."""
    results = await asyncio.gather(*jobs, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if not isinstance(result, BaseException)]


async def to_its_end(work: Awaitable[T]) -> T:
    """Awaits it; when this is cancelled meanwhile, only after the work has come to its end."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise
