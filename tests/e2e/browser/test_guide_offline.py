"""The built guide as a reader opens it: from the disk, without a server, with its search."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from support.browser import DESKTOP, PHONE, browser_test, visiting
from support.guide import build_site, sections

pytestmark = browser_test


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("site")
    build_site(target)
    return target


def file_of(page: str) -> str:
    return page.replace("README.md", "index.md").removesuffix(".md") + ".html"


async def test_every_page_is_shown_and_asks_no_server(browser: Browser, site: Path) -> None:
    async with visiting(browser, site.as_uri()) as visitor:
        tab = await visitor.tab(None)
        for page in [page for pages in sections().values() for page in pages]:
            await tab.goto(f"{site.as_uri()}/{file_of(page)}")
            await expect(tab.locator("article h1")).to_be_visible()
        assert {request.url.partition(":")[0] for request in visitor.requests} <= {"file", "data", "blob"}


@pytest.mark.parametrize("screen", [DESKTOP, PHONE], ids=["desk", "phone"])
async def test_a_message_is_found_by_search(browser: Browser, site: Path, screen: dict[str, object]) -> None:
    async with visiting(browser, site.as_uri(), **screen) as visitor:
        tab = await visitor.tab("/index.html")
        if screen is PHONE:
            await tab.locator("label[for=__search]").first.click()
        query = tab.locator("input[name=query]")
        await query.click()
        await expect(tab.locator(".md-search-result__meta")).to_have_text("Type to start searching")
        await query.press_sequentially("recordings")
        await expect(tab.locator(".md-search-result__item", has_text="Clips to compose").first).to_be_visible()


async def test_no_page_is_wider_than_a_phone(browser: Browser, site: Path) -> None:
    async with visiting(browser, site.as_uri(), **PHONE) as visitor:
        tab = await visitor.tab(None)
        for page in sections()["Guide"]:
            await tab.goto(f"{site.as_uri()}/{file_of(page)}")
            assert await tab.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"], page
