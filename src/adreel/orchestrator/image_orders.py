"""Orders of the flows that make pictures: typed inside, JSON where they are kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from adreel.catalogue.models import ImageModel
from adreel.domain.images import ImagePrompt, image_seed
from adreel.domain.scene import ViewType
from adreel.domain.session import Asset, AssetKind, Json, SessionView
from adreel.domain.text import TextRequest
from adreel.orchestrator.orders import ImageRef, digest_of

MOST_ANCHORS = 3
MOST_IMAGES = 8


@dataclass(frozen=True, slots=True)
class ImagesJob:
    """`count` pictures of a product. `models` are asked in this order; `anchors` are the person's own photos.

    `batch` counts how often the same was ordered: what a batch before this one has made is not made again.
    """

    job_id: str
    session_id: str
    user_id: str
    product: str
    count: int
    models: tuple[str, ...]
    seed: int
    aspect: str = "16:9"
    anchors: tuple[ImageRef, ...] = ()
    batch: int = 0

    def to_json(self) -> Json:
        return asdict(self)

    @classmethod
    def read(cls, order: Json) -> ImagesJob:
        typed: dict[str, Any] = {
            "models": tuple(order["models"]),
            "anchors": tuple(ImageRef(**image) for image in order["anchors"]),
        }
        return cls(**{**order, **typed})

    def image(self, index: int, prompt: ImagePrompt, after: int) -> ImageJob:
        """The order for picture `index`; the job's own events have numbers above `after`."""
        return ImageJob(
            job_id=self.job_id,
            session_id=self.session_id,
            user_id=self.user_id,
            index=index,
            count=self.count,
            product=self.product,
            prompt=prompt,
            models=self.models,
            seed=image_seed(self.seed, self.batch * MOST_IMAGES + index),
            aspect=self.aspect,
            anchors=self.anchors,
            batch=self.batch,
            after=after,
        )


@dataclass(frozen=True, slots=True)
class ImageJob:
    """One picture, the `index`th of `count`. `attempt` says which of the models is asked."""

    job_id: str
    session_id: str
    user_id: str
    index: int
    count: int
    product: str
    prompt: ImagePrompt
    models: tuple[str, ...]
    seed: int
    aspect: str
    anchors: tuple[ImageRef, ...]
    batch: int
    after: int
    attempt: int = 0

    @property
    def model(self) -> str:
        return self.models[self.attempt]

    @property
    def request(self) -> str:
        """The digest of everything that was asked for, whichever model makes it in the end."""
        anchors = [image.content_hash for image in self.anchors]
        words = asdict(self.prompt)
        return digest_of("image", words, self.models, self.seed, self.aspect, anchors, self.batch, self.index)

    @property
    def purchase(self) -> str:
        """What keys of its purchases begin with."""
        return f"{self.session_id}:image-{self.request[:16]}:{self.model}"

    def to_json(self) -> Json:
        return asdict(self)

    @classmethod
    def read(cls, order: Json) -> ImageJob:
        typed: dict[str, Any] = {
            "prompt": read_prompt(order["prompt"]),
            "models": tuple(order["models"]),
            "anchors": tuple(ImageRef(**image) for image in order["anchors"]),
        }
        return cls(**{**order, **typed})


@dataclass(frozen=True, slots=True)
class TextJob:
    """One answer of one language model, for a job of a session."""

    job_id: str
    session_id: str
    user_id: str
    model: str
    request: TextRequest

    @property
    def purchase(self) -> str:
        """What keys of its purchases begin with: the same question of the same session is paid for once."""
        return f"{self.session_id}:text-{digest_of('text', asdict(self.request))[:16]}:{self.model}"


def read_prompt(prompt: Mapping[str, Any]) -> ImagePrompt:
    return ImagePrompt(ViewType(prompt["view_type"]), str(prompt["prompt"]), str(prompt["negative_prompt"]))


def images_job(
    view: SessionView, job_id: str, product: str, count: int, model: ImageModel, spare: Sequence[ImageModel]
) -> ImagesJob:
    """The order for pictures of a session.

    Its own photos go along with a model that takes pictures, and then only such models stand in for it.
    """
    images = view.of_kind(AssetKind.IMAGE)
    own = [image for image in images if image.model is None] if model.image_field else []
    others = [other.name for other in spare if other.image_field or not own]
    return ImagesJob(
        job_id=job_id,
        session_id=view.session.id,
        user_id=view.session.user_id,
        product=product,
        count=count,
        models=(model.name, *others),
        seed=view.session.seed,
        anchors=tuple(ImageRef.of(image) for image in own[:MOST_ANCHORS]),
        batch=_batch(images, product, count, model.name),
    )


def missing_images(view: SessionView, job: ImagesJob) -> int:
    """How many pictures of the job's batch are not there yet."""
    return job.count - len(_made(view.of_kind(AssetKind.IMAGE), job.product, job.count, job.models[0], job.batch))


def _batch(images: Sequence[Asset], product: str, count: int, model: str) -> int:
    """The first batch that is not whole: trying again makes what is missing, asking again makes new pictures."""
    batch = 0
    while len(_made(images, product, count, model, batch)) == count:
        batch += 1
    return batch


def _made(images: Sequence[Asset], product: str, count: int, model: str, batch: int) -> list[Asset]:
    wanted = {"product": product, "count": count, "asked_model": model, "batch": batch}
    return [image for image in images if wanted.items() <= dict(image.details).items()]
