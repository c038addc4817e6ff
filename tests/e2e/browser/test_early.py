"""What is pressed while the page's modules are still on their way."""

from __future__ import annotations

import asyncio

from playwright.async_api import Route

from support.browser import browser_test
from support.journey import Journey
from support.page import Visit

pytestmark = browser_test


async def test_what_is_pressed_before_the_modules_are_there_is_done_when_they_are(visit: Visit) -> None:
    pressed = asyncio.Event()

    async def late(route: Route) -> None:
        await pressed.wait()
        await route.continue_()

    async with visit() as visitor:
        page = await visitor.tab(None)
        await page.route("**/js/start.js", late)
        await page.goto(visitor.address + "/", wait_until="commit")
        await page.locator("[data-example=mug]").dispatch_event("click")
        pressed.set()
        await Journey(page).at("images")
