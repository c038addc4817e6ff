"""One browser and few services for all browser tests: what one test has rendered, the next finds in the cache."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

import cv2
import pytest
import pytest_asyncio
from playwright.async_api import Browser

from support.browser import started, visiting
from support.chromium import NoChromiumError, find_chromium
from support.page import Split, Visit, serving, serving_full_size, serving_hosted, serving_split, with_film
from support.pictures import texture
from support.replicate import StandIn
from support.service import Customer


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


@pytest.fixture(scope="session")
def photos(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two small pictures that fill their frame, which the local engine is fastest with."""
    folder = tmp_path_factory.mktemp("photos")
    made: list[Path] = []
    for number in range(2):
        path = folder / f"photo-{number}.jpg"
        cv2.imwrite(str(path), texture(480, 640, seed=number))
        made.append(path)
    return made


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with nothing set up, whose films are small: these tests look at the page."""
    with serving(tmp_path_factory.mktemp("service")) as address:
        yield address


@pytest.fixture(scope="session")
def split(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Split]:
    with serving_split(tmp_path_factory.mktemp("split")) as split:
        yield split


@pytest.fixture(scope="session")
def stand_in() -> Iterator[StandIn]:
    """A provider of hosted models on this machine."""
    running = StandIn()
    running.rules(alike=True)
    yield running
    running.stop()


@pytest.fixture(scope="session")
def hosted(stand_in: StandIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service that people log in to, with hosted models."""
    with serving_hosted(tmp_path_factory.mktemp("hosted"), stand_in) as address:
        yield address


@pytest.fixture
def visit(browser: Browser, address: str) -> Visit:
    return partial(visiting, browser, address)


@pytest.fixture
def visit_full(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    """A service of the test's own that makes films of full size."""
    with serving_full_size(tmp_path_factory.mktemp("full")) as address:
        yield partial(visiting, browser, address)


@pytest.fixture
def visit_split(browser: Browser, split: Split) -> Visit:
    return partial(visiting, browser, split.address)


@pytest.fixture
def visit_hosted(browser: Browser, hosted: str) -> Visit:
    return partial(visiting, browser, hosted)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def finished(address: str, photos: list[Path]) -> str:
    """A session whose film is made, to look at."""
    async with Customer(address) as customer:
        return await with_film(customer, photos)
