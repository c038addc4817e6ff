"""The script of a film: facts in, words over the pictures, saved as they are typed."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from support.browser import JOB_SECONDS, STEP_SECONDS, browser_test, no_barriers, no_sideways, until
from support.journey import Journey
from support.page import Visit, log_in, set_budget
from support.replicate import StandIn

pytestmark = browser_test

DRAFT = "[data-draft-film]"
ENDS_WITHIN_WHAT_HAS_COME = f"""(film => film.buffered.length === 1 && film.duration - film.buffered.end(0) < 0.1)(
    document.querySelector("{DRAFT}"))"""

FACTS = "Hand-glazed stoneware\nHolds 350 ml\nDishwasher safe"


async def test_a_script_is_written_edited_and_kept(visit: Visit, photos: list[Path]) -> None:
    async with visit() as visitor:
        page = await visitor.tab()
        await _written(page, photos)
        words = _words(page).first
        await expect(page.locator("#bar [data-note]")).to_contain_text("Saved")
        await words.fill("Glazed by hand")
        await _saved(page)
        await page.reload()
        await expect(words).to_have_value("Glazed by hand")
        await page.get_by_label("Style of the words").select_option(index=1)
        await _saved(page)
        await page.get_by_role("button", name="Undo").click()
        await _saved(page)
        await expect(words).to_have_value("Glazed by hand")
        await no_barriers(page)
        await _reordered(page)


async def _reordered(page: Page) -> None:
    """By keyboard, undone, and by the mouse."""
    before = await _titles(page).all_inner_texts()
    swapped = [before[1], before[0], *before[2:]]
    await page.get_by_role("button", name=f"Move {before[0]} later").focus()
    await page.keyboard.press("Enter")
    await expect(_titles(page)).to_have_text(swapped)
    await _saved(page)
    await expect(page.get_by_role("button", name=f"Move {before[0]} later")).to_be_focused()
    await page.reload()
    await expect(_titles(page)).to_have_text(swapped)
    pictures = page.locator("[data-part] .beat-picture")
    await pictures.nth(1).scroll_into_view_if_needed()
    await pictures.nth(1).drag_to(pictures.nth(0))
    await expect(_titles(page)).to_have_text(before)
    await _saved(page)
    await page.get_by_role("button", name="Undo").click()
    await expect(_titles(page)).to_have_text(swapped)
    await _saved(page)


async def test_a_language_model_writes_at_a_price_shown_before(
    visit_hosted: Visit, stand_in: StandIn, photos: list[Path]
) -> None:
    async with visit_hosted() as visitor:
        page = await visitor.tab()
        await log_in(page)
        await _filled(page, photos)
        by_model = page.get_by_role("button", name="Let a language model write it")
        await expect(page.locator("#model-help")).to_contain_text("costs up to $0.0")
        await by_model.click()
        await expect(_titles(page).first).to_have_text("Line 1", timeout=JOB_SECONDS * 1000)
        stand_in.rules(plans=False)
        try:
            await page.locator("#facts summary").click()
            await page.get_by_label("Facts, one on each line").fill("Holds 350 ml\nDishwasher safe")
            await by_model.click()
            await expect(page.locator("#alerts")).to_contain_text("by rules instead", timeout=JOB_SECONDS * 1000)
        finally:
            stand_in.rules(plans=True)
        await expect(_titles(page).first).not_to_have_text("Line 1")
        await no_barriers(page)
        await page.goto(page.url.replace("/script", "/clips"))
        # Three answers at a cent each are bought; the next may take two.
        await set_budget(page, "0.04")
        await page.goto(page.url.replace("/clips", "/script"))
        await page.locator("#facts summary").click()
        await expect(by_model).to_be_disabled()
        await expect(page.locator("#model-help")).to_contain_text("of this film's budget is left")


async def test_a_claim_without_a_source_is_marked_where_it_stands(visit: Visit, photos: list[Path]) -> None:
    async with visit() as visitor:
        page = await visitor.tab()
        await _written(page, photos)
        words = _words(page).first
        good = await words.input_value()
        await words.fill("The best mug in the world")
        finding = page.locator(".field-problem[data-finding]").first
        await expect(finding).to_be_visible(timeout=STEP_SECONDS * 1000)
        await expect(words).to_have_attribute("aria-invalid", "true")
        await expect(page.locator("#bar [data-note]")).to_contain_text("Not saved yet")
        await words.fill(good)
        await _saved(page)
        await expect(page.locator(".field-problem[data-finding]")).to_have_count(0)


@pytest.mark.long
async def test_a_draft_plays_while_it_is_drawn_and_an_edit_draws_its_part_again(
    visit: Visit, photos: list[Path]
) -> None:
    async with visit() as visitor:
        page = await visitor.tab()
        await _written(page, photos)
        await _draft_plays(page)
        length = await page.evaluate(f"() => document.querySelector('{DRAFT}').duration")
        assert abs(length - float(await page.locator("#script").get_attribute("data-total") or 0)) < 0.1
        await page.evaluate(f"() => document.querySelector('{DRAFT}').pause()")
        before = await page.evaluate(f"() => document.querySelector('{DRAFT}').src")
        await _words(page).last.scroll_into_view_if_needed()
        async with page.expect_response(lambda answer: answer.url.endswith("/draft"), timeout=JOB_SECONDS * 1000):
            await _words(page).first.fill("Glazed by hand")
        await until(page, f"before => document.querySelector('{DRAFT}').src !== before", before, seconds=JOB_SECONDS)
        await until(page, f"() => document.querySelector('{DRAFT}').currentTime > 0.2", seconds=JOB_SECONDS)
        await expect(page.locator("[data-draft-problem]")).to_be_hidden()
        await no_barriers(page)


async def test_the_film_follows_the_script_and_can_be_deleted(visit: Visit, photos: list[Path]) -> None:
    async with visit() as visitor:
        page = await visitor.tab()
        await _written(page, photos)
        parts = await page.locator(".beat").count() - 1
        await page.locator("[data-go-on]").click()
        await expect(page.locator("[data-total]")).to_have_text(f"{parts} clips of the script: free")
        journey = Journey(page)
        await journey.button("Make clips").click()
        await journey.clips_made(parts)
        await journey.use_clips()
        await expect(page.locator("[data-card-slot=outro]")).to_be_visible()
        await journey.make_film()
        await page.get_by_role("button", name="Delete this film").click()
        await page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
        await expect(page.get_by_text("There is no film yet.")).to_be_visible()


async def test_the_script_fits_a_phone(visit: Visit, photos: list[Path]) -> None:
    async with visit(viewport={"width": 390, "height": 844}) as visitor:
        page = await visitor.tab()
        await _written(page, photos)
        await _drawn(page)
        await no_sideways(page)


async def _draft_plays(page: Page) -> None:
    """Picture and sound go on from the first part to the end of the film."""
    await page.get_by_role("button", name="Play a draft").click()
    await until(page, f"() => document.querySelector('{DRAFT}').currentTime > 0.2", seconds=JOB_SECONDS)
    await until(page, f"() => {ENDS_WITHIN_WHAT_HAS_COME}", seconds=JOB_SECONDS)
    assert await page.evaluate(f"() => document.querySelector('{DRAFT}').webkitAudioDecodedByteCount > 0")


async def _written(page: Page, photos: list[Path]) -> None:
    await _filled(page, photos)
    await Journey(page).button("Write the script").click()
    await expect(_words(page).first).to_be_visible(timeout=JOB_SECONDS * 1000)


async def _filled(page: Page, photos: list[Path]) -> None:
    """The Script step with its form filled."""
    journey = Journey(page)
    await journey.drop_photos(photos)
    await page.get_by_role("navigation").get_by_role("link", name="Script").click()
    await journey.at("script")
    await page.get_by_label("Product name").fill("Morgen Mug")
    await page.get_by_label("Facts, one on each line").fill(FACTS)
    await page.get_by_label("Price", exact=True).fill("24.90")


def _titles(page: Page) -> Locator:
    return page.locator("[data-part] h3 strong")


def _words(page: Page) -> Locator:
    return page.locator(".beat-words textarea")


async def _saved(page: Page) -> None:
    await expect(page.locator("#bar [data-note]")).to_contain_text("Saved", timeout=JOB_SECONDS * 1000)


async def _drawn(page: Page) -> None:
    """The service has drawn every beat with its words."""
    await expect(page.locator("[data-still] img[src^='blob:']")).to_have_count(
        await page.locator("[data-still]").count(), timeout=JOB_SECONDS * 1000
    )
