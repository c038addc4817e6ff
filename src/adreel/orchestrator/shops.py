"""What can be bought, and where: for each kind of order who takes it and what is asked of them."""

from __future__ import annotations

from typing import Protocol, TypeVar

from adreel.agents.image_generator import BatchImageGeneratorAgent
from adreel.agents.video_generator import VideoGeneratorAgent
from adreel.domain.errors import InputError
from adreel.domain.formats import to_seconds
from adreel.domain.images import ImageOrder
from adreel.domain.ledger import marker_seed
from adreel.domain.remote import VideoOrder
from adreel.domain.text import TextOrder
from adreel.domain.vendor import Vendor
from adreel.orchestrator.image_orders import ImageJob, TextJob
from adreel.orchestrator.local_files import LocalFiles
from adreel.orchestrator.orders import ClipJob

CLIPS_AGENT = "video_generator"
IMAGES_AGENT = "image_generator"
TEXTS_AGENT = "language_model"
"""Whom costs are put down to."""


class Wanted(Protocol):
    """What a purchase is for. Keys of its purchases begin with `purchase`, which is the same however often it is tried."""

    @property
    def job_id(self) -> str: ...
    @property
    def session_id(self) -> str: ...
    @property
    def user_id(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def purchase(self) -> str: ...


W = TypeVar("W", bound=Wanted, contravariant=True)
Order = TypeVar("Order")


class Shop(Protocol[W, Order]):
    """One kind of orders. `agent` is whom their costs are put down to; `what` names one piece in messages, as "clip"."""

    agent: str
    what: str

    def vendor(self, model: str) -> Vendor[Order]:
        """Who takes orders for a model. Raises InputError when nobody does."""
        ...

    async def order(self, wanted: W, key: str) -> Order:
        """What is ordered under this key. Raises StorageError when a file that goes along cannot be had."""
        ...


class ClipShop:
    """Clips, at the providers of video models."""

    agent = CLIPS_AGENT
    what = "clip"

    def __init__(self, generator: VideoGeneratorAgent, files: LocalFiles) -> None:
        self._generator = generator
        self._files = files

    def vendor(self, model: str) -> Vendor[VideoOrder]:
        return self._generator.remote(model)

    async def order(self, wanted: ClipJob, key: str) -> VideoOrder:
        return VideoOrder(
            model=wanted.model,
            image=await self._files.path(wanted.image.key, wanted.image.content_hash),
            prompt=wanted.scene.scene_prompt,
            seconds=to_seconds(wanted.frames),
            motion_intensity=wanted.scene.motion_intensity,
            camera_movement=wanted.scene.camera_movement,
            seed=marker_seed(key),
            aspect=wanted.size.aspect,
        )


class ImageShop:
    """Pictures, at the providers of image models."""

    agent = IMAGES_AGENT
    what = "image"

    def __init__(self, generator: BatchImageGeneratorAgent, files: LocalFiles) -> None:
        self._generator = generator
        self._files = files

    def vendor(self, model: str) -> Vendor[ImageOrder]:
        return self._generator.engine(model)

    async def order(self, wanted: ImageJob, key: str) -> ImageOrder:
        anchors = [await self._files.path(image.key, image.content_hash) for image in wanted.anchors]
        return ImageOrder(
            model=wanted.model,
            prompt=wanted.prompt.prompt,
            negative_prompt=wanted.prompt.negative_prompt,
            seed=wanted.seed,
            marker=marker_seed(key),
            aspect=wanted.aspect,
            anchors=tuple(anchors),
        )


class TextShop:
    """Answers, at one provider of language models."""

    agent = TEXTS_AGENT
    what = "answer"

    def __init__(self, vendor: Vendor[TextOrder], models: frozenset[str]) -> None:
        self._vendor = vendor
        self._models = models

    def vendor(self, model: str) -> Vendor[TextOrder]:
        if model not in self._models:
            raise InputError(f"no language model is called {model!r}; choose from {', '.join(sorted(self._models))}")
        return self._vendor

    async def order(self, wanted: TextJob, key: str) -> TextOrder:
        return TextOrder(wanted.model, wanted.request, marker_seed(key))
