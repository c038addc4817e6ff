"""A browser for tests: started once, each test with a context of its own that is watched for what must not happen."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

# One event loop for all browser tests, since the browser is shared. The first test may have to install a browser.
browser_test = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(900)]


@asynccontextmanager
async def started(chromium: Path) -> AsyncGenerator[Browser]:
    """A headless Chromium. Films play without sound hardware and without a click first."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--mute-audio"],
        )
        try:
            yield browser
        finally:
            await browser.close()
