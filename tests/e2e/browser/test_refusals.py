"""What cannot be used is refused in words that say what to do, and what was there before stays."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
from playwright.async_api import expect

from support.browser import browser_test, drop
from support.journey import Journey
from support.page import Visit
from support.pictures import texture

pytestmark = browser_test

# The browser notes every refused request in its console.
REFUSED = r"status of 4\d\d"
# Linear B, which no bundled font has.
UNSHOWABLE = "𐀀𐀁𐀂"


async def test_photos_that_cannot_be_used_are_named_and_the_others_kept(
    visit: Visit, photos: list[Path], tmp_path: Path
) -> None:
    """Of files that are of no use nothing stays behind; among good photos they are named, and so is one that is there twice."""
    broken, tiny, text, notes = (tmp_path / name for name in ("broken.jpg", "tiny.jpg", "text.jpg", "notes.txt"))
    broken.write_bytes(photos[0].read_bytes()[:3000])
    cv2.imwrite(str(tiny), texture(100, 100, seed=9))
    text.write_text("this is no photo")
    notes.write_text("nor is this")
    async with visit() as visitor:
        visitor.expected.append(REFUSED)
        journey = Journey(await visitor.tab())
        page, alert = journey.page, journey.page.get_by_role("alert")
        before = await page.locator("[data-film]").count()
        for photo, reason in ((broken, "broken.jpg"), (tiny, "200"), (text, "text.jpg")):
            await page.get_by_label("Choose photos").set_input_files([photo])
            await expect(alert.filter(has_text=reason)).to_be_visible()
        await page.reload()
        await expect(page.locator("[data-film]")).to_have_count(before)
        await page.get_by_label("Choose photos").set_input_files([photos[0], tiny, notes, photos[1]])
        await journey.at("images")
        await expect(journey.images).to_have_count(2)
        for name in ("tiny.jpg", "notes.txt is not a photo"):
            await expect(alert.filter(has_text=name)).to_be_visible()
        await drop(page, "[data-drop]", [broken, photos[1]])
        for name in ("broken.jpg", f"{photos[1].name} is there already"):
            await expect(alert.filter(has_text=name)).to_be_visible()
        await expect(journey.images).to_have_count(2)


async def test_words_that_no_font_can_show_are_told_while_typing(visit: Visit, finished: str) -> None:
    async with visit() as visitor:
        visitor.expected.append(REFUSED)
        journey = Journey(await visitor.tab(f"/s/{finished}/finish"))
        await journey.words(UNSHOWABLE, "Order yours")
        await expect(journey.page.get_by_role("alert").filter(has_text=UNSHOWABLE[0])).to_be_visible()
        await journey.words("Morgen", "Order yours")
        await expect(journey.page.get_by_role("alert").filter(has_text=UNSHOWABLE[0])).to_be_hidden()


async def test_models_that_cannot_be_used_say_what_to_set(visit: Visit, photos: list[Path]) -> None:
    async with visit() as visitor:
        journey = Journey(await visitor.tab())
        await expect(journey.page.get_by_label("Describe the product")).to_have_count(0)
        await expect(journey.page.get_by_text("once an account at Replicate is set up")).to_be_visible()
        await journey.drop_photos(photos)
        await journey.use_images()
        await journey.page.get_by_text(re.compile("hosted models")).click()
        await expect(journey.page.get_by_text("needs an account at Replicate").first).to_be_visible()
        await expect(journey.page.get_by_role("radio", name="Local engine")).to_be_checked()
        await journey.page.get_by_role("link", name="How to set them up").click()
        await expect(journey.page.get_by_text("ADREEL_REPLICATE_API_TOKEN")).to_be_visible()


async def test_what_is_not_there_is_said_on_a_page(visit: Visit) -> None:
    async with visit() as visitor:
        visitor.expected.append(REFUSED)
        for path in ("/s/0123456789abcdef", "/s/0123456789abcdef/clips", "/nowhere"):
            page = await visitor.tab(path)
            await expect(page.get_by_role("heading", level=1)).to_be_visible()
            await page.get_by_role("link", name="Back to your films").click()
            await expect(page.locator("main[data-screen=start]")).to_be_visible()
            await page.close()
