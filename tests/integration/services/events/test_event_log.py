from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import text

from adreel.db.engine import Database
from adreel.db.tables import EventRow
from adreel.domain.errors import NotFoundError
from adreel.domain.sessions.session import SessionEvent
from adreel.domain.sessions.stage import Action, Stage
from adreel.services.events.bus import EventBus, SlowListener
from adreel.services.events.log import ProgressService
from adreel.services.sessions.records import CostEntry, EventDraft
from support.db import counted
from support.sessions import Desk, until

STAGE = Stage.CLIP_GENERATION
PATIENCE = 30
"""Seconds after which a test that waits for an event has failed."""


class Process:
    """The progress service as one process has it: its own connections, its own hub."""

    def __init__(self, url: str, queue_size: int = 512, poll_seconds: float = 2.0) -> None:
        self.database = Database(url)
        self.hub = EventBus(queue_size)
        self.progress = ProgressService(self.database, self.hub, poll_seconds=poll_seconds)

    async def __aenter__(self) -> Process:
        await self.progress.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.progress.close()
        await self.database.close()


@pytest.fixture
async def here(desk: Desk) -> AsyncIterator[Process]:
    async with Process(desk.database.url) as process:
        yield process


@pytest.fixture
async def there(desk: Desk) -> AsyncIterator[Process]:
    async with Process(desk.database.url, poll_seconds=0.3) as process:
        yield process


async def _append(process: Process, session_id: str, count: int) -> None:
    for number in range(count):
        await process.progress.append(session_id, STAGE, 50, f"step {number}")


async def _take(process: Process, session_id: str, count: int, after: int = 0) -> list[SessionEvent]:
    taken: list[SessionEvent] = []
    async with asyncio.timeout(PATIENCE), aclosing(process.progress.listen(session_id, after)) as events:
        async for event in events:
            taken.append(event)
            if len(taken) == count:
                break
    return taken


async def _listening(process: Process, session_id: str) -> None:
    await until(lambda: session_id in process.hub.newest)


def _row(session_id: str, seq: int) -> EventRow:
    return EventRow(
        session_id=session_id,
        seq=seq,
        stage=STAGE.value,
        progress=0,
        message="",
        current_cost=Decimal(0),
        data={},
        timestamp=datetime(2026, 1, 1, tzinfo=UTC),
    )


async def test_events_are_kept_as_they_were_appended(desk: Desk, here: Process) -> None:
    session = await desk.session()
    await desk.sessions.add_cost(session.id, CostEntry("w", "video", "m", Decimal("0.25"), 1.0))
    data = {"clip": 3, "of": [1, 2.5, None]}
    first = await here.progress.append(session.id, STAGE, 55.5, "planning", data)
    second = await here.progress.append(session.id, Stage.COMPLETE, 100, "done")
    assert (first.seq, first.stage, first.progress, first.message) == (1, STAGE, 55.5, "planning")
    assert (first.current_cost, first.data) == (Decimal("0.25"), data)
    assert await here.progress.replay(session.id, 0) == (first, second)
    assert await here.progress.replay(session.id, 1) == (second,)
    assert await here.progress.replay(session.id, 0, limit=1) == (first,)
    with pytest.raises(NotFoundError, match="nowhere"):
        await here.progress.append("nowhere", STAGE, 0, "")


async def test_an_event_of_a_job_is_appended_while_the_job_runs(desk: Desk, here: Process) -> None:
    session, _ = await desk.with_images()
    draft = EventDraft(Stage.CLIP_GENERATION, 60, "Waiting for a machine", {"job": "one"})
    assert await here.progress.append_in_job(session.id, "one", draft) is None
    await desk.sessions.begin("ann", session.id, Action.GENERATE_CLIPS, "one", {})
    event = await here.progress.append_in_job(session.id, "one", draft)
    assert await here.progress.append_in_job(session.id, "another", draft) is None
    await desk.sessions.cancelled("one")
    assert await here.progress.append_in_job(session.id, "one", draft) is None
    assert event is not None
    assert await here.progress.replay(session.id, 0) == (event,)


async def test_appending_takes_the_same_few_statements_however_much_there_is(desk: Desk, here: Process) -> None:
    session = await desk.session()
    for _ in range(2):
        with counted(here.database) as statements:
            await here.progress.append(session.id, STAGE, 1, "step")
        assert len(statements) == (2 if here.database.is_sqlite else 3)
        await _append(here, session.id, 5)


async def test_events_of_many_at_once_are_numbered_without_gaps(desk: Desk, here: Process, there: Process) -> None:
    session = await desk.session()
    appended = await asyncio.gather(
        *[(here, there)[number % 2].progress.append(session.id, STAGE, 1, str(number)) for number in range(20)]
    )
    kept = await here.progress.replay(session.id, 0)
    assert [event.seq for event in kept] == list(range(1, 21))
    assert sorted(appended, key=lambda event: event.seq) == list(kept)


async def test_a_listener_gets_what_is_kept_and_then_what_comes(desk: Desk, here: Process) -> None:
    session = await desk.session()
    await _append(here, session.id, 3)
    taking = asyncio.create_task(_take(here, session.id, 4, after=1))
    await _listening(here, session.id)
    await _append(here, session.id, 2)
    assert [event.seq for event in await taking] == [2, 3, 4, 5]


