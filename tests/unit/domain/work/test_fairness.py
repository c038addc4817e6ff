from __future__ import annotations

import heapq
from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adreel.domain.work.fairness import LAST_TAG, QueueTags, RoundRobin, first_share, next_tags


@dataclass
class Queue:
    """A queue ordered as in the database: lowest tag first, then oldest; serves `servers` items at once."""

    servers: int
    waiting: list[tuple[int, int, str, int]] = field(default_factory=list[tuple[int, int, str, int]])
    running: list[tuple[int, int, str, int]] = field(default_factory=list[tuple[int, int, str, int]])
    """(tag, number, user, work)"""
    served: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    number: int = 0

    def put(self, user: str, *work: int) -> None:
        own = [tag for tag, _, whose, _ in [*self.waiting, *self.running] if whose == user]
        found = QueueTags(
            max((item[0] for item in self.running), default=None),
            min((item[0] for item in self.waiting), default=None),
            max(own, default=None),
        )
        for tag, amount in zip(next_tags(found, work), work, strict=True):
            heapq.heappush(self.waiting, (tag, self.number, user, amount))
            self.number += 1

    def start(self) -> None:
        while self.waiting and len(self.running) < self.servers:
            item = heapq.heappop(self.waiting)
            self.running.append(item)
            self.served.append((item[2], item[3]))

    def end_first(self) -> None:
        self.running.pop(0)
        self.start()


works = st.lists(st.integers(1, 300), min_size=1, max_size=12)


@given(st.integers(1, 4), st.integers(1, 300), st.lists(works, min_size=1, max_size=8), st.data())
def test_who_comes_anew_waits_for_what_is_running_and_one_item_of_no_more_work_than_that(
    servers: int, longest: int, batches: list[list[int]], data: st.DataObject
) -> None:
    queue = Queue(servers)
    for number, batch in enumerate(batches):
        queue.put(f"other {number % 3}", *[min(amount, longest) for amount in batch])
        queue.start()
    for _ in range(data.draw(st.integers(0, len(queue.running)))):
        queue.end_first()
    before = len(queue.served)
    queue.put("bob", 1)
    queue.start()
    while ("bob", 1) not in queue.served:
        queue.end_first()
    # At most one of each other user goes before: of those who had less than what is running.
    others = Counter(user for user, _ in queue.served[before:])
    assert all(count <= 1 for count in others.values())


@given(st.integers(1, 4), st.integers(1, 300), st.integers(4, 40))
def test_a_user_who_comes_to_one_greedy_other_is_next(servers: int, work: int, many: int) -> None:
    queue = Queue(servers)
    queue.put("alice", *[work] * many)
    queue.start()
    queue.put("bob", work)
    running = len(queue.served)
    while queue.running and ("bob", work) not in queue.served:
        queue.end_first()
    assert queue.served[running][0] == "bob" or running == many


@given(st.lists(works, min_size=2, max_size=5), st.integers(1, 3))
def test_while_all_wait_no_user_gets_more_than_another_by_more_than_two_items(
    loads: list[list[int]], servers: int
) -> None:
    queue = Queue(servers)
    for user, load in enumerate(loads):
        queue.put(str(user), *load)
    queue.start()
    done: Counter[str] = Counter()
    left = {str(user): len(load) for user, load in enumerate(loads)}
    longest = max(amount for load in loads for amount in load)
    for user, amount in queue.served:
        done[user] += amount
        left[user] -= 1
    while all(left.values()) and queue.running:
        assert max(done[user] for user in left) - min(done[user] for user in left) <= (servers + 1) * longest
        seen = len(queue.served)
        queue.end_first()
        for user, amount in queue.served[seen:]:
            done[user] += amount
            left[user] -= 1


def test_short_work_goes_before_what_others_have_piled_up_of_long() -> None:
    queue = Queue(2)
    queue.put("alice", *[300] * 32)
    queue.start()
    queue.put("bob", 30, 30, 30, 30)
    while sum(user == "bob" for user, _ in queue.served) < 4:
        queue.end_first()
    assert [user for user, _ in queue.served] == ["alice"] * 2 + ["bob"] * 4


def test_who_was_away_has_no_credit() -> None:
    queue = Queue(1)
    queue.put("alice", *[10] * 50)
    queue.start()
    for _ in range(20):
        queue.end_first()
    queue.put("bob", *[10] * 50)
    seen = len(queue.served)
    for _ in range(20):
        queue.end_first()
    assert Counter(user for user, _ in queue.served[seen:]) == {"alice": 10, "bob": 10}


def test_work_of_older_versions_has_no_tag_and_goes_first() -> None:
    assert next_tags(QueueTags(running=0, waiting=0, own=None), [1, 1])[0] > 0


def test_tags_end_where_the_column_does() -> None:
    assert next_tags(QueueTags(running=LAST_TAG, own=LAST_TAG), [300, 300]) == [LAST_TAG, LAST_TAG]
    assert max(next_tags(QueueTags(running=LAST_TAG - 1), [300, 300])) == LAST_TAG


def test_nothing_waits_and_nothing_is_taken() -> None:
    assert RoundRobin[int]().take() is None


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers()), max_size=40))
def test_each_user_in_turn_and_each_users_items_in_their_order(items: list[tuple[str, int]]) -> None:
    turns: RoundRobin[tuple[str, int]] = RoundRobin()
    for item in items:
        turns.add(item[0], item)
    taken = [turns.take() for _ in items]
    assert turns.take() is None
    got = [found[1] for found in taken if found is not None]
    for user in "abc":
        assert [item for item in got if item[0] == user] == [item for item in items if item[0] == user]
    counts = Counter(user for user, _ in items)
    for end in range(len(got)):
        served = Counter(user for user, _ in got[:end])
        waiting = [user for user in counts if served[user] < counts[user]]
        assert not waiting or max(served.values(), default=0) - min(served[user] for user in waiting) <= 1


def test_what_gave_up_is_left_out() -> None:
    turns: RoundRobin[int] = RoundRobin()
    turns.add("alice", 1)
    turns.add("alice", 2)
    turns.add("bob", 3)
    turns.discard("alice", 1)
    turns.discard("bob", 3)
    turns.discard("carol", 9)
    assert (turns.count("alice"), turns.count("bob")) == (1, 0)
    assert [turns.take(), turns.take()] == [("alice", 2), None]


def test_only_those_who_may_go_are_taken() -> None:
    turns: RoundRobin[int] = RoundRobin()
    for user, item in (("alice", 1), ("bob", 2), ("alice", 3)):
        turns.add(user, item)
    assert turns.take(lambda user: user == "carol") is None
    assert turns.take(lambda user: user == "bob") == ("bob", 2)
    assert [turns.take(), turns.take(), turns.take()] == [("alice", 1), ("alice", 3), None]


@pytest.mark.parametrize(
    ("found", "work", "count"),
    [
        (QueueTags(), [90, 90, 90, 90], 3),
        (QueueTags(), [400, 10], 1),
        (QueueTags(running=100), [300, 1], 1),
        (QueueTags(running=100, own=500), [90, 90], 1),
        (QueueTags(running=100, own=700), [1], 0),
        (QueueTags(waiting=100, own=100), [300, 300], 1),
        (QueueTags(running=900, own=100), [300], 1),
        (QueueTags(), [], 0),
    ],
)
def test_first_items_up_to_a_share_of_what_is_not_done(found: QueueTags, work: list[int], count: int) -> None:
    assert first_share(found, work, 300) == count
