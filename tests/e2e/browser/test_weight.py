"""The page is light, whole at its first paint, and comes from one host."""

from __future__ import annotations

from playwright.async_api import Page, expect

from support.browser import browser_test
from support.page import Visit

pytestmark = browser_test

FIRST_PAINT_BYTES = 100_000

# What came over the line for the page itself, heads included; what comes from the cache counts nothing. The browser gives
# the icon no timing worth the name.
_TRANSFERRED = """() => performance.getEntries()
    .filter(entry => ['navigation', 'link', 'script', 'css', 'other'].includes(entry.initiatorType))
    .filter(entry => !entry.name.endsWith('.svg'))
    .map(entry => [entry.name, entry.transferSize])"""


async def transferred(page: Page) -> dict[str, int]:
    """Bytes by address: document, styles, scripts."""
    await page.wait_for_load_state("load")
    sizes: dict[str, int] = dict(await page.evaluate(_TRANSFERRED))
    assert any("/static/" in name for name in sizes)
    return sizes


async def test_first_paints_are_light(visit: Visit, finished: str) -> None:
    """Nothing but pictures and films goes beyond 100 KB, on any screen with an empty cache."""
    for path in ("/", *(f"/s/{finished}/{step}" for step in ("images", "clips", "finish", "result")), "/settings"):
        async with visit() as visitor:
            size = sum((await transferred(await visitor.tab(path))).values())
            assert 1000 < size < FIRST_PAINT_BYTES, (path, size)


async def test_a_second_visit_takes_files_from_the_cache(visit: Visit) -> None:
    async with visit() as visitor:
        page = await visitor.tab()
        first = await transferred(page)
        await page.goto(f"{visitor.address}/settings")
        await page.goto(f"{visitor.address}/")
        second = await transferred(page)
        assert [name for name, size in first.items() if size == 0] == []
        assert [name for name, size in second.items() if size > 0] == [f"{visitor.address}/"]


async def test_everything_is_there_without_scripts(visit: Visit, finished: str) -> None:
    """The HTML is whole: what scripts add is life, not content."""
    async with visit(java_script_enabled=False) as visitor:
        page = await visitor.tab(f"/s/{finished}/result")
        await expect(page.get_by_role("link", name="Download 16:9")).to_be_visible()
        await expect(page.locator("video")).to_be_visible()
        await page.goto(f"{visitor.address}/s/{finished}/clips")
        await expect(page.locator("li.clip")).to_have_count(2)


async def test_the_policy_forbids_scripts_of_others(visit: Visit) -> None:
    async with visit() as visitor:
        visitor.expected.append("Content Security Policy")
        page = await visitor.tab()
        ran = await page.evaluate(
            """() => new Promise(done => {
                window.ran = false;
                const script = document.createElement('script');
                script.textContent = 'window.ran = true';
                document.addEventListener('securitypolicyviolation', () => done(window.ran), { once: true });
                document.head.append(script);
            })"""
        )
        assert ran is False
