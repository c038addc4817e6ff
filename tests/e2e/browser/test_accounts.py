"""Where people log in: the door, keys for programs, the budget."""

from __future__ import annotations

import json
import re
import zipfile

import httpx
from playwright.async_api import Locator, Page, expect

from support.browser import browser_test
from support.page import EMAIL, LEAVING, PASSWORD, Visit, log_in

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
        shown = page.get_by_role("dialog").get_by_label("Your new key")
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
        await expect(page.get_by_label("Limit in US dollars")).to_have_value("25.00")
        await page.get_by_label("Limit in US dollars").fill("a lot")
        await page.get_by_role("button", name="Save").click()
        await expect(
            page.get_by_role("alert").filter(has_text=re.compile("dollar|amount|number", re.IGNORECASE))
        ).to_be_visible()
        # Without a limit of one's own: more than the operator allows the account.
        await page.get_by_label("Limit in US dollars").fill("")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("alert").filter(has_text="$100")).to_be_visible()
        await expect(left(page)).to_have_text("$25.00")


async def test_an_account_is_taken_along_and_deleted_once_the_password_is_given(visit_hosted: Visit) -> None:
    async with visit_hosted() as visitor:
        visitor.expected.append(r"status of 4\d\d")
        page = await visitor.tab("/settings")
        await log_in(page, email=LEAVING)
        async with page.expect_download() as export:
            await page.get_by_role("link", name="Download my data").click()
        path = await (await export.value).path()
        with zipfile.ZipFile(path) as whole:
            assert json.loads(whole.read("account.json"))["account"]["email"] == LEAVING
        await delete_account(page, "not the password", "Keep it")
        await expect(page.locator("main[data-screen=settings]")).to_be_visible()
        await delete_account(page, "not the password", "Delete account")
        await expect(page.get_by_role("alert").filter(has_text="nothing was deleted")).to_be_visible()
        await page.get_by_role("alert").get_by_role("button", name="Close").click()
        await delete_account(page, PASSWORD, "Delete account")
        await expect(page.locator("main[data-screen=login]")).to_be_visible()
        await log_in(page, email=LEAVING)
        await expect(page.get_by_role("alert").filter(has_text=re.compile("password", re.IGNORECASE))).to_be_visible()


async def delete_account(page: Page, password: str, answer: str) -> None:
    await page.get_by_label("Your password").fill(password)
    await page.get_by_role("button", name="Delete my account").click()
    await page.get_by_role("dialog").get_by_role("button", name=answer).click()


async def test_after_too_many_attempts_the_page_says_how_long_to_wait_and_keeps_the_way_back(
    visit_hosted: Visit,
) -> None:
    async with visit_hosted() as visitor:
        visitor.expected.append(r"status of 4\d\d .*/login")
        page = await visitor.tab("/settings")
        for number in range(6):
            await page.get_by_label("E-mail").fill("stranger@example.org")
            await page.get_by_label("Password").fill(f"a wrong password {number}")
            async with page.expect_response(lambda answer: answer.url.endswith("/login")):
                await page.get_by_role("button", name="Log in").click()
        alert = page.get_by_role("alert").filter(has_text="Too many attempts to log in; try again in 3 minutes.")
        await expect(alert).to_contain_text("API keys keep working.")
        await expect(page.get_by_label("E-mail")).to_have_value("stranger@example.org")
        await log_in(page)
        await expect(page.locator("main[data-screen=settings]")).to_be_visible()


async def test_a_tab_is_led_to_the_login_when_another_logs_out_and_comes_back(visit_hosted: Visit) -> None:
    async with visit_hosted() as visitor:
        visitor.expected.append(r"status of 401 .*/(login|ticket)")
        page = await visitor.tab("/settings")
        await log_in(page)
        await expect(page.locator("main[data-screen=settings]")).to_be_visible()
        cookie = next(cookie for cookie in await visitor.context.cookies() if cookie.get("name") == "adreel_session")
        async with program(visitor.address, cookie.get("value", "")) as copied:
            session = (await copied.post("/api/sessions/create", json={})).json()["session_id"]
        tab = await visitor.tab(f"/s/{session}/images")
        await expect(tab.locator("main[data-screen=images]")).to_be_visible()
        await page.get_by_role("button", name="Log out").click()
        await expect(tab.locator("main[data-screen=login]")).to_be_visible()
        await log_in(tab)
        await expect(tab.locator("main[data-screen=images]")).to_be_visible()
        assert tab.url.endswith(f"/s/{session}/images")


def left(page: Page) -> Locator:
    """What may still be spent, as the service sees it."""
    return page.locator("#account dd").last


def program(address: str, token: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=address, headers={"Authorization": f"Bearer {token}"}, trust_env=False)


async def save_cap(page: Page, cap: str) -> None:
    await page.get_by_label("Limit in US dollars").fill(cap)
    async with page.expect_response(lambda answer: answer.url.endswith("/api/account/budget")) as saved:
        await page.get_by_role("button", name="Save").click()
    assert (await saved.value).ok
