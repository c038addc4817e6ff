"""Customers who take sessions through the whole making of a film, whatever happens to the workers."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from adreel.bootstrap.core import Core
from adreel.domain.sessions.session import Asset, AssetKind, SessionView
from adreel.domain.sessions.stage import Stage
from crash.door import Door
from support.replicate import write_image

SECONDS = 0.8
FRAMES = 24
WORDED = 2
"""Pictures that are made of words."""

WORDS = "words"
KINDS = ("seedance-1-pro-fast", WORDS, "wan-2.2-i2v-fast", "local")
"""One whose orders are told apart by their seed, one by their prompt, one that is drawn; and one who has no photos but words, and
buys pictures first. Scenes, and prompts for pictures, are written by language models."""

Colour = tuple[int, int, int]
COLOURS: tuple[Colour, ...] = ((200, 40, 40), (40, 160, 60), (50, 70, 200))


@dataclass
class Customer:
    """One session: a clip of each photo, of the first a second take where it is bought, approved in the other order, composed.

    Everything is asked for at the door. `patience` in seconds, for each wait.
    """

    core: Core
    door: Door
    user_id: str
    model: str
    patience: float
    seed: int = 1
    words: bool = False
    session_id: str = ""
    order: list[str] = field(default_factory=list[str])
    colours: dict[str, Colour] = field(default_factory=dict[str, Colour])

    async def go(self) -> None:
        """Raises AssertionError when the session fails or never gets there."""
        self.session_id = (await self.door.post("/api/sessions/create", json={"seed": self.seed}))["session_id"]
        self.colours = await (self._pictures() if self.words else self._photos())
        await self._post("/api/save-approved-images", approved_image_ids=list(self.colours))
        await self._post("/api/generate-clips", video_prompt="calm", clip_duration=SECONDS, model=self.model)
        clips = await self._clips(len(self.colours))
        if self.takes:
            await self.door.post(f"/api/clips/{clips[0]}/regenerate", json={})
            clips = [*(await self._clips(len(self.colours) + 1))[1:]]
        self.order = clips[::-1]
        await self._post("/api/save-approved-clips", approved_clip_ids=clips, clip_order=self.order)
        await self._post(
            "/api/compose-final-video",
            text_overlay={"cta": "Order yours", "color": "#204060"},
            audio={"enabled": False},
        )
        await self._until(Stage.COMPLETE)

    @property
    def takes(self) -> int:
        """How many more takes are ordered."""
        return int(self.model != "local")

    async def _post(self, path: str, **body: object) -> None:
        await self.door.post(path, json={"session_id": self.session_id, **body})

    async def _clips(self, count: int) -> list[str]:
        view = await self._until(Stage.CLIP_SELECTION)
        clips = [clip.id for clip in view.of_kind(AssetKind.CLIP)]
        assert len(clips) == count, f"{self.model}: {len(clips)} clips: {await self._told()}"
        return clips

    async def _photos(self) -> dict[str, Colour]:
        files = [("files", (f"{index}.png", _photo(colour), "image/png")) for index, colour in enumerate(COLOURS)]
        images = (await self.door.post(f"/api/sessions/{self.session_id}/images", files=files))["images"]
        return {image["id"]: colour for image, colour in zip(images, COLOURS, strict=True)}

    async def _pictures(self) -> dict[str, Colour]:
        """Bought; each has the colour of its seed."""
        await self._post("/api/generate-images", product_prompt="A mug", count=WORDED, model="flux-pro")
        images = (await self._until(Stage.IMAGE_SELECTION)).of_kind(AssetKind.IMAGE)
        assert len(images) == WORDED, f"{len(images)} pictures: {await self._told()}"
        return {image.id: mean_colour(self._file(image)) for image in images}

    def _file(self, image: Asset) -> Path:
        path = self.core.storage.local_path(image.storage_key)
        assert path is not None
        return path

    async def _until(self, stage: Stage) -> SessionView:
        deadline = time.monotonic() + self.patience
        while time.monotonic() < deadline:
            view = await self.core.sessions.view(self.session_id)
            assert view.session.stage is not Stage.FAILED, f"{self.model}: {view.session.error}"
            if view.session.stage is stage and view.session.job is None:
                return view
            await asyncio.sleep(0.1)
        raise AssertionError(f"{self.model}: still not at {stage}; the last that was told: {await self._told()}")

    async def _told(self) -> list[str]:
        return [event.message for event in await self.core.progress.replay(self.session_id, 0)][-5:]


def _photo(colour: Colour) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "photo.png"
        write_image(path, colour, (640, 360))
        return path.read_bytes()


def mean_colour(path: Path) -> Colour:
    with Image.open(path) as picture:
        red, green, blue = np.asarray(picture.convert("RGB"), np.float64).mean(axis=(0, 1))
    return round(red), round(green), round(blue)


@dataclass
class Shop:
    """`lanes` customers at a time, one after the other in each, until it is `enough`; every lane serves one at least.

    `over` is set when the last has got the film, or one was let down.
    """

    lanes: int
    make: Callable[[str], Customer]
    served: list[Customer] = field(default_factory=list[Customer])
    enough: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def open(self) -> None:
        """Raises AssertionError, in an ExceptionGroup, for customers who were let down."""
        try:
            async with asyncio.TaskGroup() as group:
                for lane in range(self.lanes):
                    group.create_task(self._serve(KINDS[lane % len(KINDS)]))
        finally:
            self.over.set()

    async def _serve(self, kind: str) -> None:
        while True:
            customer = self.make(KINDS[0] if kind == WORDS else kind)
            customer.words = kind == WORDS
            # Another seed each: what was bought for one is not to be found by the next.
            customer.seed = 1000 * (len(self.served) + 1)
            self.served.append(customer)
            await customer.go()
            if self.enough.is_set():
                return
