"""Events between processes on PostgreSQL, by notices. The poll is set so slow that nothing here is its doing, unless said."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from adreel.db.engine import Database
from adreel.domain.sessions.stage import Stage
from adreel.services.events.bus import EventBus
from adreel.services.events.log import ProgressService
from adreel.services.sessions.service import SessionService
from support.db import add_user
from support.pg import PostgresServer
from support.sessions import until

NEVER = 3600.0
PATIENCE = 30.0
STAGE = Stage.CLIP_GENERATION
_LISTENING = "FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'listen%' AND state = 'idle'"
_LISTENERS = "SELECT pid " + _LISTENING
_SILENT_EVENT = (
    "UPDATE sessions SET last_seq = last_seq + 1;"
    "INSERT INTO progress_events SELECT id, last_seq, 'created', 0, 'silent', 0, '{}', now() FROM sessions"
)
_KILL = "SELECT pg_terminate_backend(pid) " + _LISTENING


class Pair:
    """Two processes on one database: one does the work, the other has the listeners."""

    def __init__(self, url: str, postgres: PostgresServer) -> None:
        self.postgres = postgres
        self.name = url.rpartition("/")[2]
        self.worker, self.api = Database(url), Database(url)
        self.appending = ProgressService(self.worker, EventBus(), poll_seconds=NEVER)
        self.hub = EventBus()
        self.listening = ProgressService(self.api, self.hub, poll_seconds=NEVER)
        self.sessions = SessionService(self.worker)

    async def heard(self, session_id: str, count: int) -> list[tuple[int, float]]:
        """(number, moment of arrival) of events."""
        found: list[tuple[int, float]] = []
        async with asyncio.timeout(PATIENCE), aclosing(self.listening.listen(session_id)) as events:
            async for event in events:
                found.append((event.seq, time.monotonic()))
                if len(found) == count:
                    break
        return found

    async def until_listening(self, session_id: str) -> None:
        await until(lambda: session_id in self.hub.newest)
        await until(lambda: bool(self.listeners()))

    def listeners(self) -> list[str]:
        """Process ids of connections that listen."""
        return self.postgres.sql(_LISTENERS, self.name).splitlines()

    def kill_listeners(self) -> None:
        self.postgres.sql(_KILL, self.name)


@pytest.fixture
async def pair(pg_database: str, postgres: PostgresServer) -> AsyncIterator[Pair]:
    pair = Pair(pg_database, postgres)
    await add_user(pair.worker)
    await pair.listening.start()
    yield pair
    await pair.listening.close()
    await pair.worker.close()
    await pair.api.close()


async def test_an_event_of_another_process_arrives_within_a_second(pair: Pair) -> None:
    session = await pair.sessions.create("ann")
    hearing = asyncio.create_task(pair.heard(session.id, 10))
    await pair.until_listening(session.id)
    sent: list[float] = []
    for _ in range(10):
        await pair.appending.append(session.id, STAGE, 1, "step")
        sent.append(time.monotonic())
        await asyncio.sleep(0.02)
    heard = await hearing
    assert [seq for seq, _ in heard] == list(range(1, 11))
    assert sorted(arrived - at for (_, arrived), at in zip(heard, sent, strict=True))[5] < 1.0


async def test_a_deletion_by_another_process_ends_the_listening_at_once(pair: Pair) -> None:
    session = await pair.sessions.create("ann")
    hearing = asyncio.create_task(pair.heard(session.id, 10))
    await pair.until_listening(session.id)
    await pair.sessions.delete("ann", session.id)
    assert await hearing == []


async def test_a_killed_connection_is_made_again_and_catches_up(pair: Pair) -> None:
    session = await pair.sessions.create("ann")
    hearing = asyncio.create_task(pair.heard(session.id, 30))
    await pair.until_listening(session.id)
    for round_ in range(3):
        before = pair.listeners()
        pair.kill_listeners()
        for _ in range(10):
            await pair.appending.append(session.id, STAGE, 1, f"round {round_}")
        await pair.until_listening(session.id)
        assert pair.listeners() != before
    assert [seq for seq, _ in await hearing] == list(range(1, 31))


async def test_what_was_missed_meanwhile_is_found_as_soon_as_the_connection_is_back(pair: Pair) -> None:
    """No notice of this event is sent, and no poll comes: the new connection must look by itself."""
    session = await pair.sessions.create("ann")
    hearing = asyncio.create_task(pair.heard(session.id, 1))
    await pair.until_listening(session.id)
    pair.postgres.sql(f"{_KILL}; {_SILENT_EVENT}", pair.name)
    assert [seq for seq, _ in await hearing] == [1]


async def test_a_closed_service_leaves_no_connection_that_listens(pair: Pair) -> None:
    session = await pair.sessions.create("ann")
    hearing = asyncio.create_task(pair.heard(session.id, 1))
    await pair.until_listening(session.id)
    await pair.listening.close()
    assert await hearing == []
    await until(lambda: not pair.listeners())


async def test_one_connection_listens_however_many_sessions_there_are(pair: Pair) -> None:
    sessions = [await pair.sessions.create("ann") for _ in range(12)]
    hearing = [asyncio.create_task(pair.heard(session.id, 5)) for session in sessions for _ in range(3)]
    for session in sessions:
        await pair.until_listening(session.id)
    assert len(pair.listeners()) == 1
    for _ in range(5):
        await asyncio.gather(*[pair.appending.append(session.id, STAGE, 1, "step") for session in sessions])
    for task in hearing:
        assert [seq for seq, _ in await task] == [1, 2, 3, 4, 5]


async def test_a_lost_notice_delays_an_event_but_does_not_lose_it(pg_database: str, postgres: PostgresServer) -> None:
    """The row is written by hand, so that no notice is sent: the poll finds it."""
    pair = Pair(pg_database, postgres)
    pair.listening = ProgressService(pair.api, pair.hub, poll_seconds=0.1)
    await add_user(pair.worker)
    await pair.listening.start()
    session = await pair.sessions.create("ann")
    hearing = asyncio.create_task(pair.heard(session.id, 1))
    await pair.until_listening(session.id)
    postgres.sql(_SILENT_EVENT, pair.name)
    assert [seq for seq, _ in await hearing] == [1]
    await pair.listening.close()
    await pair.worker.close()
    await pair.api.close()
