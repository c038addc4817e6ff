"""The film screen: a film for a placement with the rules cited, its passport, and the check of a film file."""

from __future__ import annotations

import zipfile
from pathlib import Path

from playwright.async_api import expect

from support.browser import JOB_SECONDS, PHONE, browser_test, no_barriers, no_sideways
from support.journey import Journey
from support.page import Visit

pytestmark = browser_test

WAIT = JOB_SECONDS * 1000


async def test_a_film_is_made_for_a_placement_checked_and_taken_along(
    visit: Visit, finished: str, tmp_path: Path
) -> None:
    async with visit(**PHONE) as visitor:
        journey = Journey(await visitor.tab(f"/s/{finished}/result"))
        page = journey.page
        await page.get_by_text("Make it for a placement").click()
        await page.get_by_label("Meta Reels").check()
        await journey.button("Make these films").click()
        await expect(page.get_by_role("link", name="Show meta-reels")).to_be_visible(timeout=WAIT)
        await expect(page.locator("#rules summary")).to_contain_text("Meta Reels")
        await expect(page.locator("#rules")).to_contain_text("seen 2026-11")
        await page.get_by_text("Passport: how it was made").click()
        await expect(page.locator("#passport")).to_contain_text("NOT_SYNTHETIC")
        await expect(page.locator("#passport")).to_contain_text("SIL Open Font License")
        async with page.expect_download() as started:
            await page.get_by_role("link", name="Download everything").click()
        await (await started.value).save_as(tmp_path / "films.zip")
        with zipfile.ZipFile(tmp_path / "films.zip") as files:
            assert "meta-reels/ad.passport.html" in files.namelist()
            film = files.extract("meta-reels/ad.mp4", tmp_path)
        await page.get_by_text("Check a film file").click()
        await page.locator("#check-file").set_input_files(film)
        await page.get_by_label("Placement").select_option("meta-stories")
        await journey.button("Check").click()
        await expect(page.locator("[data-checked]")).to_contain_text("all words are clear of it", timeout=WAIT)
        other = tmp_path / "other.mp4"
        other.write_bytes(b"no film")
        await page.locator("#check-file").set_input_files(other)
        await journey.button("Check").click()
        await expect(page.locator("[data-checked]")).to_contain_text("other.mp4", timeout=WAIT)
        await no_sideways(page)
        await no_barriers(page)
