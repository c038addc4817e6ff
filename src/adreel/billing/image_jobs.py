"""Jobs of the image and text flows: typed in code, stored as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from adreel.billing.clip_jobs import ImageRef, digest_of
from adreel.catalogue.models import ImageModel
from adreel.domain.films.images import ImagePlan, ImagePrompt, image_seed
from adreel.domain.films.scene import ViewType
from adreel.domain.language_model import TextRequest
from adreel.domain.sessions.details import GeneratedImage
from adreel.domain.sessions.session import Asset, AssetKind, Json, SessionView

MOST_ANCHORS = 3
MOST_IMAGES = 8

_USUAL_ASPECT = "16:9"


@dataclass(frozen=True, slots=True)
class ImagesJob:
    """`count` images of a product. `models` are tried in this order; `anchors` are the user's own photos.

    `batch` numbers the batches of the same request: images of earlier batches are not made again.
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
        """The job for image `index`; the events of the job have numbers above `after`."""
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
    """One image, the `index`th of `count`. `attempt` is the index of the model in `models`."""

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
        """The digest of all inputs of the image, the same for every attempt."""
        anchors = [image.content_hash for image in self.anchors]
        prompt = asdict(self.prompt)
        return digest_of("image", prompt, self.models, self.seed, self.aspect, anchors, self.batch, self.index)

    @property
    def source_image_id(self) -> None:
        """An image is not made of one image of the session."""

    @property
    def purchase(self) -> str:
        """The keys of its purchases begin with it. What it consists of is read nowhere."""
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
class ImageBatch:
    """The values that all images of a batch share."""

    product: str
    count: int
    asked_model: str
    aspect: str

    @classmethod
    def of(cls, made: GeneratedImage) -> ImageBatch:
        return cls(made.product, made.count, made.asked_model, made.aspect)


@dataclass(frozen=True, slots=True)
class TextJob:
    """One answer of one language model, for a job of a session."""

    job_id: str
    session_id: str
    user_id: str
    model: str
    request: TextRequest

    @property
    def source_image_id(self) -> None:
        """An answer is not made of one image of the session."""

    @property
    def purchase(self) -> str:
        """The keys of its purchases begin with it: the same request in the same session is paid for once."""
        return f"{self.session_id}:text-{digest_of('text', asdict(self.request))[:16]}:{self.model}"


def read_prompt(prompt: Mapping[str, Any]) -> ImagePrompt:
    return ImagePrompt(ViewType(prompt["view_type"]), str(prompt["prompt"]), str(prompt["negative_prompt"]))


def read_plan(plan: Mapping[str, Any]) -> ImagePlan:
    """Reads a plan from JSON, the inverse of `dataclasses.asdict`."""
    return ImagePlan(
        category=plan["category"],
        style_keywords=tuple(plan["style_keywords"]),
        prompts=tuple(read_prompt(prompt) for prompt in plan["prompts"]),
        seed=plan["seed"],
        planner=plan["planner"],
        warning=plan["warning"],
    )


def images_job(
    view: SessionView,
    job_id: str,
    product: str,
    count: int,
    model: ImageModel,
    spare: Sequence[ImageModel],
    aspect: str = _USUAL_ASPECT,
) -> ImagesJob:
    """The job for images of a session.

    A model that accepts images gets the session's own photos, and then only such models are fallbacks. Fallbacks must support
    the aspect. Raises InputError when the model itself does not.
    """
    model.check(aspect)
    images = view.of_kind(AssetKind.IMAGE)
    own = [image for image in images if image.model is None] if model.image_field else []
    fitting = [other for other in spare if other.unusable is None and other.aspects_of((aspect,))]
    others = [other.name for other in fitting if other.image_field or not own]
    return ImagesJob(
        job_id=job_id,
        session_id=view.session.id,
        user_id=view.session.user_id,
        product=product,
        count=count,
        models=(model.name, *others),
        seed=view.session.seed,
        aspect=aspect,
        anchors=tuple(ImageRef.of(image) for image in own[:MOST_ANCHORS]),
        batch=_batch(images, ImageBatch(product, count, model.name, aspect)),
    )


def missing_images(view: SessionView, job: ImagesJob) -> int:
    """How many images of the job's batch are missing."""
    shared = ImageBatch(job.product, job.count, job.models[0], job.aspect)
    return job.count - len(_made(view.of_kind(AssetKind.IMAGE), shared, job.batch))


def _batch(images: Sequence[Asset], shared: ImageBatch) -> int:
    """The first incomplete batch: a retry makes its missing images, a new request after a complete one makes new images."""
    batch = 0
    while len(_made(images, shared, batch)) == shared.count:
        batch += 1
    return batch


def _made(images: Sequence[Asset], shared: ImageBatch, batch: int) -> list[Asset]:
    """The images of a batch."""
    made = [(image, image.image_details.generated) for image in images]
    return [image for image, one in made if one is not None and (ImageBatch.of(one), one.batch) == (shared, batch)]
