"""A catalogue of films is begun with a feed, its samples are looked at, the rest is made, taken away and deleted; by keyboard."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import expect

from support.browser import STEP_SECONDS, browser_test, no_barriers, no_sideways
from support.page import Visit

pytestmark = browser_test

WAIT = STEP_SECONDS * 1000
FEED = (
    b"sku,Bezeichnung,price,image_link\nA,Mug,9 EUR,https://shop.example/a.png\nB,Bowl,ask,https://shop.example/b.png\n"
)


async def test_a_feed_is_mapped_planned_cancelled_and_deleted(visit: Visit, tmp_path: Path) -> None:
    async with visit(viewport={"width": 390, "height": 844}) as visitor:
        page = await visitor.tab("/catalogue")
        await no_barriers(page)
        await page.get_by_label("Product feed").set_input_files(
            {"name": "mugs.csv", "mimeType": "text/csv", "buffer": FEED}
        )
        await expect(page.get_by_text("Choose the column for: title.")).to_be_visible(timeout=WAIT)
        await page.get_by_label("Name, needed").select_option("bezeichnung")
        await expect(page.get_by_role("cell", name="Mug")).to_be_visible(timeout=WAIT)
        await expect(page.get_by_label("Name of the catalogue")).to_have_value("mugs")
        await expect(page.get_by_text("1 problem", exact=True)).to_be_visible()
        await no_sideways(page)
        await no_barriers(page)
        await page.get_by_label("I may use the photos").press("Space")
        await page.get_by_role("button", name="Only plan").press("Enter")
        await expect(page.get_by_role("heading", name="Planned")).to_be_visible(timeout=WAIT)
        await expect(page.get_by_role("cell", name="price", exact=True)).to_be_visible()
        await no_sideways(page)
        await no_barriers(page)
        await page.get_by_role("button", name="Cancel").press("Enter")
        await expect(page.get_by_role("heading", name="Cancelled")).to_be_visible(timeout=WAIT)
        await page.get_by_role("button", name="Delete").press("Enter")
        await page.get_by_role("dialog").get_by_role("button", name="Delete").press("Enter")
        await expect(page.get_by_text("None yet.")).to_be_visible(timeout=WAIT)
