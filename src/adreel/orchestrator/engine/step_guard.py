"""Finds the step that kills its worker, and rejects it after a few times, without blaming concurrent steps."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Protocol

from adreel.agents.agent import to_its_end
from adreel.domain.errors import KilledError, MachineError, StorageError

MOST_ATTEMPTS = 3
"""A step whose process died this often is not started again."""

_log = logging.getLogger(__name__)


class StepGuard(Protocol):
    """Guards the steps of workflows in one process."""

    def section(self, workflow_id: str, step: str, *, heavy: bool) -> AbstractAsyncContextManager[None]:
        """The step runs within the block. Raises KilledError when its process died too often.

        A `heavy` step whose process died before runs without other heavy ones: if the process dies again, the step is the cause.
        """
        ...


class NoGuard:
    """The guard of engines whose processes are not restarted."""

    def section(self, *_: object, **__: object) -> AbstractAsyncContextManager[None]:
        return nullcontext()


class Attempts(Protocol):
    """Fulfilled by StepAttempts."""

    async def begin(self, workflow_id: str, step: str) -> int: ...

    async def take_back(self, workflow_id: str, step: str) -> None: ...

    async def end(self, workflow_id: str, step: str) -> None: ...


class Gate:
    """A shared/exclusive lock. New entrants wait behind one that waits for exclusive access."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()
        self._inside = 0
        self._empty = asyncio.Event()
        self._empty.set()

    @asynccontextmanager
    async def shared(self) -> AsyncGenerator[None]:
        async with self._turn:
            self._inside += 1
            self._empty.clear()
        try:
            yield
        finally:
            self._inside -= 1
            if not self._inside:
                self._empty.set()

    @asynccontextmanager
    async def exclusive(self) -> AsyncGenerator[None]:
        async with self._turn:
            await self._empty.wait()
            yield


class CountingGuard:
    """A StepGuard that counts in the database, before a step starts and after it has ended.

    Waiting to run alone is not counted, so that a step is not blamed for a crash while it waited.
    """

    def __init__(self, attempts: Attempts, most: int = MOST_ATTEMPTS) -> None:
        self._attempts = attempts
        self._most = most
        self._gate = Gate()

    @asynccontextmanager
    async def section(self, workflow_id: str, step: str, *, heavy: bool) -> AsyncGenerator[None]:
        async with self._gate.shared() if heavy else nullcontext():
            begun = await self._begin(workflow_id, step)
            if begun == 1 or not heavy:
                async with self._ending(workflow_id, step):
                    yield
                return
            await self._attempts.take_back(workflow_id, step)
        async with self._gate.exclusive():
            begun = await self._begin(workflow_id, step)
            _log.warning("step %s of %s was killed %d times before: it runs alone", step, workflow_id, begun - 1)
            async with self._ending(workflow_id, step):
                yield

    async def _begin(self, workflow_id: str, step: str) -> int:
        begun = await self._attempts.begin(workflow_id, step)
        if begun > self._most:
            await self._attempts.end(workflow_id, step)
            _log.error("step %s of %s was killed %d times and is given up", step, workflow_id, begun - 1)
            raise KilledError(begun - 1)
        return begun

    @asynccontextmanager
    async def _ending(self, workflow_id: str, step: str) -> AsyncGenerator[None]:
        try:
            yield
        except MachineError:
            # One of its subprocesses was killed: that counts like a death of the process.
            raise
        except BaseException:
            await self._end(workflow_id, step)
            raise
        await self._end(workflow_id, step)

    async def _end(self, workflow_id: str, step: str) -> None:
        try:
            await to_its_end(self._attempts.end(workflow_id, step))
        except StorageError as error:
            _log.warning("the end of step %s of %s cannot be recorded: %s", step, workflow_id, error)
