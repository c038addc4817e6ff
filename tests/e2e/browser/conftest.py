from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from support_browser import started
from support_chromium import NoChromiumError, find_chromium


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Where the browser is. There is always one, or the run fails: tests that skip themselves are not missed."""
    try:
        return find_chromium()
    except NoChromiumError as error:
        pytest.fail(str(error), pytrace=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(chromium: Path) -> AsyncIterator[Browser]:
    async with started(chromium) as browser:
        yield browser
