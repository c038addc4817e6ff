"""A browser for tests: started once, each test with contexts of its own that are watched for what must not happen."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Request, async_playwright, expect

# One event loop for all browser tests, since the browser is shared. The first test may have to install a browser.
browser_test = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(900)]

DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
NARROW: dict[str, Any] = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
# What a person waits for is there within this time, on a busy machine too; jobs may take longer.
STEP_SECONDS = 20
JOB_SECONDS = 120
AXE = Path(__file__).parents[1] / "assets" / "axe" / "axe.min.js"
OWN_SCHEMES = ("data", "blob", "about")
# The login page asks whether its visitor is logged in after all; the browser notes the answer "no" as an error.
ASKED_WHO = r"status of 401 .*/api/auth/me"


@asynccontextmanager
async def started(chromium: Path) -> AsyncGenerator[Browser]:
    """A headless Chromium. Films play without sound hardware and without a click first."""
    expect.set_options(timeout=STEP_SECONDS * 1000)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--mute-audio"],
        )
        try:
            yield browser
        finally:
            await browser.close()


@dataclass
class Visitor:
    """A browser context, that of one person, and what went wrong in it.

    `expected` are patterns of console messages that a test provokes, such as a refused request.
    """

    context: BrowserContext
    address: str
    requests: list[Request] = field(default_factory=list[Request])
    problems: list[str] = field(default_factory=list[str])
    expected: list[str] = field(default_factory=lambda: [ASKED_WHO])

    async def tab(self, path: str | None = "/") -> Page:
        page = await self.context.new_page()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"error in the page: {error}"))
        page.on("request", self._request)
        if path is not None:
            await page.goto(self.address + path)
        return page

    def check(self) -> None:
        """Nothing was asked of another host, and the console has no error but those expected."""
        problems = [text for text in self.problems if not any(re.search(known, text) for known in self.expected)]
        assert not problems, problems

    async def seen(self) -> str:
        """What there is to see in every tab, for the message of a test that fails."""
        texts = [(page.url, await page.inner_text("body", timeout=1000)) for page in self.context.pages]
        return "\n".join([*(f"{url}: {' | '.join(text.split(chr(10)))[:1500]}" for url, text in texts), *self.problems])

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def _request(self, request: Request) -> None:
        self.requests.append(request)
        asked, own = urlsplit(request.url), urlsplit(self.address)
        if asked.scheme not in OWN_SCHEMES and asked.netloc != own.netloc:
            self.problems.append(f"request to another host: {request.url}")


@asynccontextmanager
async def visiting(browser: Browser, address: str, **options: Any) -> AsyncGenerator[Visitor]:
    """A person at the service with a browser of their own. Afterwards nothing must have gone wrong."""
    context = await browser.new_context(**(DESKTOP | options))
    context.set_default_timeout(STEP_SECONDS * 1000)
    visitor = Visitor(context, address)
    try:
        yield visitor
        visitor.check()
    except Exception as error:
        error.add_note(await visitor.seen())
        raise
    finally:
        await context.close()


async def until(page: Page, script: str, argument: object = None, seconds: float = STEP_SECONDS) -> Any:
    """What the script gives, once that is true. (Playwright's own way needs eval, which the page's policy forbids.)"""
    deadline = time.monotonic() + seconds
    while True:
        given = await page.evaluate(script, argument)
        if given:
            return given
        assert time.monotonic() < deadline, f"not within {seconds} s: {script}"
        await asyncio.sleep(0.05)


async def drop(page: Page, selector: str, files: Sequence[Path]) -> None:
    """Drops files on an element, as from the desktop."""
    carried = [{"name": file.name, "data": base64.b64encode(file.read_bytes()).decode()} for file in files]
    transfer = await page.evaluate_handle(
        """files => {
            const transfer = new DataTransfer();
            for (const file of files) {
                const bytes = Uint8Array.from(atob(file.data), character => character.charCodeAt(0));
                const type = file.name.endsWith('.png') ? 'image/png' : 'image/jpeg';
                transfer.items.add(new File([bytes], file.name, { type }));
            }
            return transfer;
        }""",
        carried,
    )
    for event in ("dragenter", "dragover", "drop"):
        await page.dispatch_event(selector, event, {"dataTransfer": transfer})


async def plays(page: Page, selector: str = "video") -> None:
    """The film's picture and sound are read, time passes, and a jump to near the end arrives there."""
    await until(page, f"document.querySelector({json.dumps(selector)})?.readyState >= 1")
    video = page.locator(selector).first
    await video.evaluate("video => { video.muted = true; return video.play(); }")
    await until(page, f"document.querySelector({json.dumps(selector)}).currentTime > 0.1")
    await video.evaluate("video => { video.pause(); video.currentTime = video.duration - 0.3; }")
    await until(
        page,
        "selector => { const video = document.querySelector(selector);"
        " return !video.seeking && video.readyState >= 2 && Math.abs(video.duration - 0.3 - video.currentTime) < 0.1; }",
        selector,
    )
    assert await video.evaluate("video => video.error") is None


# Nothing is fading or moving any more, but for what moves without end.
_STILL = """() => document.getAnimations().every(animation =>
    animation.playState !== 'running' || animation.effect?.getTiming().iterations === Infinity)"""


# What a scheme of colours can change.
_OF_COLOR = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


async def no_barriers(page: Page, *, dark: bool = True) -> None:
    """axe finds nothing in light, nor (if `dark`) what colours can do in dark."""
    await page.evaluate(AXE.read_text(encoding="utf-8") + ";undefined")
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark") if dark else ("light",)
    for scheme in schemes:
        rules = _OF_COLOR if scheme == "dark" else {}
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        await until(page, _STILL)
        found = await page.evaluate("rules => axe.run(document, { resultTypes: ['violations'], ...rules })", rules)
        told = [
            f"{violation['id']} ({violation['help']}): {node['html'][:200]} {node.get('failureSummary', '')[:300]}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]
        assert not told, f"{scheme}, {page.url}:\n" + "\n".join(told)


async def no_sideways(page: Page) -> None:
    """Nothing is wider than the window, so that nobody has to scroll sideways."""
    wide = await page.evaluate(
        """() => {
            const width = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= width) return [];
            return [...document.querySelectorAll('body *')]
                .filter(element => element.getBoundingClientRect().right > width + 0.5)
                .map(element => element.outerHTML.slice(0, 120)).slice(0, 5).concat(['scrolls sideways']);
        }"""
    )
    assert not wide, f"{page.url}: {wide}"
