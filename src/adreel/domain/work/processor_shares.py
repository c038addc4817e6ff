"""Shares the processor among the users of a process: work of a user who has had more than another makes way for the other's.

The library's semaphores bound how much runs; this decides who goes on when more runs than there are cores. Long work asks
between two pieces, such as frames, and pauses; short work asks before it begins.
"""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

_HALF_LIFE = 20.0
"""Seconds after which the use of the processor counts half."""

_MARGIN = 0.5
"""Core seconds by which one user must have had more than another: else two equal ones would alternate at every frame."""

_LONGEST_WAIT = 3.0
"""Seconds that short work of a user who has other work under way waits for long work of others."""

_HEAD_START = 5.0
"""Core seconds that the user of a single piece of short work may have had more than others and still wait for none of them, and
go before their long work: about what a second of a clip takes."""

_LATELY = 10.0
"""Seconds for which a user counts as competing after their last work."""

_ANTICIPATION = 0.15
"""Seconds for which the cores stay with a user whose work has ended, while others wait that it went before: the next request
often follows at once (S. Iyer, P. Druschel: Anticipatory scheduling, SOSP 2001)."""

_PAUSE = 0.01


@dataclass(eq=False, slots=True)
class _Work:
    user: str
    cores: int
    is_short: bool
    number: int
    since: float
    runs: bool
    ends: float | None = None


class Turn:
    """A piece of long work that is under way."""

    def __init__(self, shares: ProcessorShares, work: _Work) -> None:
        self._shares = shares
        self._work = work

    def make_way(self, check: Callable[[], None]) -> None:
        """Blocks while users who have had less use the cores. `check` is called meanwhile; what it raises ends the wait."""
        while self._shares.must_wait(self._work):
            check()
            time.sleep(_PAUSE)


class ProcessorShares:
    """Measures what users have used of `cores` recently, in core seconds. Users who work alone never wait. For all threads."""

    def __init__(self, cores: int = 1, clock: Callable[[], float] = time.monotonic) -> None:
        self._cores = cores
        self._clock = clock
        self._lock = threading.Lock()
        self._works: list[_Work] = []
        self._used: defaultdict[str, float] = defaultdict(float)
        self._seen: dict[str, float] = {}
        self._numbers = itertools.count()
        self._at = clock()

    @contextmanager
    def long_work(self, user_id: str, cores: int | None = None) -> Generator[Turn]:
        """Registers work on `cores` cores, else on all. If it has pieces, it calls `Turn.make_way` before each of them; work of
        one piece goes on, but long work of users who have had more makes way for it.
        """
        work = self._enter(user_id, min(cores or self._cores, self._cores), is_short=False)
        try:
            yield Turn(self, work)
        finally:
            self._leave(work)

    @asynccontextmanager
    async def short_work(self, user_id: str) -> AsyncGenerator[None]:
        """Registers work that a user waits for and that cannot pause. Long work of users who have had more pauses while it
        runs; if it is the only work of its user, also that of users who have had a little less. It waits for short work of users
        who have had less, and up to three seconds for their long work; where it is the only work of its user, only for short work
        of users who have had much less. While others compete, half of the cores is for all short work of one user.
        """
        work = self._enter(user_id, self._cores, is_short=True)
        try:
            while self.must_wait(work):  # noqa: ASYNC110 (threads change what it depends on, and time does)
                await asyncio.sleep(_PAUSE)
            yield
        finally:
            self._leave(work)

    def must_wait(self, work: _Work) -> bool:
        """Whether the cores belong to other users now. Notes whether the work goes on."""
        with self._lock:
            self._settle()
            work.runs = not self._is_due_to_wait(work)
            return not work.runs

    def _is_due_to_wait(self, work: _Work) -> bool:
        others = [each for each in self._works if each.user != work.user]
        own = [each for each in self._works if each.user == work.user and each is not work and each.ends is None]
        bound = self._used[work.user] - (_HEAD_START if work.is_short and not own else _MARGIN)
        ahead = [each for each in others if self._used[each.user] < bound]
        if work.is_short:
            return self._is_short_due(work, ahead, own)
        return self._is_long_due(work, [*ahead, *self._single(others, bound)], own)

    def _single(self, others: list[_Work], bound: float) -> list[_Work]:
        """Short work that is the only one of its user, under way or just ended, and not ahead of `bound` already."""
        counts = Counter(each.user for each in others if each.ends is None)
        within = bound + _MARGIN + _HEAD_START
        return [e for e in others if e.is_short and counts[e.user] <= 1 and bound <= self._used[e.user] < within]

    def _is_short_due(self, work: _Work, ahead: list[_Work], own: list[_Work]) -> bool:
        running = sum(each.is_short and each.runs for each in own)
        if running >= max(1, self._cores // 2) and self._has_competitors(work.user):
            return True
        has_patience = bool(own) and self._at - work.since < _LONGEST_WAIT
        return any(each.is_short or has_patience for each in ahead)

    def _has_competitors(self, user_id: str) -> bool:
        return any(user != user_id and self._at - seen < _LATELY for user, seen in self._seen.items())

    def _is_long_due(self, work: _Work, ahead: list[_Work], own: list[_Work]) -> bool:
        before = [each for each in own if each.number < work.number]
        return bool(ahead) and sum(each.cores for each in (*ahead, *before)) + work.cores > self._cores

    def _keeps_others_waiting(self, work: _Work) -> bool:
        is_single = work.is_short and sum(each.user == work.user and each.ends is None for each in self._works) == 1
        bound = self._used[work.user] + (-_HEAD_START if is_single else _MARGIN)
        return any(self._used[each.user] > bound for each in self._works if each.user != work.user)

    def _settle(self) -> None:
        """Adds what was used since the last call."""
        now = self._clock()
        passed, self._at = now - self._at, now
        for user in self._used:
            self._used[user] *= 0.5 ** (passed / _HALF_LIFE)
        for work in self._works:
            self._used[work.user] += work.runs * work.cores * passed
        self._works = [work for work in self._works if work.ends is None or work.ends > now]

    def _enter(self, user_id: str, cores: int, *, is_short: bool) -> _Work:
        with self._lock:
            self._settle()
            work = _Work(user_id, cores, is_short, next(self._numbers), since=self._at, runs=not is_short)
            self._works.append(work)
            self._seen[user_id] = self._at
            return work

    def _leave(self, work: _Work) -> None:
        with self._lock:
            self._settle()
            self._seen[work.user] = self._at
            if work.runs and self._keeps_others_waiting(work):
                work.cores, work.ends = self._cores, self._at + _ANTICIPATION
                return
            self._works.remove(work)
            busy = {each.user for each in self._works}
            for user in [each for each, used in self._used.items() if used < _MARGIN and each not in busy]:
                del self._used[user]
            self._seen = {user: seen for user, seen in self._seen.items() if self._at - seen < _LATELY or user in busy}
