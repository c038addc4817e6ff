"""The description of the API works offline, under a policy that allows no inline script or style."""

from __future__ import annotations

from playwright.async_api import expect

from support.browser import browser_test
from support.page import Visit

pytestmark = browser_test


async def test_the_description_is_shown_and_breaks_no_policy(visit: Visit) -> None:
    async with visit() as visitor:
        page = await visitor.tab("/docs")
        await expect(page.get_by_role("heading", name="adreel", exact=False).first).to_be_visible()
        operation = page.locator("#operations-sessions-change_session")
        await operation.get_by_role("button").first.click()
        await expect(operation.get_by_text("Gives a session another name").first).to_be_visible()
        await expect(operation.get_by_role("button", name="Try it out")).to_be_visible()
