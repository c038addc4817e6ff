"""No screen has barriers or is too wide, in light and dark, on a desk, on a phone and in a narrow window."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.browser import JOB_SECONDS, NARROW, PHONE, Visitor, browser_test, no_barriers, no_sideways, plays
from support.journey import Journey
from support.page import Visit, log_in

pytestmark = browser_test

STEPS = ("images", "script", "clips", "finish", "result")


def paths(session_id: str) -> list[str]:
    return ["/", *(f"/s/{session_id}/{step}" for step in STEPS), "/settings", "/s/nowhere"]


async def look(visitor: Visitor, session_id: str, *, dark: bool) -> None:
    visitor.expected.append("status of 404")
    page = await visitor.tab(None)
    for path in paths(session_id):
        await page.goto(visitor.address + path)
        await no_sideways(page)
        for details in await page.locator("details:visible > summary").all():
            await details.click()
        await no_sideways(page)
        await no_barriers(page, dark=dark)


async def test_no_screen_has_barriers_or_scrolls_sideways(visit: Visit, finished: str) -> None:
    async with visit() as visitor:
        await look(visitor, finished, dark=True)


async def test_nor_in_a_window_of_360_pixels(visit: Visit, finished: str) -> None:
    async with visit(**NARROW) as visitor:
        # Colours do not depend on the width.
        await look(visitor, finished, dark=False)


@pytest.mark.parametrize("options", [{}, NARROW], ids=["wide", "narrow"])
async def test_nor_where_people_log_in(visit_hosted: Visit, options: dict[str, object]) -> None:
    async with visit_hosted(**options) as visitor:
        page = await visitor.tab("/settings")
        await no_barriers(page)
        await log_in(page)
        for path in ("/settings", "/"):
            await page.goto(visitor.address + path)
            await no_sideways(page)
            await no_barriers(page)


async def test_the_whole_way_on_a_phone(visit: Visit, photos: list[Path]) -> None:
    async with visit(**PHONE) as visitor:
        journey = Journey(await visitor.tab())
        await journey.choose_photos(photos)
        await no_sideways(journey.page)
        await tap(journey, "Use these images")
        await journey.at("clips")
        await no_sideways(journey.page)
        await journey.order_clips()
        await no_sideways(journey.page)
        await journey.clips_made(2)
        await no_sideways(journey.page)
        await tap(journey, "Use these clips")
        await journey.at("finish")
        await journey.words("Morgen", "Order yours")
        await no_sideways(journey.page)
        await tap(journey, "Make the film")
        await journey.at("result", JOB_SECONDS)
        await no_sideways(journey.page)
        await plays(journey.page)


async def tap(journey: Journey, name: str) -> None:
    await journey.button(name).tap()
