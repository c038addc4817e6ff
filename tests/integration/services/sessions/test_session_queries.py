from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from adreel.domain.errors import InputError, NotFoundError
from adreel.domain.sessions.jobs import JobSize
from adreel.domain.sessions.stage import Action
from adreel.services.sessions.records import CostEntry
from adreel.services.sessions.service import SessionService
from support.db import counted
from support.sessions import Desk, clip, image


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


async def test_a_file_is_found_by_its_id_for_any_owner(desk: Desk) -> None:
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


async def test_jobs_are_timed_from_order_to_ready_by_model_and_length(desk: Desk) -> None:
    session = await desk.session()
    for number, (model, length, waited) in enumerate([("m", 3.0, 70), ("m", 5.0, 90), ("n", 3.0, 5)]):
        job = f"job-{number}"
        order = (session.user_id, session.id, Action.GENERATE_IMAGES, job, {})
        await desk.sessions.begin(*order, size=JobSize(model, length, 2))
        made = await desk.sessions.add_made(session.id, image(job))
        desk.clock.now += timedelta(seconds=waited)
        await desk.sessions.finish(job, made=[made.id])
    actions = (Action.GENERATE_IMAGES,)
    [timed] = await desk.sessions.timed_jobs(actions, "m", 3.0)
    assert (timed.parts, timed.length) == (1, 3.0)
    assert 70 <= timed.seconds < 85
    assert [round(each.length) for each in await desk.sessions.timed_jobs(actions, "m")] == [5, 3]
    assert await desk.sessions.timed_jobs((Action.COMPOSE,), "m") == ()


async def test_jobs_that_made_nothing_new_teach_nothing(desk: Desk) -> None:
    session = await desk.session()
    made = await desk.sessions.add_made(session.id, image())
    order = (session.user_id, session.id, Action.GENERATE_IMAGES)
    await desk.sessions.begin(*order, "all-there", {}, size=JobSize("m", 3.0, 1))
    await desk.sessions.finish("all-there", made=[made.id])
    await desk.sessions.begin(*order, "failed", {}, size=JobSize("m", 3.0, 1))
    await desk.sessions.fail("failed", "no")
    assert await desk.sessions.timed_jobs((Action.GENERATE_IMAGES,), "m") == ()


async def test_workers_read_files_of_any_owner(desk: Desk) -> None:
    session = await desk.session("bob")
    assert await desk.sessions.record(session.id) == session
    assert (await desk.sessions.view(session.id)).session == session
    with pytest.raises(NotFoundError):
        await desk.sessions.record("unknown")
    with pytest.raises(NotFoundError):
        await desk.sessions.view("unknown")
