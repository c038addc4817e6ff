"""A film is deleted from the list, by keyboard, after a question in the middle of the window that names it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from playwright.async_api import Locator, Page, expect

from support.browser import browser_test
from support.page import Visit

pytestmark = browser_test

_OFF_CENTRE = """dialog => {
    const box = dialog.getBoundingClientRect();
    return [box.left + box.right - document.documentElement.clientWidth, box.top + box.bottom - innerHeight].map(Math.abs);
}"""


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
async def test_the_question_names_the_film_in_the_middle(visit: Visit, size: tuple[int, int]) -> None:
    async with visit(viewport={"width": size[0], "height": size[1]}) as visitor:
        page = await visitor.tab()
        names = (f"Morgen Mug, spring {size[0]}", f"Lumen & <No. 4> {size[0]}")
        await _listed(page, visitor.address, names)
        for name in names:
            await _ask(page, name)
            dialog = page.get_by_role("dialog", name=f"Delete “{name}”?")
            await expect(dialog).to_be_visible()
            assert max(await dialog.evaluate(_OFF_CENTRE)) < 4
            await page.keyboard.press("Escape")
            await expect(dialog).to_be_hidden()
            await expect(_delete_button(page, name)).to_be_focused()


async def test_the_keyboard_keeps_a_film_and_deletes_the_right_one(visit: Visit) -> None:
    async with visit() as visitor:
        page = await visitor.tab()
        names = ("A film to keep", "A film to delete")
        await _listed(page, visitor.address, names)
        kept, gone = (page.get_by_role("listitem").filter(has_text=name) for name in names)
        await _ask(page, names[1])
        await expect(page.get_by_role("button", name="Keep it")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("dialog")).to_be_hidden()
        await expect(gone).to_be_visible()
        await _ask(page, names[1])
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(gone).to_be_hidden()
        await expect(kept).to_be_visible()
        await page.reload()
        await expect(kept).to_be_visible()
        await expect(gone).to_be_hidden()


def _delete_button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=f"Delete {name}", exact=True)


async def _listed(page: Page, address: str, names: Sequence[str]) -> None:
    """The start screen with films of these names, and those of other tests."""
    for name in names:
        made = await page.request.post(f"{address}/api/sessions/create", data={"product_prompt": name})
        assert made.ok, await made.text()
    await page.goto(f"{address}/")


async def _ask(page: Page, name: str) -> None:
    await _delete_button(page, name).focus()
    await page.keyboard.press("Enter")
