from __future__ import annotations

import asyncio

from adreel.domain.work.fair_semaphore import FairSemaphore


class Holders:
    """Who holds a place of the semaphore, and what ends their holding."""

    def __init__(self, semaphore: FairSemaphore) -> None:
        self._semaphore = semaphore
        self.inside: list[str] = []
        self._tasks: dict[str, tuple[asyncio.Task[None], asyncio.Event]] = {}

    async def ask(self, *names: str) -> None:
        """One request each; the user is the name's first letter."""
        for name in names:
            end = asyncio.Event()
            self._tasks[name] = (asyncio.create_task(self._hold(name, end)), end)
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def end(self, name: str) -> None:
        task, end = self._tasks[name]
        end.set()
        await task
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    async def give_up(self, name: str) -> None:
        task, _ = self._tasks[name]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await asyncio.sleep(0)

    async def _hold(self, name: str, end: asyncio.Event) -> None:
        async with self._semaphore.place(name[0]):
            self.inside.append(name)
            try:
                await end.wait()
            finally:
                self.inside.remove(name)


async def test_who_holds_nothing_does_not_wait_for_the_others() -> None:
    holders = Holders(FairSemaphore(2, newcomers=1))
    await holders.ask("a1", "a2", "a3", "b1", "b2", "c1")
    assert holders.inside == ["a1", "a2", "b1"]
    await holders.end("b1")
    assert holders.inside == ["a1", "a2", "b2"]
    await holders.end("b2")
    assert holders.inside == ["a1", "a2", "c1"]
    await holders.end("a1")
    # Two places are taken: no new one for a user who holds one.
    assert holders.inside == ["a2", "c1"]
    await holders.end("c1")
    assert holders.inside == ["a2", "a3"]


async def test_without_newcomers_each_place_is_given_in_turn() -> None:
    holders = Holders(FairSemaphore(1))
    await holders.ask("a1", "a2", "a3", "b1")
    await holders.end("a1")
    await holders.ask("c1")
    await holders.end("a2")
    assert holders.inside == ["b1"]


async def test_a_place_that_was_given_to_one_who_gave_up_goes_to_the_next() -> None:
    holders = Holders(FairSemaphore(1, newcomers=1))
    await holders.ask("a1", "b1", "c1", "d1")
    await holders.give_up("c1")
    await holders.end("b1")
    assert holders.inside == ["a1", "d1"]
    await holders.give_up("d1")
    await holders.ask("e1")
    assert holders.inside == ["a1", "e1"]
