"""From dropped photos to a film on disk, with nothing set up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from adreel.domain.films.formats import FrameSize
from adreel.media.clips.probe import probe_clip
from support.browser import JOB_SECONDS, browser_test, plays, until
from support.journey import Journey, pick
from support.page import Split, Visit
from support.sizes import FULL, SMALL

pytestmark = browser_test

# One second each: intro, two clips, outro.
FILM_FRAMES = 4 * 30


def check_film(path: Path, size: FrameSize, frames: int = FILM_FRAMES, *, has_audio: bool = True) -> None:
    film = probe_clip(path)
    assert (film.width, film.height, film.fps, film.frames) == (size.width, size.height, 30, frames)
    assert (film.codec, film.has_audio, film.is_vfr) == ("h264", has_audio, False)


async def test_dropped_photos_become_a_film_that_plays_and_is_downloaded(
    visit: Visit, photos: list[Path], tmp_path: Path
) -> None:
    await dropped_photos_become_a_film(visit, photos, tmp_path, SMALL)


@pytest.mark.full_size
@pytest.mark.long
async def test_the_same_in_full_size(visit_full: Visit, photos: list[Path], tmp_path: Path) -> None:
    await dropped_photos_become_a_film(visit_full, photos, tmp_path, FULL)


async def dropped_photos_become_a_film(visit: Visit, photos: list[Path], tmp_path: Path, size: FrameSize) -> None:
    async with visit() as visitor:
        journey = Journey(await visitor.tab())
        await journey.drop_photos(photos)
        await journey.pictures_shown()
        await journey.use_images()
        await journey.order_clips()
        await journey.clips_made(2)
        await journey.use_clips()
        await journey.words("Morgen", "Order yours")
        await journey.make_film()
        await plays(journey.page)
        path = await journey.download(tmp_path)
        check_film(path, size)
        assert path.suffix == ".mp4"
        assert "morgen" in path.name.lower()


async def test_words_music_and_transition_of_a_variant(visit: Visit, finished: str, tmp_path: Path) -> None:
    """A second film of the same clips: the first one stays, the choices of the first are there to be changed."""
    async with visit() as visitor:
        journey = Journey(await visitor.tab(f"/s/{finished}/result"))
        first = await journey.page.locator("[data-film]").first.get_attribute("data-film")
        await journey.page.get_by_role("button", name="Make a variant").click()
        await journey.at("finish")
        await expect(journey.page.get_by_label("Product name")).to_have_value("Morgen")
        await journey.page.get_by_label("Call to action").fill("Now in blue")
        await pick(journey.page.get_by_role("radio", name="Crossfade"))
        await pick(journey.page.get_by_role("radio", name="No music"))
        await preview_is_drawn_for_the_format(journey)
        await journey.make_film()
        second = await journey.page.locator("[data-film]").first.get_attribute("data-film")
        assert second != first
        await expect(journey.page.locator(f"#other-{first}")).to_be_visible()
        check_film(await journey.download(tmp_path), SMALL, FILM_FRAMES - 3 * 15, has_audio=False)


async def preview_is_drawn_for_the_format(journey: Journey) -> None:
    """In 9:16 a clip is shown as the film will draw it, filling the frame, not between bars."""
    page = journey.page
    tall = page.get_by_role("checkbox", name="9:16")
    await pick(tall)
    await page.locator("[data-preview-aspect='9:16']").click()
    await page.get_by_role("button", name=re.compile("Clip 1")).click()
    shown = "[data-stage-view] video:not([hidden])"
    drawn = f"{shown}[src*='/preview/']"
    await until(page, f'() => document.querySelector("{drawn}")?.readyState >= 2', seconds=JOB_SECONDS)
    assert await page.evaluate(
        f"""() => {{
            const film = document.querySelector("{drawn}");
            return [film.videoWidth < film.videoHeight, getComputedStyle(film).objectFit];
        }}"""
    ) == [True, "cover"]
    await expect(page.locator("[data-back]")).to_be_hidden()
    await pick(tall)


async def test_a_reload_at_any_time_loses_nothing(visit_split: Visit, split: Split, photos: list[Path]) -> None:
    """Images left out, clips being made, clips put in another order, a film being made, and one that is made."""
    async with visit_split() as visitor:
        journey = Journey(await visitor.tab())
        page = journey.page
        await journey.choose_photos(photos)
        await deselect_first(journey)
        await page.reload()
        await expect(journey.images.get_by_role("checkbox", checked=True)).to_have_count(1)
        await pick(journey.images.get_by_role("checkbox").first)
        await journey.use_images()
        with split.standing_still():
            await journey.order_clips(prompt="bold")
            await expect(page.locator("#work progress")).to_be_visible()
            await page.reload()
            await expect(page.locator("#work progress")).to_be_visible()
        await journey.clips_made(2)
        order = await swap_clips(journey)
        await journey.use_clips()
        await journey.words("Morgen", "Order yours")
        await page.reload()
        await expect(page.get_by_label("Product name")).to_have_value("Morgen")
        with split.standing_still():
            await journey.button("Make the film").click()
            await expect(page.locator("#work progress")).to_be_visible()
            await page.reload()
            await expect(page.locator("#work progress")).to_be_visible()
        await journey.at("result", JOB_SECONDS)
        await page.goto(f"{visitor.address}/s/{journey.session_id}")
        await journey.at("result")
        await plays(page)
        await page.goto(f"{visitor.address}/s/{journey.session_id}/clips")
        assert await journey.clip_ids() == order


async def deselect_first(journey: Journey) -> None:
    """Leaves one image out, and waits until the service has saved it."""
    async with journey.page.expect_response(lambda answer: answer.url.endswith("/save-approved-images")) as saved:
        await pick(journey.images.get_by_role("checkbox").first)
    assert (await saved.value).ok


async def swap_clips(journey: Journey) -> list[str]:
    """Puts the second clip first, reloads, and gives the order that is still there."""
    before = await journey.clip_ids()
    await journey.clips.first.get_by_role("button", name="Move later").click()
    order = list(reversed(before))
    await until(journey.page, f"() => [...document.querySelectorAll('li.clip')][0].dataset.clipId === {order[0]!r}")
    await journey.page.reload()
    await expect(journey.clips).to_have_count(2)
    assert await journey.clip_ids() == order
    return order
