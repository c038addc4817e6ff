"""Work waits until there is memory for it, in the order in which it came."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from adreel.media.photos.budget import MemoryBudget


def soon(what: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.01)
    return False


class Worker:
    """A thread that holds `needed` bytes until it is let go."""

    def __init__(self, budget: MemoryBudget, needed: int) -> None:
        self.holds, self.let_go = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, args=(budget, needed))
        self._thread.start()

    def _work(self, budget: MemoryBudget, needed: int) -> None:
        with budget.reserved(needed):
            self.holds.set()
            self.let_go.wait(30)

    def end(self) -> None:
        self.let_go.set()
        self._thread.join(30)


def test_no_more_is_held_at_a_time_than_there_is() -> None:
    budget = MemoryBudget(100)
    first, second = Worker(budget, 60), Worker(budget, 40)
    assert first.holds.wait(10)
    assert second.holds.wait(10)
    third = Worker(budget, 50)
    assert not third.holds.wait(0.2)
    second.end()
    assert not third.holds.wait(0.2)
    first.end()
    assert third.holds.wait(10)
    third.end()


def test_large_work_is_not_passed_by_small_work() -> None:
    budget = MemoryBudget(100)
    first = Worker(budget, 60)
    assert first.holds.wait(10)
    large = Worker(budget, 100)
    assert soon(lambda: len(budget._queue) == 1)
    small = Worker(budget, 10)
    assert not small.holds.wait(0.2)
    first.end()
    assert large.holds.wait(10)
    assert not small.holds.wait(0.2)
    large.end()
    assert small.holds.wait(10)
    small.end()


def test_several_share_a_part_and_one_alone_may_take_all() -> None:
    budget = MemoryBudget(100, shared=50)
    first, second = Worker(budget, 30), Worker(budget, 30)
    assert first.holds.wait(10)
    assert not second.holds.wait(0.2)
    first.end()
    assert second.holds.wait(10)
    large = Worker(budget, 90)
    assert not large.holds.wait(0.2)
    second.end()
    assert large.holds.wait(10)
    large.end()


def test_what_never_fits_is_refused_at_once_and_failed_work_gives_back_what_it_held() -> None:
    budget = MemoryBudget(100)
    with pytest.raises(MemoryError, match="101"), budget.reserved(101):
        pass
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), budget.reserved(100):
            raise ZeroDivisionError
    with budget.reserved(100):
        pass
