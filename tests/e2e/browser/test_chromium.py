"""The browser of the tests plays what adreel makes. If this fails, no other browser test says anything."""

from __future__ import annotations

import subprocess
from collections.abc import AsyncIterator

import imageio_ffmpeg
import pytest
import pytest_asyncio
from playwright.async_api import Browser

from support.browser import browser_test
from support.http import Asked, Site

pytestmark = browser_test

PAGE = b"<!doctype html><title>film</title><video src=/film.mp4 muted></video>"
HEAD = "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nAccept-Ranges: bytes\r\n{more}\r\n"


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Two seconds of H.264 and AAC."""
    path = tmp_path_factory.mktemp("film") / "film.mp4"
    inputs = ["-f", "lavfi", "-i", "testsrc=size=640x360:rate=30:duration=2", "-f", "lavfi", "-i", "sine=d=2"]
    codecs = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-g", "15", "-c:a", "aac", "-movflags", "+faststart"]
    subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *inputs, *codecs, str(path)], check=True, timeout=60
    )
    return path.read_bytes()


def answer(asked: Asked, film: bytes) -> bytes:
    if asked.target == "/":
        return HEAD.format(status="200 OK", kind="text/html", length=len(PAGE), more="").encode() + PAGE
    if asked.target != "/film.mp4":
        return HEAD.format(status="404 Not Found", kind="text/plain", length=0, more="").encode()
    first = int(asked.headers.get("range", "bytes=0-").removeprefix("bytes=").split("-")[0])
    more = f"Content-Range: bytes {first}-{len(film) - 1}/{len(film)}\r\n"
    head = HEAD.format(status="206 Partial Content", kind="video/mp4", length=len(film) - first, more=more)
    return head.encode() + film[first:]


@pytest_asyncio.fixture(loop_scope="session")
async def site(film: bytes) -> AsyncIterator[Site]:
    async def answered(asked: Asked) -> bytes:
        return answer(asked, film)

    async with Site(answered) as site:
        yield site


async def test_a_film_plays_and_seeks(browser: Browser, site: Site) -> None:
    page = await browser.new_page()
    await page.goto(site.url)
    await page.evaluate("document.querySelector('video').play()")
    await page.wait_for_function("document.querySelector('video').currentTime > 0.2")
    assert await page.evaluate("document.querySelector('video').duration") == pytest.approx(2.0, abs=0.05)
    await page.evaluate("document.querySelector('video').currentTime = 1.5")
    await page.wait_for_function("(v => !v.seeking && v.currentTime >= 1.5)(document.querySelector('video'))")
    await page.wait_for_function("document.querySelector('video').ended")
    await page.close()
