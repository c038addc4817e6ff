"""Carries out simultaneous requests together: one transaction for all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Batcher(Generic[Item, Answer]):
    """Passes single items to `work` in batches: those that arrive while a batch is under way form the next one.

    A single item is not delayed. `work` returns one answer for each item, in the same order; its error reaches every caller of
    the batch. For one event loop.
    """

    def __init__(self, work: Callable[[Sequence[Item]], Awaitable[Sequence[Answer]]]) -> None:
        self._work = work
        self._waiting: list[tuple[Item, asyncio.Future[Answer]]] = []
        self._task: asyncio.Task[None] | None = None

    async def run(self, item: Item) -> Answer:
        """The answer for this item. Cancelled, the item may still be carried out."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._task is None:
            self._task = asyncio.create_task(self._run_all())
        return await answer

    async def _run_all(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                await self._run_batch(batch)
        finally:
            self._task = None

    async def _run_batch(self, batch: Sequence[tuple[Item, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await self._work([item for item, _ in batch])
            answered = list(zip(batch, answers, strict=True))
        except BaseException as error:
            for _, answer in batch:
                _fail(answer, error)
            if not isinstance(error, Exception):
                raise
        else:
            for (_, answer), value in answered:
                if not answer.done():
                    answer.set_result(value)


def _fail(answer: asyncio.Future[Answer], error: BaseException) -> None:
    if answer.done():
        return
    if isinstance(error, Exception):
        answer.set_exception(error)
    else:
        answer.cancel()
