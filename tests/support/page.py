"""Services whose page is looked at: as they are started, sessions that stand at some step, people with an account."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Generator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Page

from support import forked
from support.browser import Visitor
from support.replicate import StandIn
from support.service import Customer, Process, serve, serve_full_size, work, work_full_size
from support.small_films import SMALL_ADREEL

EMAIL, LEAVING = "ada@example.org", "leaving@example.org"
PASSWORD = "a long enough password"  # noqa: S105
CLIP_SECONDS = 1.0
OVERLAY = {"product_name": "Morgen", "cta": "Order yours"}

Visit = Callable[..., AbstractAsyncContextManager[Visitor]]
"""``async with visit() as visitor``: somebody with a browser of their own; options are those of the context."""


@contextmanager
def serving(data: Path, *args: str, **settings: str) -> Generator[str]:
    """``adreel serve``, which must end well."""
    with _ending_well(*serve(data, *args, **settings)) as address:
        yield address


@contextmanager
def serving_full_size(data: Path) -> Generator[str]:
    with _ending_well(*serve_full_size(data)) as address:
        yield address


@contextmanager
def _ending_well(process: Process, address: str) -> Generator[str]:
    try:
        yield address
        assert process.stop() == 0, process.output
    finally:
        process.kill()


@dataclass(frozen=True, slots=True)
class Split:
    """The service in two processes, API and worker, so that work can be made to stand still while a page is looked at."""

    address: str
    worker: Process

    @contextmanager
    def standing_still(self) -> Generator[None]:
        os.kill(self.worker.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.worker.pid, signal.SIGCONT)


@contextmanager
def serving_split(data: Path, *, full_size: bool = False) -> Generator[Split]:
    # The lease outlasts every stand-still: nobody is to take the worker for dead.
    settings = {"ADREEL_LEASE_SECONDS": "600"}
    start = serve_full_size if full_size else serve
    with _ending_well(*start(data, "--no-worker", **settings)) as address:
        worker = (work_full_size if full_size else work)(data, **settings)
        try:
            yield Split(address, worker)
            assert worker.stop() == 0, worker.output
        finally:
            worker.kill()


@contextmanager
def serving_hosted(data: Path, stand_in: StandIn) -> Generator[str]:
    """People log in, and hosted models can be used. EMAIL and LEAVING have accounts."""
    settings = {
        "ADREEL_AUTH": "on",
        "ADREEL_REPLICATE_API_TOKEN": "r8_test",
        "ADREEL_REPLICATE_BASE_URL": stand_in.api,
        "ADREEL_DOWNLOAD_HOSTS": stand_in.output_host,
    }
    with serving(data, **settings) as address:
        add_user(data)
        add_user(data, LEAVING)
        yield address


def add_user(data: Path, email: str = EMAIL) -> None:
    environment = {**os.environ, "ADREEL_DATA_DIR": str(data)}
    command = [*SMALL_ADREEL, "user", "add", email]
    forked.run(command, cwd=data, env=environment, timeout=60, typed=f"{PASSWORD}\n").check_returncode()


async def with_images(customer: Customer, photos: list[Path]) -> str:
    """A session whose photos are chosen."""
    session_id = await customer.start("two boxes")
    images = await customer.upload(session_id, photos)
    await customer.post("/api/save-approved-images", session_id=session_id, approved_image_ids=images)
    return session_id


async def with_clips(customer: Customer, photos: list[Path]) -> str:
    """A session at the choice of clips."""
    session_id = await with_images(customer, photos)
    await customer.clips(session_id, CLIP_SECONDS)
    return session_id


async def ready_to_finish(customer: Customer, photos: list[Path]) -> str:
    """A session whose clips are chosen."""
    session_id = await with_clips(customer, photos)
    clips = (await customer.get(f"/api/sessions/{session_id}"))["generated_clips"]
    ids = [clip["id"] for clip in clips]
    await customer.post("/api/save-approved-clips", session_id=session_id, approved_clip_ids=ids, clip_order=ids)
    return session_id


async def with_film(customer: Customer, photos: list[Path]) -> str:
    session_id = await ready_to_finish(customer, photos)
    await customer.compose(session_id, text_overlay=OVERLAY)
    return session_id


async def log_in(page: Page, password: str = PASSWORD, email: str = EMAIL) -> None:
    """From the login to wherever it leads."""
    await page.get_by_label("E-mail").fill(email)
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Log in").click()


async def set_budget(page: Page, cap: str) -> None:
    """On the clips screen."""
    await page.get_by_text("Budget of this film").click()
    await page.get_by_label("Limit in US dollars").fill(cap)
    async with page.expect_response(lambda answer: answer.url.endswith("/budget")) as saved:
        await page.get_by_role("button", name="Save").click()
    assert (await saved.value).ok
