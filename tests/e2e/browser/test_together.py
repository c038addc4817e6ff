"""Several tabs, a connection that comes and goes, work that is called off, a service that is away."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import Browser, Page, WebSocketRoute, expect

from support.browser import JOB_SECONDS, browser_test, no_barriers, until, visiting
from support.journey import Journey
from support.page import Split, Visit, ready_to_finish, with_clips, with_images
from support.service import Customer, serve

pytestmark = browser_test

# What the browser says of requests that a test makes fail.
CUT = [r"net::ERR_INTERNET_DISCONNECTED", r"net::ERR_CONNECTION_REFUSED", r"WebSocket connection to .* failed"]


class Line:
    """The WebSocket between page and service. It can be cut, which the page sees as a lost connection, and mended."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._is_cut = False
        self._open: list[WebSocketRoute] = []

    async def watch(self) -> None:
        await self._page.route_web_socket(re.compile("/ws/"), self._connect)

    async def cut(self) -> None:
        self._is_cut = True
        for socket in self._open:
            await socket.close(code=1001)
        await self._page.context.set_offline(True)

    async def mend(self) -> None:
        self._is_cut = False
        await self._page.context.set_offline(False)

    async def _connect(self, socket: WebSocketRoute) -> None:
        if self._is_cut:
            await socket.close(code=1001)
            return
        socket.connect_to_server()
        self._open.append(socket)


async def test_a_connection_that_was_cut_catches_up(visit: Visit, address: str, photos: list[Path]) -> None:
    async with Customer(address) as customer:
        session_id = await with_images(customer, photos[:1])
        async with visit() as visitor:
            visitor.expected += CUT
            page = await visitor.tab(None)
            line = Line(page)
            await line.watch()
            await page.goto(f"{address}/s/{session_id}/clips")
            journey = Journey(page)
            await line.cut()
            await expect(page.get_by_text(re.compile("offline|connection", re.IGNORECASE)).first).to_be_visible()
            await customer.clips(session_id, 1.0)
            await expect(journey.clips).to_have_count(0)
            await line.mend()
            await journey.clips_made(1)


async def test_two_tabs_stay_in_step(visit: Visit, photos: list[Path]) -> None:
    """What is started in one is seen in the other, to its end and to the next step."""
    async with visit() as visitor:
        first = Journey(await visitor.tab())
        await first.drop_photos(photos)
        await first.use_images()
        second = Journey(await visitor.tab(f"/s/{first.session_id}/clips"))
        await first.order_clips()
        await expect(second.page.locator("#work progress")).to_be_visible()
        await second.clips_made(2)
        await first.clips_made(2)
        assert await first.clip_ids() == await second.clip_ids()
        await first.use_clips()
        await second.use_clips()
        await first.make_film()
        await second.at("result")
        await expect(second.page.locator("video")).to_have_count(1)


async def test_work_is_called_off_and_ordered_again(visit_split: Visit, split: Split, photos: list[Path]) -> None:
    async with Customer(split.address) as customer:
        session_id = await with_images(customer, photos[:1])
    async with visit_split() as visitor:
        journey = Journey(await visitor.tab(f"/s/{session_id}/clips"))
        with split.standing_still():
            await journey.order_clips(prompt="quiet luxury")
            await expect(journey.page.locator("#work progress")).to_be_visible()
            await no_barriers(journey.page)
            await journey.button("Cancel").click()
            await expect(journey.page.locator("#work")).to_be_hidden()
        await expect(journey.button("Make clips")).to_be_visible()
        await journey.order_clips(prompt="calm")
        await journey.clips_made(1)


async def test_a_clip_is_seen_large_and_a_new_take_comes_beside_it(
    visit: Visit, address: str, photos: list[Path]
) -> None:
    async with Customer(address) as customer:
        session_id = await with_clips(customer, photos[:1])
    async with visit() as visitor:
        journey = Journey(await visitor.tab(f"/s/{session_id}/clips"))
        await seen_large(journey)
        await an_idea_follows_typed_words(journey)
        await journey.clips.first.get_by_role("button", name="New take").click()
        await journey.clips_made(2)
        await expect(journey.page.get_by_role("checkbox", name=re.compile("take 2"))).to_have_count(1)


async def seen_large(journey: Journey) -> None:
    """In a dialog over the page, until it is closed."""
    page = journey.page
    await journey.clips.first.hover()
    await journey.button("See large").click()
    await until(page, "() => document.querySelector('#large video').readyState >= 2")
    await no_barriers(page)
    await page.get_by_role("dialog").get_by_role("button", name="Close").click()
    await expect(page.get_by_role("dialog")).to_be_hidden()


async def an_idea_follows_typed_words(journey: Journey) -> None:
    page = journey.page
    await page.get_by_text("Make clips with other settings").click()
    words = page.get_by_label("How should the film feel?")
    await words.fill("Only at night")
    for idea in ("Bold and fast", "Quiet luxury"):
        await page.get_by_role("button", name=idea).click()
    await expect(words).to_have_value("Only at night. Quiet luxury, dark and polished")
    await expect(page.get_by_label("Length of each clip")).to_have_value("1")


async def test_the_service_goes_away_and_comes_back(browser: Browser, photos: list[Path], tmp_path: Path) -> None:
    """The page says that it cannot reach the service, keeps what was typed, and goes on by itself."""
    process, address = serve(tmp_path)
    try:
        async with Customer(address) as customer:
            session_id = await ready_to_finish(customer, photos[:1])
        async with visiting(browser, address) as visitor:
            visitor.expected += CUT
            journey = Journey(await visitor.tab(f"/s/{session_id}/finish"))
            await journey.words("Morgen", "Order yours")
            assert process.stop() == 0, process.output
            await journey.button("Make the film").click()
            await expect(
                journey.page.get_by_role("alert").filter(has_text=re.compile("reach|connection"))
            ).to_be_visible()
            process, again = serve(tmp_path, "--port", address.rpartition(":")[2])
            assert again == address
            await expect(journey.page.get_by_label("Product name")).to_have_value("Morgen")
            await journey.button("Make the film").click()
            await journey.at("result", JOB_SECONDS)
    finally:
        process.stop()
