"""A request that got no answer is sent again under the same key, also by a later click."""

from __future__ import annotations

from playwright.async_api import Route

from support.browser import browser_test
from support.journey import Journey
from support.page import Visit

pytestmark = browser_test

SESSIONS = "fetch('/api/sessions').then((answer) => answer.json())"
TRIES = 3
"""How often the page sends a request by itself before it says that the service cannot be reached."""


async def test_a_click_after_a_lost_answer_is_the_same_request(visit: Visit) -> None:
    keys: list[str] = []

    async def lose(route: Route) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) > TRIES:
            await route.continue_()
            return
        # The service does the work, and the answer never comes.
        await route.fetch()
        await route.abort()

    async with visit() as visitor:
        visitor.expected.append(r"net::ERR_FAILED")
        page = await visitor.tab()
        before = len((await page.evaluate(SESSIONS))["sessions"])
        await page.route("**/api/sessions/create", lose)
        await page.locator("[data-example=mug]").click()
        await page.get_by_text("cannot be reached").first.wait_for()
        await page.locator("[data-example=mug]").click()
        await Journey(page).at("images")
        assert len(set(keys)) == 1
        assert len((await page.evaluate(SESSIONS))["sessions"]) == before + 1
