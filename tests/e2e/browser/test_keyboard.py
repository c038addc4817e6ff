"""The whole way with the keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.async_api import Page, Response, expect

from support.browser import JOB_SECONDS, browser_test
from support.journey import Journey
from support.page import Visit

pytestmark = browser_test

_FOCUSED = """() => {
    const element = document.activeElement;
    if (!element) return '';
    const named = element.getAttribute('aria-label') || element.labels?.[0]?.textContent || element.textContent;
    return (named || '').trim();
}"""
_SEEN = """() => {
    const shown = element => {
        const style = getComputedStyle(element);
        return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
    };
    const element = document.activeElement;
    return shown(element) || [...(element.labels || [])].some(shown) || [...(element.parentElement?.children || [])].some(shown);
}"""


async def test_the_whole_way_with_the_keyboard_alone(visit: Visit, photos: list[Path]) -> None:
    """Only the dialog for files is left out, which is the browser's own."""
    async with visit() as visitor:
        journey = Journey(await visitor.tab())
        page = journey.page
        # From here on the browser hands dialogs for files to the test: were it told only when one is awaited, a key could
        # be faster.
        page.on("filechooser", lambda _dialog: None)
        await reach(page, "Skip to the content")
        await page.keyboard.press("Enter")
        await reach(page, "Choose photos")
        async with page.expect_file_chooser() as opened:
            await page.keyboard.press("Enter")
        await (await opened.value).set_files(photos)
        await journey.at("images")
        await expect(journey.images).to_have_count(2)
        await arrange_images(journey)
        await press(page, "Use these images")
        await journey.at("clips")
        await reach(page, "How should the film feel?")
        await page.keyboard.type("calm")
        scene = page.get_by_label("How should the film feel?")
        for idea in ("Quiet luxury, dark and polished", "Calm morning light, slow and close"):
            # A suggestion follows what was typed, and takes the place of another.
            await press(page, idea)
            await expect(scene).to_have_value(f"calm. {idea}")
            await expect(scene).to_be_focused()
        await reach(page, "Length of each clip")
        await page.keyboard.type("1 s")
        await press(page, "Make clips")
        await journey.clips_made(2)
        await change_order(journey)
        await press(page, "Use these clips")
        await journey.at("finish")
        await reach(page, "Product name")
        await page.keyboard.type("Morgen")
        await reach(page, "Call to action")
        await page.keyboard.type("Order yours")
        await press(page, "Make the film")
        await journey.at("result", JOB_SECONDS)
        await reach(page, "Download 16:9")
        async with page.expect_download():
            await page.keyboard.press("Enter")


async def arrange_images(journey: Journey) -> None:
    """The second photo is put first and stays there; one is removed and brought back."""
    page = journey.page
    second = await journey.images.nth(1).get_attribute("data-image-id")
    async with page.expect_response(lambda answer: answer.url.endswith("/save-approved-images")) as saved:
        await press(page, "Move later")
    assert (await saved.value).ok
    await page.reload()
    await expect(journey.images.first).to_have_attribute("data-image-id", second or "")
    await reach(page, "Remove Photo 2")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert").filter(has_text="Photo 2 removed")).to_be_visible()
    await expect(journey.images.filter(visible=True)).to_have_count(1)
    async with page.expect_response(chooses(2)) as saved:
        await page.keyboard.press("Enter")
    assert (await saved.value).ok
    await expect(page.get_by_role("alert").filter(has_text="removed")).to_have_count(0)
    await expect(journey.images.filter(visible=True)).to_have_count(2)
    await page.reload()
    await expect(journey.images).to_have_count(2)


def chooses(count: int) -> Callable[[Response], bool]:
    """The answer to a choice of so many images: a reload before it would show the choice before."""

    def found(answer: Response) -> bool:
        if not answer.url.endswith("/save-approved-images"):
            return False
        return len((answer.request.post_data_json or {})["approved_image_ids"]) == count

    return found


async def change_order(journey: Journey) -> None:
    """One later and back: the focus goes along, and it is said where the clip now stands."""
    before = await journey.clip_ids()
    await press(journey.page, "Move later")
    await expect(journey.page.get_by_role("status").filter(has_text="2")).to_be_visible()
    assert await journey.clip_ids() == before[::-1]
    await reach(journey.page, "Move earlier", backwards=True)
    await journey.page.keyboard.press("Enter")
    await expect(journey.clips.first).to_have_attribute("data-clip-id", before[0])


async def press(page: Page, name: str) -> None:
    await reach(page, name)
    await page.keyboard.press("Enter")


async def reach(page: Page, name: str, *, backwards: bool = False) -> None:
    """Tabs until what has the focus bears the name, and its focus can be seen. Nothing on the way holds the focus fast."""
    for _ in range(80):
        await page.keyboard.press("Shift+Tab" if backwards else "Tab")
        if await page.evaluate(_FOCUSED) == name:
            assert await page.evaluate(_SEEN), f"the focus on {name} cannot be seen"
            return
    raise AssertionError(f"{name} cannot be reached with the keyboard on {page.url}")
