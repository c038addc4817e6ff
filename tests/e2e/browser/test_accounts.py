"""Where people log in: the door, keys for programs, the budget."""

from __future__ import annotations

import re

import httpx
from playwright.async_api import Locator, Page, expect

from support_browser import browser_test
from support_page import EMAIL, Visit, log_in

pytestmark = browser_test


async def test_only_who_knows_the_password_comes_in_and_out_again(visit_hosted: Visit) -> None:
    async with visit_hosted() as visitor:
        visitor.expected.append("status of 401 .*/login")
        page = await visitor.tab("/settings")
        await expect(page.locator("main[data-screen=login]")).to_be_visible()
        await log_in(page, "a wrong password")
        await expect(page.get_by_role("alert").filter(has_text=re.compile("password", re.IGNORECASE))).to_be_visible()
        await expect(page.get_by_label("E-mail")).to_have_value(EMAIL)
        await log_in(page)
        await expect(page.locator("main[data-screen=settings]")).to_be_visible()
        await expect(page.get_by_text(EMAIL)).to_be_visible()
        cookie = next(cookie for cookie in await visitor.context.cookies() if cookie.get("name") == "adreel_session")
        assert (cookie.get("httpOnly"), cookie.get("sameSite")) == (True, "Strict")
        await page.get_by_role("button", name="Log out").click()
        await expect(page.locator("main[data-screen=login]")).to_be_visible()
        await page.goto(f"{visitor.address}/")
        await expect(page.locator("main[data-screen=login]")).to_be_visible()
        async with program(visitor.address, cookie.get("value", "")) as copied:
            assert (await copied.get("/api/auth/me")).status_code == 401


async def test_a_key_opens_the_api_until_it_is_revoked(visit_hosted: Visit) -> None:
    async with visit_hosted() as visitor:
        page = await visitor.tab("/settings")
        await log_in(page)
        await page.get_by_label("Name of a new key").fill("Nightly export")
        await page.get_by_role("button", name="Create key").click()
        shown = page.get_by_role("dialog").get_by_label("API key", exact=True)
        await expect(shown).to_have_value(re.compile("."))
        key = await shown.input_value()
        await page.get_by_role("button", name="Done").click()
        async with program(visitor.address, key) as export:
            assert (await export.get("/api/sessions")).status_code == 200
            await expect(page.get_by_text("Nightly export")).to_be_visible()
            await expect(page.get_by_text(key)).to_have_count(0)
            await page.get_by_role("button", name="Revoke Nightly export").click()
            await page.get_by_role("dialog").get_by_role("button", name="Revoke key").click()
            await expect(page.get_by_text("Nightly export")).to_have_count(0)
            assert (await export.get("/api/sessions")).status_code == 401


async def test_the_budget_is_set_and_what_cannot_be_is_refused(visit_hosted: Visit) -> None:
    async with visit_hosted() as visitor:
        visitor.expected.append(r"status of 4\d\d")
        page = await visitor.tab("/settings")
        await log_in(page)
        await save_cap(page, "25")
        await expect(left(page)).to_have_text("$25.00")
        await expect(page.get_by_label("At most, US dollars")).to_have_value("25.00")
        await page.get_by_label("At most, US dollars").fill("a lot")
        await page.get_by_role("button", name="Save").click()
        await expect(
            page.get_by_role("alert").filter(has_text=re.compile("dollar|amount|number", re.IGNORECASE))
        ).to_be_visible()
        await save_cap(page, "")
        await expect(left(page)).to_have_text("no limit")
        await expect(page.get_by_label("At most, US dollars")).to_have_value("")


def left(page: Page) -> Locator:
    """What may still be spent, as the service sees it."""
    return page.locator("#account dd").last


def program(address: str, token: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=address, headers={"Authorization": f"Bearer {token}"}, trust_env=False)


async def save_cap(page: Page, cap: str) -> None:
    await page.get_by_label("At most, US dollars").fill(cap)
    async with page.expect_response(lambda answer: answer.url.endswith("/api/account/budget")) as saved:
        await page.get_by_role("button", name="Save").click()
    assert (await saved.value).ok
