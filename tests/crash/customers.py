"""Customers who take sessions through the whole making of a film, whatever happens to the workers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from adreel.bootstrap.core import Core
from adreel.domain.session import Asset, AssetKind, SessionView
from adreel.domain.stage import Stage
from adreel.media.segments import file_digest
from adreel.orchestrator.video_orchestrator import VideoGenerationOrchestrator
from adreel.services.records import NewAsset
from support_replicate import write_image

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
    """One session: a clip of each photo, approved in the other order, composed. `patience` in seconds, for each of the two."""

    core: Core
    orchestrator: VideoGenerationOrchestrator
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
        session = await self.core.sessions.create(self.user_id, seed=self.seed)
        self.session_id = session.id
        self.colours = await (self._pictures() if self.words else self._photos())
        await self.core.sessions.approve_images(self.user_id, session.id, list(self.colours))
        await self.orchestrator.generate_clips(self.user_id, session.id, "calm", SECONDS, self.model)
        view = await self._until(Stage.CLIP_SELECTION)
        clips = [clip.id for clip in view.of_kind(AssetKind.CLIP)]
        assert len(clips) == len(self.colours), f"{self.model}: {len(clips)} clips: {await self._told()}"
        self.order = clips[::-1]
        await self.core.sessions.approve_clips(self.user_id, session.id, clips, self.order)
        await self.orchestrator.compose_final_video(
            self.user_id, session.id, {"cta": "Order yours", "color": "#204060"}, {"enabled": False}
        )
        await self._until(Stage.COMPLETE)

    async def _photos(self) -> dict[str, Colour]:
        photos = [self._photo(colour) for colour in COLOURS]
        images = await self.core.sessions.add_images(self.user_id, self.session_id, photos)
        return {image.id: colour for image, colour in zip(images, COLOURS, strict=True)}

    async def _pictures(self) -> dict[str, Colour]:
        """Bought; each has the colour of its seed."""
        await self.orchestrator.generate_images(self.user_id, self.session_id, "A mug", WORDED, "flux-pro")
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

    def _photo(self, colour: Colour) -> NewAsset:
        name = "-".join(map(str, colour))
        key = f"sessions/{self.session_id}/images/{name}.png"
        path = self.core.storage.local_path(key)
        assert path is not None
        path.parent.mkdir(parents=True, exist_ok=True)
        write_image(path, colour, (640, 360))
        return NewAsset(AssetKind.IMAGE, key, file_digest(path), "image/png", path.stat().st_size, view_type="front")


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
