"""Fair queueing among users who wait for the same resource. Pure: the caller owns the queues.

Queues in a database are ordered by tags (`next_tags`), those in memory by `RoundRobin`.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

LAST_TAG = 2**31 - 1
"""The highest tag, a 32-bit integer. Items that would exceed it share it and are served first in, first out."""

_STEP = 2
"""Tags advance by twice the work, so that a user new to the queue fits in just before each of them."""


@dataclass(frozen=True, slots=True)
class Share:
    """The owner of an item and the amount of its work, at least 1, in a unit that is the same for the whole queue."""

    user: str
    work: int = 1


@dataclass(frozen=True, slots=True)
class QueueTags:
    """The state of a queue for one user: the highest tag among running items, the lowest among waiting items, and the highest
    of the user's own, running or waiting; None where there are no such items."""

    running: int | None = None
    waiting: int | None = None
    own: int | None = None


def next_tags(found: QueueTags, work: Sequence[int]) -> list[int]:
    """Returns the tags of a user's new items, in order, for a queue that serves the lowest tag first.

    Self-clocked fair queueing (S. J. Golestani, INFOCOM 1994): an item's tag is the higher of the user's last tag and the tag
    in service, plus its work. Users with waiting work therefore get equal amounts of work done. A new or returning user waits
    for running items, but not for the backlog of others; an idle user accumulates no credit. The only state is the tags of
    the items in the queue.
    """
    # Of equal tags the older is served first: a user with nothing in the queue goes before users already in service.
    tag = _now(found) - 1 if found.own is None else max(_now(found), found.own)
    tags: list[int] = []
    for amount in work:
        tag = min(tag + _STEP * max(1, amount), LAST_TAG)
        tags.append(tag)
    return tags


def _now(found: QueueTags) -> int:
    """The queue's virtual time: the tag in service, or that of the next waiting item when nothing is running."""
    return found.running if found.running is not None else found.waiting or 0


def first_share(found: QueueTags, work: Sequence[int], most: int) -> int:
    """Returns how many of a user's new items, from the first, fit into a queue in which each user may have `most` work; one
    always does where the user has nothing."""
    left = most if found.own is None else most - (found.own - _now(found)) // _STEP
    if found.own is None and work and work[0] > left:
        return 1
    count = 0
    for amount in work:
        left -= amount
        if left < 0:
            break
        count += 1
    return count


class RoundRobin(Generic[T]):
    """Waiting items of several users: takes one item of each user in turn; each user's items are first in, first out."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, deque[T]] = OrderedDict()

    def add(self, user: str, item: T) -> None:
        self._waiting.setdefault(user, deque()).append(item)

    def count(self, user: str) -> int:
        """Number of a user's waiting items."""
        return len(self._waiting.get(user, ()))

    def take(self, may_go: Callable[[str], bool] = lambda _user: True) -> tuple[str, T] | None:
        """Removes and returns the next item with its user, of those users who may go, and moves the user to the end of the
        round. None when there is none."""
        user = next(filter(may_go, self._waiting), None)
        if user is None:
            return None
        items = self._waiting.pop(user)
        item = items.popleft()
        if items:
            self._waiting[user] = items
        return user, item

    def discard(self, user: str, item: T) -> None:
        """Removes an item, if it is still waiting."""
        items = self._waiting.get(user)
        if items is None or item not in items:
            return
        items.remove(item)
        if not items:
            del self._waiting[user]