async def test_listening_while_others_append_misses_and_repeats_nothing(
    desk: Desk, here: Process, there: Process
) -> None:
    session = await desk.session()
    await _append(here, session.id, 8)
    appending = [asyncio.create_task(_append(process, session.id, 40)) for process in (here, there) for _ in range(2)]
    takers: list[asyncio.Task[list[SessionEvent]]] = []
    for after in (0, 3, 7):
        takers += [asyncio.create_task(_take(process, session.id, 168 - after, after)) for process in (here, there)]
        await asyncio.sleep(0.05)
    for index, taker in enumerate(takers):
        after = (0, 3, 7)[index // 2]
        assert [event.seq for event in await taker] == list(range(after + 1, 169))
    await asyncio.gather(*appending)


async def test_a_long_history_is_replayed_page_by_page(desk: Desk, here: Process) -> None:
    session = await desk.session()
    rows = [_row(session.id, seq) for seq in range(1, 1_011)]
    async with desk.database.writing() as transaction:
        transaction.add_all(rows)
        await transaction.execute(text("UPDATE sessions SET last_seq = 1010"))
    assert [event.seq for event in await _take(here, session.id, 1_010)] == list(range(1, 1_011))


async def test_a_number_that_is_not_reached_yet_hides_nothing(desk: Desk, here: Process) -> None:
    session = await desk.session()
    await _append(here, session.id, 2)
    taking = asyncio.create_task(_take(here, session.id, 1, after=1000))
    await _listening(here, session.id)
    await _append(here, session.id, 1)
    assert [event.seq for event in await taking] == [3]


async def test_a_listener_that_does_not_read_is_dropped_and_holds_nobody_back(desk: Desk) -> None:
    session = await desk.session()
    async with Process(desk.database.url, queue_size=5) as process:
        await _append(process, session.id, 1)
        async with aclosing(process.progress.listen(session.id)) as slow:
            assert (await anext(slow)).seq == 1
            reading = asyncio.create_task(_take(process, session.id, 20))
            await _listening(process, session.id)
            async with asyncio.timeout(PATIENCE):
                await _append(process, session.id, 19)
            assert [event.seq for event in await reading] == list(range(1, 21))
            with pytest.raises(SlowListener):
                await anext(slow)
        assert [event.seq for event in await _take(process, session.id, 19, after=1)] == list(range(2, 21))
        assert dict(process.hub.newest) == {}


async def test_listening_ends_when_the_session_is_deleted(desk: Desk, here: Process) -> None:
    session = await desk.session()
    await _append(here, session.id, 1)
    taking = asyncio.create_task(_take(here, session.id, 99))
    await _listening(here, session.id)
    await desk.sessions.delete("ann", session.id)
    assert [event.seq for event in await taking] == [1]
    assert await _take(here, session.id, 99) == []


async def test_listening_ends_when_the_service_is_closed(desk: Desk) -> None:
    session = await desk.session()
    async with Process(desk.database.url) as process:
        taking = asyncio.create_task(_take(process, session.id, 99))
        await _listening(process, session.id)
    assert await taking == []


async def test_the_service_can_be_closed_at_any_moment(desk: Desk) -> None:
    for milliseconds in range(25):
        async with asyncio.timeout(PATIENCE), Process(desk.database.url, poll_seconds=0.002):
            await asyncio.sleep(milliseconds / 1000)


async def test_what_another_process_appends_is_heard(desk: Desk, here: Process, there: Process) -> None:
    session = await desk.session()
    taking = asyncio.create_task(_take(there, session.id, 3))
    await _listening(there, session.id)
    await _append(here, session.id, 3)
    assert [event.seq for event in await taking] == [1, 2, 3]


async def test_a_slow_poll_asks_for_all_sessions_at_once(desk: Desk) -> None:
    sessions = [await desk.session() for _ in range(8)]
    async with Process(desk.database.url, poll_seconds=0.05) as process:
        listening = [asyncio.create_task(_take(process, session.id, 1)) for session in sessions]
        for session in sessions:
            await _listening(process, session.id)
        await asyncio.sleep(0.3)
        with counted(process.database) as statements:
            began = time.monotonic()
            await until(lambda: len(statements) >= 5)
        # On a machine that stands still the time passes as well: no more than one look for every 0.05 s of it.
        assert len(statements) <= (time.monotonic() - began) / 0.05 + 1
        assert all("FROM sessions" in statement for statement in statements)
        for task in listening:
            task.cancel()
        await asyncio.gather(*listening, return_exceptions=True)


async def test_while_the_database_is_away_nothing_is_lost(
    desk: Desk, here: Process, caplog: pytest.LogCaptureFixture
) -> None:
    """The poll goes on after an error: a table that is gone for a moment stands for any."""
    session = await desk.session()
    await _append(here, session.id, 1)
    async with (
        Process(desk.database.url, poll_seconds=0.05) as process,
        aclosing(process.progress.listen(session.id)) as events,
    ):
        # What was kept has been read: from here on only the poll asks the database.
        assert (await anext(events)).seq == 1
        taking = asyncio.create_task(anext(events))
        async with desk.database.writing() as transaction:
            await transaction.execute(text("ALTER TABLE sessions RENAME TO away"))
        await until(lambda: "cannot be read now" in caplog.text)
        async with desk.database.writing() as transaction:
            await transaction.execute(text("ALTER TABLE away RENAME TO sessions"))
        await _append(here, session.id, 1)
        async with asyncio.timeout(PATIENCE):
            assert (await taking).seq == 2
