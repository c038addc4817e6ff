"""The way through the page as a person goes it. Each step ends when the page shows that it is done."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from playwright.async_api import Locator, Page, expect

from support.browser import JOB_SECONDS, STEP_SECONDS, drop, until

_SESSION = re.compile(r"/s/([\w-]+)/")


class Journey:
    """One film in the making, in one tab."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def session_id(self) -> str:
        found = _SESSION.search(self.page.url)
        assert found is not None, self.page.url
        return found.group(1)

    @property
    def images(self) -> Locator:
        return self.page.locator("[data-image-id]")

    @property
    def clips(self) -> Locator:
        return self.page.locator("li.clip[data-clip-id]")

    @property
    def note(self) -> Locator:
        """What the page says about what is chosen."""
        return self.page.locator("#bar [data-note]")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    async def at(self, screen: str, seconds: float = STEP_SECONDS) -> None:
        """Waits until the page stands at the screen and its script has taken hold."""
        await self.page.wait_for_url(re.compile(rf"/{screen}(\?.*)?$"), timeout=seconds * 1000)
        await expect(self.page.locator(f"main[data-screen={screen}]")).to_be_visible()
        await self.page.wait_for_load_state("load")

    async def drop_photos(self, photos: Sequence[Path]) -> None:
        """From the start to the images, all of them there and chosen."""
        await drop(self.page, "[data-drop]", photos)
        await self.at("images")
        await expect(self.images).to_have_count(len(photos))

    async def choose_photos(self, photos: Sequence[Path]) -> None:
        """The same by the dialog for files."""
        await self.page.get_by_label("Choose photos").set_input_files(photos)
        await self.at("images")
        await expect(self.images).to_have_count(len(photos))

    async def use_images(self) -> None:
        await self.button("Use these images").click()
        await self.at("clips")

    async def order_clips(self, seconds: str = "1", prompt: str = "calm", model: str | None = None) -> None:
        """Starts to make clips."""
        await self.page.get_by_label("How should the film feel?").fill(prompt)
        await self.page.get_by_label("Length of each clip").select_option(seconds)
        if model is not None:
            await pick(self.page.get_by_role("radio", name=model))
        await self.button("Make clips").click()

    async def clips_made(self, count: int) -> None:
        await expect(self.clips).to_have_count(count, timeout=JOB_SECONDS * 1000)
        await expect(self.page.locator("#work")).to_be_hidden(timeout=JOB_SECONDS * 1000)

    async def use_clips(self) -> None:
        await self.button("Use these clips").click()
        await self.at("finish")

    async def words(self, name: str, cta: str) -> None:
        await self.page.get_by_label("Product name").fill(name)
        await self.page.get_by_label("Call to action").fill(cta)

    async def make_film(self) -> None:
        await self.button("Make the film").click()
        await self.at("result", JOB_SECONDS)

    async def download(self, folder: Path, aspect: str = "16:9") -> Path:
        async with self.page.expect_download() as started:
            await self.page.get_by_role("link", name=f"Download {aspect}").click()
        download = await started.value
        path = folder / download.suggested_filename
        await download.save_as(path)
        return path

    async def clip_ids(self) -> list[str]:
        """In the order shown."""
        return await self.clips.evaluate_all("clips => clips.map(clip => clip.dataset.clipId)")

    async def pictures_shown(self) -> None:
        """Every picture in sight has arrived and is one."""
        await until(
            self.page,
            "() => [...document.images].filter(image => image.checkVisibility() && image.loading !== 'lazy')"
            ".every(image => image.complete && image.naturalWidth > 0)",
        )


async def pick(box: Locator) -> None:
    """Clicks a box or a radio button by its label, which is what is seen of it."""
    before = await box.is_checked()
    await box.locator("xpath=ancestor::label[1]").click()
    await expect(box).to_be_checked(checked=await box.get_attribute("type") == "radio" or not before)
