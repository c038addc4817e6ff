"""A film that speaks: its lines are heard, changed and recorded, its captions chosen, its names pronounced."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from playwright.async_api import Page, expect

from adreel.media.speech.voice import offline_voice
from adreel.media.speech.wav import wav_bytes
from support.browser import JOB_SECONDS, STEP_SECONDS, browser_test, no_barriers, no_sideways, until
from support.journey import Journey
from support.page import Visit

pytestmark = browser_test

WAIT = STEP_SECONDS * 1000
DRAFT = "[data-draft-film]"


def recorded(gain: float) -> dict[str, object]:
    """A file as a person might choose it."""
    room = np.random.default_rng(1).normal(0, 2e-4, 24_000).astype(np.float32)
    line = offline_voice().say("Meet the Morgen Mug, my friends.").samples
    sound = wav_bytes(np.clip(np.concatenate([room, line * gain, room]), -1, 1))
    return {"name": "own.wav", "mimeType": "audio/wav", "buffer": sound}


async def picture(page: Page, name: str) -> None:
    """Keeps a screenshot where the one who runs the tests wants to look at them."""
    folder = os.environ.get("ADREEL_VOICE_PICTURES")
    if folder:
        await page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.mark.long
async def test_lines_are_heard_changed_and_recorded_and_the_film_speaks(visit: Visit, photos: list[Path]) -> None:
    async with visit() as visitor:
        visitor.expected.append("status of 422")
        page = await visitor.tab()
        journey = Journey(page)
        await journey.drop_photos(photos)
        await page.get_by_role("navigation").get_by_role("link", name="Script").click()
        await journey.at("script")
        await page.get_by_label("Product name").fill("Morgen Mug")
        await page.get_by_label("Facts, one on each line").fill("Hand-glazed stoneware\nHolds 350 ml")
        await journey.button("Write the script").click()
        line = page.get_by_label("Spoken line").first
        await expect(line).to_be_visible(timeout=JOB_SECONDS * 1000)
        await _heard(page)
        await line.fill("Das ist die neue Tasse für dich")
        await _saved(page)
        await page.get_by_role("button", name="Hear it").first.click()
        await expect(page.locator("[data-line-problem]").first).to_contain_text("English only", timeout=WAIT)
        await line.fill("Good morning, Morgen Mug.")
        await _saved(page)
        await _recorded(page)
        await no_barriers(page)
        await picture(page, "script")
        parts = await page.locator("[data-part]").count()
        await page.locator("[data-go-on]").click()
        await journey.button("Make clips").click()
        await journey.clips_made(parts)
        await journey.use_clips()
        await _finished(page, journey)


async def _heard(page: Page) -> None:
    """The button plays the line, and another press stops it."""
    button = page.get_by_role("button", name="Hear it").first
    await button.click()
    await expect(button).to_have_attribute("aria-pressed", "true", timeout=WAIT)
    await expect(button).to_have_attribute("aria-pressed", "false", timeout=WAIT)


async def _recorded(page: Page) -> None:
    """A clipped file is refused at the line; a good one is kept, heard and removed."""
    file = page.locator("[data-recording-file]").first
    await file.set_input_files(recorded(60))  # pyright: ignore[reportArgumentType]
    await expect(page.locator("[data-line-problem]").first).to_contain_text("clipped", timeout=WAIT)
    await file.set_input_files(recorded(0.2))  # pyright: ignore[reportArgumentType]
    await expect(page.get_by_text("Your recording", exact=True)).to_be_visible(timeout=WAIT)
    await _saved(page)
    await _heard(page)


async def _finished(page: Page, journey: Journey) -> None:
    captions, style = page.get_by_label("Captions", exact=True), page.get_by_label("Style of captions")
    await expect(captions.locator("option[value=on]")).to_be_disabled()
    await expect(style).to_be_hidden()
    await page.get_by_label("Speak the lines of the script").check()
    await captions.select_option("on")
    await style.select_option("spoken")
    await page.get_by_role("button", name="Play a draft").click()
    await until(page, f"() => document.querySelector('{DRAFT}').currentTime > 0.6", seconds=JOB_SECONDS)
    await page.evaluate(f"() => document.querySelector('{DRAFT}').pause()")
    await no_barriers(page)
    await picture(page, "finish")
    await captions.select_option("both")
    await expect(style).to_be_hidden()
    await journey.make_film()
    await expect(page.get_by_role("link", name="Captions, SRT")).to_be_visible()
    address = await page.get_by_role("link", name="Captions, VTT").get_attribute("href")
    text = await (await page.request.get(page.url.split("/s/")[0] + (address or ""))).text()
    assert text.startswith("WEBVTT")
    assert "morning" in text.lower()
    await no_barriers(page)
    await picture(page, "result")


@pytest.mark.long
async def test_names_are_pronounced_and_everything_fits_a_phone(visit: Visit, photos: list[Path]) -> None:
    async with visit(viewport={"width": 390, "height": 844}) as visitor:
        page = await visitor.tab("/settings")
        form = page.locator("#new-brand form")
        await form.get_by_label("Name of the brand").fill("Hale")
        await form.get_by_role("button", name="Add a word").click()
        await form.get_by_label("Word", exact=True).fill("Hale")
        await form.get_by_label("Spoken like", exact=True).fill("hail")
        async with page.expect_response(lambda answer: answer.url.endswith("/api/say")) as answered:
            await form.get_by_role("button", name="Hear this word").click()
        assert (await answered.value).status == 200
        await no_sideways(page)
        await no_barriers(page)
        await picture(page, "settings-phone")
        await form.get_by_role("button", name="Add brand").click()
        await page.locator("#brand-kit-hale > summary").click()
        await expect(page.locator("#brand-kit-hale [data-word]")).to_have_value("Hale", timeout=WAIT)
        await page.goto(f"{visitor.address}/")
        journey = Journey(page)
        await journey.drop_photos(photos)
        await page.get_by_role("navigation").get_by_role("link", name="Script").click()
        await journey.at("script")
        await page.get_by_label("Product name").fill("Hale")
        await page.get_by_label("Facts, one on each line").fill("Holds 350 ml")
        await journey.button("Write the script").click()
        await expect(page.get_by_label("Spoken line").first).to_be_visible(timeout=JOB_SECONDS * 1000)
        await no_sideways(page)
        await picture(page, "script-phone")


async def _saved(page: Page) -> None:
    await expect(page.locator("#bar [data-note]")).to_contain_text("Saved", timeout=JOB_SECONDS * 1000)
