"""Waiting for several jobs without leaving any behind."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

T = TypeVar("T")


def encoder_threads(index: int, count: int, jobs: int) -> int:
    """Encoder threads for segment `index` of `count`, of which `jobs` are made at a time on as many cores.

    As long as there are jobs for all cores, one thread each costs the least; those of a last, smaller round share the
    cores that would stand idle.
    """
    last_round = count % jobs
    return 1 if index < count - last_round else -(-jobs // last_round)


async def gather_all(jobs: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Results in order. Waits for every job to end, so that none writes on after a failure, then raises the first error."""
    results = await asyncio.gather(*jobs, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if not isinstance(result, BaseException)]
