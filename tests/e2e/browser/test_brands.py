"""A brand is added in the settings by keyboard, chosen for a film, seen on its last card, and deleted."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Page, expect

from support.browser import STEP_SECONDS, browser_test, no_barriers, no_sideways
from support.journey import Journey
from support.page import Visit

pytestmark = browser_test

WAIT = STEP_SECONDS * 1000


def logo() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (160, 80), "#c81e1e").save(file, "PNG")
    return file.getvalue()


@pytest.mark.long
async def test_a_brand_is_added_chosen_seen_and_deleted(visit: Visit, photos: list[Path]) -> None:
    async with visit(viewport={"width": 390, "height": 844}) as visitor:
        page = await visitor.tab("/settings")
        visitor.expected.append("status of 422")
        await _added(page)
        await no_sideways(page)
        await no_barriers(page)
        journey = Journey(await visitor.tab())
        page = journey.page
        await journey.drop_photos(photos)
        await journey.use_images()
        await journey.order_clips()
        await journey.clips_made(2)
        await journey.use_clips()
        await page.get_by_label("Brand", exact=True).select_option("Morgen")
        # The screen is drawn again with the brand: its words, its colour, and the keyboard where it was.
        await expect(page.get_by_label("Call to action")).to_have_value("Order yours", timeout=WAIT)
        await expect(page.get_by_label("Brand", exact=True)).to_be_focused()
        await expect(page.get_by_text("Of the brand", exact=True)).to_be_visible()
        await expect(page.locator("[data-thumb=outro]")).to_be_visible(timeout=WAIT)
        await no_sideways(page)
        await no_barriers(page)
        await page.goto(f"{visitor.address}/settings")
        await page.locator("#brand-kit-morgen > summary").click()
        await page.get_by_role("button", name="Delete brand").click()
        await page.get_by_role("dialog").get_by_role("button", name="Delete brand").click()
        await expect(page.locator("#brand-kit-morgen")).to_have_count(0)


async def _added(page: Page) -> None:
    """First with a file that is no logo: the form says so, and keeps what was typed."""
    form = page.locator("#new-brand form")
    if not await form.is_visible():
        await page.locator("#new-brand > summary").press("Enter")
    await form.get_by_label("Name of the brand").fill("Morgen")
    await form.get_by_label("Usual call to action").fill("Order yours")
    await form.get_by_label("Use this").press("Space")
    await form.get_by_label("Logo", exact=True).set_input_files(
        {"name": "mark.svg", "mimeType": "image/png", "buffer": b"<svg/>"}
    )
    await form.get_by_role("button", name="Add brand").press("Enter")
    await expect(form.get_by_role("alert")).to_contain_text("mark.svg is no SVG", timeout=WAIT)
    await form.get_by_label("Logo", exact=True).set_input_files(
        {"name": "mark.png", "mimeType": "image/png", "buffer": logo()}
    )
    await form.get_by_role("button", name="Add brand").press("Enter")
    await expect(page.locator("#brand-kit-morgen img").first).to_be_visible(timeout=WAIT)
