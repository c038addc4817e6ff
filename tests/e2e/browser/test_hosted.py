"""Images and clips of hosted models, against the stand-in: described, bought with the price told before, held by a budget."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

from playwright.async_api import Page, expect

from support_browser import JOB_SECONDS, browser_test, plays
from support_journey import Journey, pick
from support_page import Visit, log_in
from support_replicate import StandIn

pytestmark = browser_test

# What language models may cost, which write prompts and scenes; they come on top of what is told for images and clips.
FOR_WORDS = Decimal("0.10")
_DOLLARS = re.compile(r"\$([\d.]+)")


async def test_a_description_becomes_images_clips_and_a_film(
    visit_hosted: Visit, stand_in: StandIn, tmp_path: Path
) -> None:
    before = Decimal(str(stand_in.billing()["total"]))
    async with visit_hosted() as visitor:
        page = await visitor.tab()
        await log_in(page)
        journey = Journey(page)
        await page.get_by_label("Describe the product").fill("A matte stoneware mug")
        await page.get_by_label("How many").select_option("2")
        images_cost = await told_price(page)
        await journey.button("Make images").click()
        await journey.at("images")
        await choose_made(journey)
        await journey.use_images()
        await pick(page.get_by_role("radio", name="Wan 2.2 fast"))
        await page.get_by_label("Length of each clip").select_option("1")
        clips_cost = await told_price(page)
        await journey.button("Make clips").click()
        await journey.clips_made(2)
        await journey.use_clips()
        await journey.make_film()
        await plays(page)
        spent = Decimal(str(stand_in.billing()["total"])) - before
        assert images_cost + clips_cost > 0
        assert images_cost + clips_cost <= spent <= images_cost + clips_cost + FOR_WORDS
        await expect(page.get_by_text(f"What it cost: ${spent.normalize():f}")).to_be_visible()


async def test_what_goes_beyond_the_budget_is_not_bought_and_said_so(visit_hosted: Visit, stand_in: StandIn) -> None:
    async with visit_hosted() as visitor:
        visitor.expected.append(r"status of 4\d\d")
        page = await visitor.tab()
        await log_in(page)
        journey = Journey(page)
        await page.get_by_label("Describe the product").fill("A matte stoneware mug")
        await page.get_by_label("How many").select_option("2")
        await journey.button("Make images").click()
        await journey.at("images")
        await choose_made(journey)
        await journey.use_images()
        await set_budget(page, "0.15")
        bought = stand_in.billing()["total"]
        await pick(page.get_by_role("radio", name="Runway"))
        await journey.button("Make clips").click()
        await expect(page.get_by_role("alert").filter(has_text=re.compile("budget", re.IGNORECASE))).to_be_visible()
        assert stand_in.billing()["total"] == bought


async def choose_made(journey: Journey) -> None:
    """Generated images are looked at before they are chosen: none is to begin with."""
    boxes = journey.images.get_by_role("checkbox")
    await expect(boxes).to_have_count(2, timeout=JOB_SECONDS * 1000)
    await expect(journey.button("Use these images")).to_be_disabled()
    for box in await boxes.all():
        await pick(box)


async def told_price(page: Page) -> Decimal:
    """What the page says that it will cost, before anything is ordered."""
    total = page.locator("[data-total]")
    await expect(total).to_have_text(_DOLLARS)
    found = _DOLLARS.search(await total.inner_text())
    assert found is not None
    return Decimal(found.group(1).rstrip("."))


async def set_budget(page: Page, cap: str) -> None:
    await page.get_by_text("Budget of this film").click()
    await page.get_by_label("At most, US dollars").fill(cap)
    async with page.expect_response(lambda answer: answer.url.endswith("/budget")) as saved:
        await page.get_by_role("button", name="Save").click()
    assert (await saved.value).ok
