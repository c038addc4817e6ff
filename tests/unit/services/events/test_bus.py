from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from adreel.domain.sessions.session import SessionEvent
from adreel.domain.sessions.stage import Stage
from adreel.services.events.bus import EventBus, SlowListener


def _event(seq: int, session_id: str = "s") -> SessionEvent:
    return SessionEvent(session_id, seq, Stage.CREATED, 0, "", Decimal(0), {}, datetime(2026, 1, 1, tzinfo=UTC))


async def test_all_listeners_of_a_session_get_its_events_and_nobody_elses() -> None:
    hub = EventBus()
    first, second, other = hub.subscribe("s", 0), hub.subscribe("s", 0), hub.subscribe("t", 0)
    hub.publish(_event(1))
    hub.publish(_event(1, "t"))
    assert [await first.next(), await second.next(), await other.next()] == [_event(1), _event(1), _event(1, "t")]


async def test_a_listener_that_does_not_read_is_dropped_and_the_others_go_on() -> None:
    hub = EventBus(queue_size=3)
    slow, quick = hub.subscribe("s", 0), hub.subscribe("s", 0)
    for seq in range(1, 9):
        hub.publish(_event(seq))
        assert await quick.next() == _event(seq)
    with pytest.raises(SlowListener, match="session s"):
        await slow.next()


async def test_as_many_events_as_there_is_room_for_are_kept() -> None:
    hub = EventBus(queue_size=3)
    listener = hub.subscribe("s", 0)
    for seq in (1, 2, 3):
        hub.publish(_event(seq))
    assert [await listener.next() for _ in range(3)] == [_event(1), _event(2), _event(3)]


async def test_the_end_comes_after_what_was_published_before() -> None:
    hub = EventBus()
    listener = hub.subscribe("s", 0)
    hub.publish(_event(1))
    hub.end_all()
    assert [await listener.next(), await listener.next()] == [_event(1), None]


async def test_the_newest_event_is_known_for_sessions_that_are_listened_to() -> None:
    hub = EventBus()
    first, second = hub.subscribe("s", 4), hub.subscribe("s", 9)
    hub.publish(_event(6))
    hub.publish(_event(5))
    hub.publish(_event(3, "t"))
    assert dict(hub.newest) == {"s": 6}
    hub.unsubscribe(first)
    assert dict(hub.newest) == {"s": 6}
    hub.unsubscribe(second)
    hub.unsubscribe(second)
    assert dict(hub.newest) == {}


async def test_a_session_that_dropped_all_its_listeners_is_forgotten() -> None:
    hub = EventBus(queue_size=1)
    hub.subscribe("s", 0)
    hub.publish(_event(1))
    hub.publish(_event(2))
    assert dict(hub.newest) == {}
