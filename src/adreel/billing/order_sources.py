"""Order sources: for each kind of purchase the vendor of a model, and the order to send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeVar

from adreel.agents.image_generator import BatchImageGeneratorAgent
from adreel.agents.video_generator import VideoGeneratorAgent
from adreel.billing.clip_jobs import ClipJob
from adreel.billing.image_jobs import ImageJob, TextJob
from adreel.domain.costs.ledger import PurchaseKind, marker_seed
from adreel.domain.errors import InputError
from adreel.domain.films.formats import to_seconds
from adreel.domain.films.images import ImageOrder
from adreel.domain.language_model import TextOrder
from adreel.domain.providers import Vendor, VideoOrder
from adreel.services.storage_service import LocalFiles


class PurchaseRequest(Protocol):
    """The work that a purchase is for. Keys of its purchases begin with `purchase`, which is the same at each retry.

    `job_id` is the session's job that buys, None when the caller runs none; `source_image_id` the image of the session that a
    clip is made of.
    """

    @property
    def job_id(self) -> str | None: ...
    @property
    def session_id(self) -> str: ...
    @property
    def user_id(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def source_image_id(self) -> str | None: ...
    @property
    def purchase(self) -> str: ...


W = TypeVar("W", bound=PurchaseRequest, contravariant=True)
Order = TypeVar("Order")


class OrderSource(Protocol[W, Order]):
    """One kind of orders; `what` names one piece in messages, as "clip"."""

    @property
    def kind(self) -> PurchaseKind: ...
    @property
    def what(self) -> str: ...

    def vendor(self, model: str) -> Vendor[Order]:
        """The vendor of a model. Raises InputError when there is none."""
        ...

    async def order(self, job: W, key: str) -> Order:
        """The order to send under this key. Raises StorageError when a file of it cannot be fetched."""
        ...


class ClipOrderSource:
    """Clips, at the providers of video models."""

    kind = PurchaseKind.CLIP
    what = "clip"

    def __init__(self, generator: VideoGeneratorAgent, files: LocalFiles) -> None:
        self._generator = generator
        self._files = files

    def vendor(self, model: str) -> Vendor[VideoOrder]:
        return self._generator.remote(model)

    async def order(self, job: ClipJob, key: str) -> VideoOrder:
        return VideoOrder(
            model=job.model,
            image=await self._files.path(job.image.key, job.image.content_hash),
            prompt=job.scene.scene_prompt,
            seconds=to_seconds(job.frames),
            motion_intensity=job.scene.motion_intensity,
            camera_movement=job.scene.camera_movement,
            seed=marker_seed(key),
            aspect=job.size.aspect,
        )


class ImageOrderSource:
    """Images, at the providers of image models."""

    kind = PurchaseKind.IMAGE
    what = "image"

    def __init__(self, generator: BatchImageGeneratorAgent, files: LocalFiles) -> None:
        self._generator = generator
        self._files = files

    def vendor(self, model: str) -> Vendor[ImageOrder]:
        return self._generator.engine(model)

    async def order(self, job: ImageJob, key: str) -> ImageOrder:
        anchors = [await self._files.path(image.key, image.content_hash) for image in job.anchors]
        return ImageOrder(
            model=job.model,
            prompt=job.prompt.prompt,
            negative_prompt=job.prompt.negative_prompt,
            seed=job.seed,
            marker=marker_seed(key),
            aspect=job.aspect,
            anchors=tuple(anchors),
        )


class TextOrderSource:
    """Answers, at the providers of language models. `vendors` take the orders, by the name of the model."""

    kind = PurchaseKind.TEXT
    what = "answer"

    def __init__(self, vendors: Mapping[str, Vendor[TextOrder]]) -> None:
        self._vendors = vendors

    def vendor(self, model: str) -> Vendor[TextOrder]:
        vendor = self._vendors.get(model)
        if vendor is None:
            raise InputError(f"no language model is called {model!r}; choose from {', '.join(sorted(self._vendors))}")
        return vendor

    async def order(self, job: TextJob, key: str) -> TextOrder:
        return TextOrder(job.model, job.request, marker_seed(key))
