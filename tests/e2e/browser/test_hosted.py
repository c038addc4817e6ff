"""Images and clips of hosted models, against the stand-in: described, bought at a price shown before, held by a budget."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

from playwright.async_api import Page, expect

from adreel.domain.costs.money import dollars
from support.browser import JOB_SECONDS, browser_test, plays
from support.journey import Journey, pick
from support.page import Visit, log_in, set_budget
from support.replicate import StandIn

pytestmark = browser_test

# What language models may cost, which write prompts and scenes; they come on top of the prices shown for images and clips.
FOR_WORDS = Decimal("0.10")
CENT = Decimal("0.01")
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
        await page.get_by_label("Number of images").select_option("2")
        images_cost = await told_price(page)
        await journey.button("Make images").click()
        await journey.at("images")
        await choose_made(journey)
        await journey.use_images()
        await a_shape_that_is_not_made_cannot_be_ordered(journey)
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
        # What is told is rounded up to cents.
        assert images_cost + clips_cost - 2 * CENT <= spent <= images_cost + clips_cost + FOR_WORDS
        await expect(page.get_by_text(f"Cost: {dollars(spent)}")).to_be_visible()


async def test_what_goes_beyond_the_budget_cannot_be_ordered_and_the_page_says_why(
    visit_hosted: Visit, stand_in: StandIn
) -> None:
    async with visit_hosted() as visitor:
        page = await visitor.tab()
        await log_in(page)
        journey = Journey(page)
        await page.get_by_label("Describe the product").fill("A matte stoneware mug")
        await page.get_by_label("Number of images").select_option("2")
        await journey.button("Make images").click()
        await journey.at("images")
        await choose_made(journey)
        await journey.use_images()
        await set_budget(page, "0.15")
        bought = stand_in.billing()["total"]
        await pick(page.get_by_role("radio", name="Runway"))
        total = page.locator("[data-total]")
        await expect(total).to_have_text(
            re.compile(r"This costs \$\d+\.\d\d\. Only \$0\.\d\d of this film's budget is left")
        )
        await expect(journey.button("Make clips")).to_be_disabled()
        await pick(page.get_by_role("radio", name="Local engine"))
        await expect(total).to_have_text(re.compile("2 clips of .*: free$"))
        await expect(journey.button("Make clips")).to_be_enabled()
        assert stand_in.billing()["total"] == bought


async def a_shape_that_is_not_made_cannot_be_ordered(journey: Journey) -> None:
    """Said before the button could be pressed, and gone with another shape."""
    page, shape = journey.page, journey.page.get_by_label("Format", exact=True)
    await pick(page.get_by_role("radio", name="Veo 3.1 Fast"))
    await shape.select_option("1:1")
    await expect(page.locator("[data-total]")).to_have_text(re.compile("This model makes no clips of 1:1"))
    await expect(journey.button("Make clips")).to_be_disabled()
    await shape.select_option("16:9")
    await expect(journey.button("Make clips")).to_be_enabled()


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
