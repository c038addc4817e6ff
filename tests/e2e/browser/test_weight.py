"""The page is light, whole at its first paint, and comes from one host."""

from __future__ import annotations

from playwright.async_api import Request, expect

from support_browser import browser_test
from support_page import Visit

pytestmark = browser_test

MEDIA = ("image", "media")
FIRST_PAINT_BYTES = 100_000


async def transferred(requests: list[Request]) -> int:
    """Bytes on the line, heads included."""
    total = 0
    for request in requests:
        sizes = await request.sizes()
        total += sizes["responseBodySize"] + sizes["responseHeadersSize"]
    return total


async def test_first_paints_are_light(visit: Visit, finished: str) -> None:
    """Nothing but pictures and films goes beyond 100 KB, on any screen with an empty cache."""
    for path in ("/", *(f"/s/{finished}/{step}" for step in ("images", "clips", "finish", "result")), "/settings"):
        async with visit() as visitor:
            page = await visitor.tab(path)
            await page.wait_for_load_state("load")
            needed = [
                request for request in visitor.requests if request.resource_type not in MEDIA and is_file(request)
            ]
            size = await transferred(needed)
            assert 1000 < size < FIRST_PAINT_BYTES, (path, size)


def is_file(request: Request) -> bool:
    return request.url.startswith("http") and request.resource_type in ("document", "stylesheet", "script", "font")


async def test_a_second_visit_takes_files_from_the_cache(visit: Visit) -> None:
    async with visit() as visitor:
        page = await visitor.tab()
        await page.wait_for_load_state("load")
        await page.goto(f"{visitor.address}/settings")
        known = len(visitor.requests)
        await page.goto(f"{visitor.address}/")
        await page.wait_for_load_state("load")
        again = [request for request in visitor.requests[known:] if "/static/" in request.url]
        assert again
        for request in again:
            sizes = await request.sizes()
            assert sizes["responseBodySize"] == 0, request.url


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
