"""The journey that is photographed: from the first look to the film, and the screens beside it."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, FilePayload, expect

from screenshots.camera import Camera, cameras
from support.browser import JOB_SECONDS, started, visiting
from support.journey import Journey
from support.page import Split, log_in, serving_hosted, serving_split
from support.replicate import StandIn

PROMPT = "Calm morning light, slow and close"
FACTS = "Hand-glazed stoneware\nHolds 350 ml\nDishwasher safe"
ADD_BRAND = """async () => (await fetch("/api/brands", {
  method: "POST",
  headers: {"Content-Type": "application/json"},
  body: JSON.stringify({name: "morgen", title: "Morgen", color: "#1F6F78", font: "Poppins", cta: "Order yours"}),
})).status"""
FEED: FilePayload = {
    "name": "autumn.csv",
    "mimeType": "text/csv",
    "buffer": b"id,title,price,image_link\n"
    b"mug,Morgen Mug,24.90 EUR,https://shop.example/mug.jpg\n"
    b"bowl,Abend Bowl,32.00 EUR,https://shop.example/bowl.jpg\n"
    b"plate,Mittag Plate,ask,https://shop.example/plate.jpg\n",
}
NAME, CTA = "Morgen", "Slow coffee, early light. Order yours."
# How far the clips are when their making is photographed, in percent.
FAR_ENOUGH = 30


async def walk(chromium: Path, work: Path, photos: list[Path], target: Path) -> list[Path]:
    """Gives the files that were written."""
    for name in ("alone", "hosted"):
        (work / name).mkdir()
    async with started(chromium) as browser:
        with serving_split(work / "alone", full_size=True) as split:
            taken = await from_photos(browser, split, photos, target)
        stand_in = StandIn()
        try:
            with serving_hosted(work / "hosted", stand_in) as address:
                return taken + await with_account(browser, address, target)
        finally:
            stand_in.stop()


async def from_photos(browser: Browser, split: Split, photos: list[Path], target: Path) -> list[Path]:
    address = split.address
    async with cameras(browser, address, target) as camera, visiting(browser, address) as visitor:
        await camera.take("start", f"{address}/")
        journey = Journey(await visitor.tab())
        await journey.drop_photos(photos)
        session = f"{address}/s/{journey.session_id}"
        await camera.take("images", f"{session}/images")
        await journey.use_images()
        await write_script(journey, camera, session)
        await camera.take("scene", f"{session}/clips")
        await make_clips(journey, split, camera, session)
        await camera.take("clips", f"{session}/clips")
        await finish(journey, camera, session)
        await camera.take("film", f"{session}/result")
        await camera.take("films", f"{address}/", "#recent")
        await plan_catalogue(camera, address)
        return camera.taken


async def write_script(journey: Journey, camera: Camera, session: str) -> None:
    """Its pictures are drawn before it is photographed, and the script is removed: the other screens show a film without one."""
    page = journey.page
    await page.goto(f"{session}/script")
    await page.get_by_label("Product name").fill("Morgen Mug")
    await page.get_by_label("Facts, one on each line").fill(FACTS)
    await page.get_by_label("Price", exact=True).fill("24.90")
    await journey.button("Write the script").click()
    await expect(page.locator("#bar [data-note]")).to_contain_text("Saved")
    for look, tab in camera.tabs.items():
        await tab.goto(f"{session}/script")
        await expect(tab.locator("[data-still-wait]:visible")).to_have_count(0, timeout=JOB_SECONDS * 1000)
        await camera.shoot("script", look)
    await page.get_by_role("button", name="Remove the script").click()
    await expect(page.get_by_text("What is true of the product?")).to_be_visible()
    await page.goto(f"{session}/clips")


async def make_clips(journey: Journey, split: Split, camera: Camera, session: str) -> None:
    await journey.order_clips("3", PROMPT)
    progress = journey.page.locator("#work progress")
    while float(await progress.get_attribute("data-progress") or 0) < FAR_ENOUGH:
        await journey.page.wait_for_timeout(100)
    with split.standing_still():
        await camera.take("making", f"{session}/clips")
    await journey.clips_made(3)


async def finish(journey: Journey, camera: Camera, session: str) -> None:
    """The words are typed in every look: what is not sent yet is kept by the browser it was typed in."""
    await journey.use_clips()
    for look, page in camera.tabs.items():
        await page.goto(f"{session}/finish")
        await Journey(page).words(NAME, CTA)
        await expect(page.locator("[data-thumb=outro]")).to_be_visible()
        await camera.shoot("finish", look)
    await journey.words(NAME, CTA)
    await journey.make_film()


async def plan_catalogue(camera: Camera, address: str) -> None:
    """A feed and its columns, and the plan of its films, of which one has a fault."""
    for look, page in camera.tabs.items():
        await page.goto(f"{address}/catalogue")
        await page.get_by_label("Product feed").set_input_files(FEED)
        await expect(page.get_by_role("cell", name="Morgen Mug")).to_be_visible()
        await camera.shoot("catalogue", look)
    page = next(iter(camera.tabs.values()))
    await page.get_by_label("I may use the photos").check()
    await page.get_by_role("button", name="Only plan").click()
    await expect(page.get_by_role("heading", name="Planned")).to_be_visible()
    await camera.take("batch", page.url)


async def with_account(browser: Browser, address: str, target: Path) -> list[Path]:
    """The screens of a service that people log in to, with hosted models."""
    async with cameras(browser, address, target) as camera:
        await camera.take("login", f"{address}/login")
        for page in camera.tabs.values():
            await log_in(page)
            await expect(page.locator("main[data-screen=start]")).to_be_visible()
        await camera.take("describe", f"{address}/")
        assert await next(iter(camera.tabs.values())).evaluate(ADD_BRAND) == 201
        await camera.take("settings", f"{address}/settings")
        return camera.taken
