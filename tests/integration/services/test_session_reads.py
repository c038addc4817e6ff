from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from adreel.domain.errors import InputError, NotFoundError
from adreel.services.records import CostEntry
from adreel.services.session_service import SessionService
from support_db import counted
from support_sessions import Desk, clip, image


async def _ids(service: SessionService, user_id: str, limit: int) -> list[list[str]]:
    """The ids on each page, as somebody sees who follows the cursors."""
    pages: list[list[str]] = []
    cursor = None
    while True:
        page = await service.list(user_id, limit, cursor)
        pages.append([item.session.id for item in page.items])
        cursor = page.next_cursor
        if cursor is None:
            return pages


async def test_a_list_shows_ones_own_newest_first_page_by_page(desk: Desk) -> None:
    made = [(await desk.session()).id for _ in range(5)]
    await desk.session("bob")
    made.reverse()
    assert await _ids(desk.sessions, "ann", 2) == [made[:2], made[2:4], made[4:]]
    assert await _ids(desk.sessions, "ann", 5) == [made]
    assert await _ids(desk.sessions, "nobody", 5) == [[]]


async def test_a_file_is_found_by_its_id_whoever_owns_it(desk: Desk) -> None:
    _, images = await desk.with_images()
    assert await desk.sessions.find_asset(images[0].id) == images[0]
    assert await desk.sessions.find_asset("nothing") is None


async def test_sessions_of_the_same_moment_are_each_listed_once(desk: Desk) -> None:
    service = SessionService(desk.database, clock=lambda: datetime(2026, 1, 1, tzinfo=UTC))
    made = [(await service.create("ann")).id for _ in range(5)]
    pages = await _ids(service, "ann", 2)
    assert [len(page) for page in pages] == [2, 2, 1]
    assert sorted(session_id for page in pages for session_id in page) == sorted(made)


async def test_a_session_that_comes_between_two_pages_moves_nothing(desk: Desk) -> None:
    made = [(await desk.session()).id for _ in range(3)]
    first = await desk.sessions.list("ann", 2)
    await desk.session()
    second = await desk.sessions.list("ann", 2, first.next_cursor)
    assert [item.session.id for item in second.items] == [made[0]]


async def test_a_cursor_that_is_not_ours_is_refused(desk: Desk) -> None:
    with pytest.raises(InputError, match="cursor"):
        await desk.sessions.list("ann", 2, "eA")


async def test_a_page_has_its_limits(desk: Desk) -> None:
    for limit in (0, 101, -1):
        with pytest.raises(InputError, match="1 to 100"):
            await desk.sessions.list("ann", limit)


async def test_the_thumbnail_is_the_first_approved_image_else_the_first(desk: Desk) -> None:
    bare = await desk.session()
    unapproved = await desk.session()
    [first, _] = await desk.sessions.add_images("ann", unapproved.id, [image("a"), image("b")])
    chosen, [_, second] = await desk.with_images()
    await desk.sessions.approve_images("ann", chosen.id, [second.id])
    page = await desk.sessions.list("ann")
    thumbnails = {item.session.id: item.thumbnail for item in page.items}
    assert thumbnails == {bare.id: None, unapproved.id: first, chosen.id: second}


async def test_reading_takes_as_many_queries_for_many_as_for_one(desk: Desk) -> None:
    async def queries() -> list[int]:
        found: list[int] = []
        with counted(desk.database) as statements:
            await desk.sessions.get("ann", session.id)
            found.append(len(statements))
            await desk.sessions.list("ann", 50)
            found.append(len(statements) - sum(found))
            await desk.sessions.costs("ann", session.id)
            found.append(len(statements) - sum(found))
            await desk.sessions.view(session.id)
            found.append(len(statements) - sum(found))
        return found

    session, _ = await desk.with_clips(1)
    assert await queries() == [2, 2, 2, 2]
    for number in range(10):
        await desk.with_images(1)
        cost = CostEntry(f"work {number}", "video", "m", Decimal("0.1"), 1.0)
        await desk.sessions.add_made(session.id, clip(f"more {number}"), cost)
    assert await queries() == [2, 2, 2, 2]


async def test_costs_are_listed_in_the_order_of_the_work(desk: Desk) -> None:
    session = await desk.session()
    await desk.sessions.add_cost(session.id, CostEntry("z", "planner", "llm", Decimal("0.000123"), 0.5))
    failure = CostEntry("a", "video", "m", Decimal(0), 61.25, success=False, error="the provider refused")
    await desk.sessions.add_cost(session.id, failure)
    total, lines = await desk.sessions.costs("ann", session.id)
    assert total == Decimal("0.000123")
    assert [(line.agent, line.model, line.amount, line.duration) for line in lines] == [
        ("planner", "llm", Decimal("0.000123"), 0.5),
        ("video", "m", Decimal(0), 61.25),
    ]
    assert [(line.success, line.error) for line in lines] == [(True, None), (False, "the provider refused")]


async def test_the_typical_duration_is_the_median_of_recent_successes(desk: Desk) -> None:
    session = await desk.session()
    assert await desk.sessions.typical_duration("video", "m") is None
    durations = [1000.0] * 30 + [30.0] * 7 + [40.0] * 6 + [300.0] * 7
    for number, duration in enumerate(durations):
        await desk.sessions.add_cost(session.id, CostEntry(f"w{number}", "video", "m", Decimal(0), duration))
    await desk.sessions.add_cost(session.id, CostEntry("bad", "video", "m", Decimal(0), 1.0, success=False))
    await desk.sessions.add_cost(session.id, CostEntry("other", "video", "n", Decimal(0), 2.0))
    assert await desk.sessions.typical_duration("video", "m") == 40.0
    assert await desk.sessions.typical_duration("video", "n") == 2.0
    assert await desk.sessions.typical_duration("video", "o") is None


async def test_workers_read_whoever_owns_it(desk: Desk) -> None:
    session = await desk.session("bob")
    assert await desk.sessions.record(session.id) == session
    assert (await desk.sessions.view(session.id)).session == session
    with pytest.raises(NotFoundError):
        await desk.sessions.record("unknown")
    with pytest.raises(NotFoundError):
        await desk.sessions.view("unknown")
