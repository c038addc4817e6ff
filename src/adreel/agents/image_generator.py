"""BatchImageGeneratorAgent: generates images of a product from prompts, in parallel."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path
from types import MappingProxyType

from adreel.agents.agent import AgentInput, AgentOutput
from adreel.catalogue.models import ImageModel
from adreel.domain.costs.refusals import ADVICE, is_refusal, reason_in_words
from adreel.domain.errors import (
    AdreelError,
    BudgetError,
    CancelledError,
    ExpiredError,
    GenerationError,
    InputError,
    NoCreditError,
    PhotoError,
    RefusedError,
    UnauthorizedError,
    UnknownOrderError,
)
from adreel.domain.films.images import ImageEngine, ImageOrder, ImagePrompt, image_seed
from adreel.domain.films.scene import ViewType
from adreel.domain.ports import ImageBuyer
from adreel.domain.providers import RemoteJob
from adreel.domain.work.progress import ProgressReporter
from adreel.media.photos.photo import PhotoInfo, verify_photo

DEFAULT_MODEL = "flux-pro"
FALLBACKS = ("flux-1.1-pro", "sdxl")
"""Tried in this order when the first model fails."""

CONTENT_TYPES: Mapping[str, str] = MappingProxyType(
    {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "AVIF": "image/avif"}
)
SUFFIXES: Mapping[str, str] = MappingProxyType(
    {"JPEG": ".jpg", "MPO": ".jpg", "PNG": ".png", "WEBP": ".webp", "AVIF": ".avif"}
)

FINAL = (UnauthorizedError, NoCreditError, ExpiredError, UnknownOrderError)
"""Errors that other models would raise too, or after which the order may have been paid: no other model is tried."""

_FREE = Decimal("0.00")

_log = logging.getLogger(__name__)


class UselessImageError(RefusedError):
    """The model returned no usable image: another model may succeed. Not raised for an image that could not be downloaded."""


@dataclass(frozen=True, slots=True)
class ImagesOrder:
    """Images of one product, written to `folder`. `anchors` are photos of the real product, for models that accept them."""

    prompts: tuple[ImagePrompt, ...]
    seed: int
    folder: Path
    model_name: str = DEFAULT_MODEL
    aspect: str = "16:9"
    anchors: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class MadeImage:
    """One image file: for the `index`th prompt, made by `model` for `cost` US dollars in `generation_time` seconds."""

    index: int
    path: Path
    view_type: ViewType
    model: str
    cost: Decimal
    seed: int
    width: int
    height: int
    content_type: str
    generation_time: float


@dataclass(frozen=True, slots=True)
class ImagesMade:
    """The images in the order of their prompts, and the indices of the prompts that failed."""

    images: tuple[MadeImage, ...]
    failed: tuple[int, ...]


class BatchImageGeneratorAgent:
    """Makes images in parallel, `at_once` at a time. A failed image does not affect the others.

    `models` are the catalogue's models, `engines` the hosted engines by provider; `verify` decodes an image completely. `process`
    buys through the ledger, once there is a buyer (`use_buyer`): it needs a session that exists.
    """

    def __init__(
        self,
        models: Mapping[str, ImageModel],
        engines: Mapping[str, ImageEngine],
        *,
        fallbacks: Sequence[str] = FALLBACKS,
        verify: Callable[[Path], PhotoInfo] = verify_photo,
        at_once: int = 8,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.models = models
        self._engines = engines
        self._fallbacks = tuple(fallbacks)
        self._verify = verify
        self._slots = asyncio.Semaphore(at_once)
        self._clock = clock
        self._buyer: ImageBuyer | None = None

    def use_buyer(self, buyer: ImageBuyer) -> None:
        """Lets `process` buy images."""
        self._buyer = buyer

    async def process(self, order: AgentInput[ImagesOrder], /) -> AgentOutput[ImagesMade]:
        """Makes the images of an order. The only AdreelError it raises is CancelledError: other failures are in the result.

        `cost` includes paid images that were rejected.
        """
        started = self._clock()
        so_far = _OrderProgress(order.reporter, len(order.data.prompts))
        jobs = [self._one(order, index, so_far) for index in range(len(order.data.prompts))]
        results = await asyncio.gather(*jobs, return_exceptions=True)
        made = tuple(result for result in results if isinstance(result, MadeImage))
        errors = [(index, result) for index, result in enumerate(results) if isinstance(result, BaseException)]
        for _, error in errors:
            if isinstance(error, CancelledError) or not isinstance(error, Exception):
                raise error
        failures = tuple(_as_adreel_error(index, error) for index, error in errors)
        data = ImagesMade(made, tuple(index for index, _ in errors)) if made else None
        return AgentOutput(bool(made), data, so_far.cost, self._clock() - started, failures)

    def chain(self, model_name: str, *, anchored: bool = False, aspect: str = "16:9") -> tuple[str, ...]:
        """Returns the models to try, in order; with `anchored`, a model that accepts images gets only such fallbacks.

        Raises InputError for a model that is unknown, whose provider is not configured, or that does not support `aspect`.
        """
        self.engine(model_name)
        self.models[model_name].check(aspect)
        needs_image = anchored and self.models[model_name].image_field is not None
        others = (name for name in self._fallbacks if self._is_fallback(name, model_name, needs_image))
        return (model_name, *(name for name in others if self.models[name].aspects_of((aspect,))))

    def engine(self, model_name: str) -> ImageEngine:
        """Returns the hosted engine of a model. Raises InputError for a model without one."""
        model = self.models.get(model_name)
        if model is None:
            raise InputError(f"no image model is called {model_name!r}; choose one of {', '.join(self.models)}")
        if model.provider not in self._engines:
            raise InputError(f"{model_name} cannot be used: its provider is not set up; upload photos instead")
        return self._engines[model.provider]

    async def collect(self, model_name: str, job: RemoteJob, path: Path) -> PhotoInfo:
        """Downloads and verifies the image of a job that has succeeded. Raises ExpiredError, DownloadError, RefusedError.

        Raises UselessImageError for an image that is too small, broken or missing.
        """
        if job.expired:
            raise ExpiredError.of(model_name, "picture", job.id)
        if not job.outputs:
            raise UselessImageError(f"{model_name}: job {job.id} succeeded without a picture; try again")
        await self.engine(model_name).fetch(job.outputs[0], path)
        return await asyncio.to_thread(self.examined, model_name, path)

    def examined(self, model_name: str, path: Path) -> PhotoInfo:
        """Decodes an image completely and returns its properties. Raises UselessImageError for one that cannot be used."""
        try:
            return self._verify(path)
        except PhotoError as error:
            reason = str(error).replace(str(path), "the picture")
            raise UselessImageError(f"{model_name}: {reason}; try again") from error

    def _is_fallback(self, name: str, first: str, needs_image: bool) -> bool:
        model = self.models.get(name)
        if name == first or model is None or model.unusable or model.provider not in self._engines:
            return False
        return model.image_field is not None or not needs_image

    async def _one(self, order: AgentInput[ImagesOrder], index: int, so_far: _OrderProgress) -> MadeImage:
        """Makes one image with the first model that succeeds. Raises the last model's error, also when the budget does not cover
        the next model."""
        failure: AdreelError | None = None
        for name in await self._models_to_try(order.session_id, order.data, index):
            order.cancellation.check()
            try:
                async with self._slots:
                    made = await self._bought(order.session_id, order.data, index, name, so_far)
            except UselessImageError as error:
                failure = error
            except BudgetError:
                if failure is None:
                    raise
                break
            else:
                so_far.done()
                return made
        raise failure or GenerationError("no image model was tried")

    async def _models_to_try(self, session_id: str, images: ImagesOrder, index: int) -> list[str]:
        """Those first whose image is bought or ordered, so that a repeated call buys nothing again."""
        names = self.chain(images.model_name, anchored=bool(images.anchors), aspect=images.aspect)
        orders = {name: image_order(images, index, name) for name in names}
        is_held = {name: await self._buyer_of(name).is_held(session_id, order) for name, order in orders.items()}
        return sorted(names, key=lambda name: not is_held[name])

    def _buyer_of(self, model_name: str) -> ImageBuyer:
        if self._buyer is None:
            raise InputError(
                f"{model_name} cannot be used here: its images are bought; give the agent a buyer (use_buyer)"
            )
        return self._buyer

    async def _bought(
        self, session_id: str, images: ImagesOrder, index: int, name: str, so_far: _OrderProgress
    ) -> MadeImage:
        order = image_order(images, index, name)
        path = images.folder / f"image_{index + 1:02d}"
        with next_model():
            bought = await self._buyer_of(name).buy(session_id, order, path, partial(self.examined, name))
        so_far.cost += bought.cost
        if isinstance(bought.result, ExpiredError):
            raise bought.result
        if isinstance(bought.result, GenerationError):
            raise UselessImageError(str(bought.result)) from bought.result
        info = bought.result
        named = path.with_suffix(SUFFIXES[info.format])
        await asyncio.to_thread(path.replace, named)
        return MadeImage(
            index=index,
            path=named,
            view_type=images.prompts[index].view_type,
            model=name,
            cost=bought.cost,
            seed=order.seed,
            width=info.width,
            height=info.height,
            content_type=CONTENT_TYPES[info.format],
            generation_time=bought.seconds,
        )


@contextmanager
def next_model() -> Generator[None]:
    """Raises UselessImageError for an order that failed, unless another model would fail as well or the order may have been
    accepted."""
    try:
        yield
    except FINAL:
        raise
    except GenerationError as error:
        raise UselessImageError(str(error)) from error


class _OrderProgress:
    """Accumulates the cost and reports the progress of an order."""

    def __init__(self, reporter: ProgressReporter, count: int) -> None:
        self.cost = _FREE
        self._reporter = reporter
        self._count = count
        self._done = 0

    def done(self) -> None:
        self._done += 1
        self._reporter.report(self._done / self._count, f"{self._done} of {self._count} images")


def image_order(images: ImagesOrder, index: int, model_name: str) -> ImageOrder:
    """Returns the order to a model for one prompt. The purchase gives it its marker."""
    prompt = images.prompts[index]
    return ImageOrder(
        model=model_name,
        prompt=prompt.prompt,
        negative_prompt=prompt.negative_prompt,
        seed=image_seed(images.seed, index),
        marker=0,
        aspect=images.aspect,
        anchors=images.anchors,
    )


def image_failure(model_name: str, job: RemoteJob) -> UselessImageError:
    """Returns the error for a job without an image: the reason in words, and what to do. The provider's text goes to the log."""
    if job.error:
        _log.warning("%s: job %s: %s: %s", model_name, job.id, job.status, job.error)
    reason = reason_in_words(job.error)
    advice = f"{ADVICE}, or choose another model" if is_refusal(job.error) else "change the prompt or the model"
    return UselessImageError(f"{model_name} made no picture ({job.status}): {reason}; {advice}")


def _as_adreel_error(index: int, error: BaseException) -> AdreelError:
    if isinstance(error, AdreelError):
        return error
    wrapped = GenerationError(f"image {index + 1} could not be made: {type(error).__name__}: {error}")
    wrapped.__cause__ = error
    return wrapped
