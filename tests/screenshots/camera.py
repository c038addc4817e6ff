"""Takes one screen in three looks: on a desk in light and dark, and on a phone."""

from __future__ import annotations

import io
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from PIL import Image
from playwright.async_api import Browser, Page

from support.browser import DESKTOP, PHONE, until, visiting

MAX_BYTES = 150_000
LOOKS: dict[str, tuple[Literal["light", "dark"], dict[str, Any]]] = {
    "light": ("light", {}),
    "dark": ("dark", {}),
    "phone": ("light", {**PHONE, "device_scale_factor": 2}),
}
LONGEST = 2400
# A player is read ahead, or it shows that it is waiting.
_SET_UP = """part => {
    document.querySelectorAll('video[controls]').forEach(video => { video.preload = 'auto'; });
    part ? document.querySelector(part).scrollIntoView() : scrollTo(0, 0);
}"""
# Every picture that should be seen is there, and every film shows its first frame.
_SETTLED = """() => document.readyState === 'complete'
    && [...document.images].filter(image => image.checkVisibility()).every(image => image.complete)
    && [...document.querySelectorAll('video')].filter(video => video.checkVisibility() && video.currentSrc)
        .every(video => video.readyState >= (video.controls ? 3 : 2) || (video.poster && !video.controls))
    && document.fonts.status === 'loaded'"""


@dataclass
class Camera:
    """A tab for each look."""

    folder: Path
    tabs: dict[str, Page]
    taken: list[Path] = field(default_factory=list[Path])

    async def take(self, name: str, url: str, part: str | None = None) -> None:
        """The screen at `url` in all looks, from its top or from the element `part` on."""
        for look, page in self.tabs.items():
            await page.goto(url)
            await self.shoot(name, look, part)

    async def shoot(self, name: str, look: str, part: str | None = None) -> None:
        """What the tab of the look shows now; on a phone all of it, as if the phone were long enough."""
        page = self.tabs[look]
        await page.evaluate(_SET_UP, part)
        if look == "phone":
            height = await page.evaluate("document.documentElement.scrollHeight")
            await page.set_viewport_size({"width": 390, "height": min(LONGEST, height)})
        await until(page, _SETTLED)
        png = await page.screenshot(animations="disabled", caret="hide")
        await page.set_viewport_size(PHONE["viewport"] if look == "phone" else DESKTOP["viewport"])
        path = self.folder / f"{name}-{look}.webp"
        path.write_bytes(small(png))
        self.taken.append(path)


def small(png: bytes) -> bytes:
    """As WebP, as good as its size allows."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for quality in (90, 80, 70, 60, 50):
        packed = io.BytesIO()
        picture.save(packed, "WEBP", quality=quality, method=6)
        if packed.tell() <= MAX_BYTES:
            return packed.getvalue()
    raise AssertionError(f"a screenshot of {picture.size} is larger than {MAX_BYTES} bytes")


@asynccontextmanager
async def cameras(browser: Browser, address: str, folder: Path) -> AsyncGenerator[Camera]:
    folder.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        tabs: dict[str, Page] = {}
        for look, (scheme, options) in LOOKS.items():
            given = {
                **options,
                "color_scheme": scheme,
                "reduced_motion": "reduce",
                "locale": "en-GB",
                "timezone_id": "UTC",
            }
            visitor = await stack.enter_async_context(visiting(browser, address, **given))
            tabs[look] = await visitor.tab(None)
        yield Camera(folder, tabs)
