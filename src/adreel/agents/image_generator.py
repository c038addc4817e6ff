"""BatchImageGeneratorAgent: prompts in, pictures of a product out, all at the same time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType

from adreel.agents.base import AgentInput, AgentOutput
from adreel.catalogue.models import ImageModel
from adreel.domain.errors import (
    AdreelError,
    AmbiguousSubmitError,
    CancelledError,
    ExpiredError,
    GenerationError,
    InputError,
    NoCreditError,
    PhotoError,
    RefusedError,
    UnauthorizedError,
)
from adreel.domain.events import Watch
from adreel.domain.images import ImageEngine, ImageOrder, ImagePrompt, image_seed
from adreel.domain.ledger import marker_seed
from adreel.domain.remote import JobStatus, RemoteJob
from adreel.domain.scene import ViewType
from adreel.media.photos import PhotoInfo, check_photo, load_photo

DEFAULT_MODEL = "flux-pro"
FALLBACKS = ("flux-1.1-pro", "sdxl")
"""Asked in this order when the first model fails."""

CONTENT_TYPES: Mapping[str, str] = MappingProxyType(
    {"JPEG": "image/jpeg", "MPO": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "AVIF": "image/avif"}
)
SUFFIXES: Mapping[str, str] = MappingProxyType(
    {"JPEG": ".jpg", "MPO": ".jpg", "PNG": ".png", "WEBP": ".webp", "AVIF": ".avif"}
)

FINAL = (UnauthorizedError, NoCreditError, InputError, AmbiguousSubmitError)
"""What another model would meet as well, or what may have been paid for: no other model is asked."""

_FREE = Decimal("0.00")
_POLL_FIRST, _POLL_MOST = 0.5, 5.0
_MOST_SECONDS = 600.0
_SEARCHES = 4


class UselessImageError(RefusedError):
    """No picture came, or one of no use: another model may do better. Not raised for a picture that could not be fetched."""


@dataclass(frozen=True, slots=True)
class ImagesOrder:
    """Pictures of one product, into files of `folder`. `anchors` are photos of the real product, for models that take them."""

    prompts: tuple[ImagePrompt, ...]
    seed: int
    folder: Path
    model_name: str = DEFAULT_MODEL
    aspect: str = "16:9"
    anchors: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class MadeImage:
    """One picture in a file: the `index`th prompt's, made by `model` for `cost` US dollars in `generation_time` seconds."""

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
    """The pictures in the order of their prompts, and the indices of the prompts that gave none."""

    images: tuple[MadeImage, ...]
    failed: tuple[int, ...]


class BatchImageGeneratorAgent:
    """Makes all pictures at once, `at_once` of them at a time. A picture that fails does not take the others with it.

    `models` are the catalogue's facts, `engines` the hosted ones by provider. `process` buys for itself, outside of a ledger;
    the service's flows use the parts.
    """

    def __init__(
        self,
        models: Mapping[str, ImageModel],
        engines: Mapping[str, ImageEngine],
        *,
        fallbacks: Sequence[str] = FALLBACKS,
        at_once: int = 8,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self.models = models
        self._engines = engines
        self._fallbacks = tuple(fallbacks)
        self._slots = asyncio.Semaphore(at_once)
        self._clock = clock
        self._now = now
        self._sleep = sleep

    async def process(self, order: AgentInput[ImagesOrder], /) -> AgentOutput[ImagesMade]:
        """Pictures for an order. Never raises an AdreelError but CancelledError: failures are in the answer.

        `cost` counts pictures that were paid for and are of no use, too.
        """
        started = self._clock()
        tally = _Tally(order.watch, len(order.data.prompts))
        jobs = [self._one(order, index, tally) for index in range(len(order.data.prompts))]
        results = await asyncio.gather(*jobs, return_exceptions=True)
        made = tuple(result for result in results if isinstance(result, MadeImage))
        errors = [(index, result) for index, result in enumerate(results) if isinstance(result, BaseException)]
        for _, error in errors:
            if isinstance(error, CancelledError) or not isinstance(error, Exception):
                raise error
        told = tuple(_told(index, error) for index, error in errors)
        data = ImagesMade(made, tuple(index for index, _ in errors)) if made else None
        return AgentOutput(bool(made), data, tally.cost, self._clock() - started, told)

    def chain(self, model_name: str, *, anchored: bool = False) -> tuple[str, ...]:
        """The models to be asked for a picture, in order; with `anchored`, only such as take pictures stand in for such a one.

        Raises InputError for a model that is not there or whose provider is not set up.
        """
        self.engine(model_name)
        needs_image = anchored and self.models[model_name].image_field is not None
        return (model_name, *(name for name in self._fallbacks if self._stands_in(name, model_name, needs_image)))

    def engine(self, model_name: str) -> ImageEngine:
        """The hosted engine of a model. Raises InputError for a model without one."""
        model = self.models.get(model_name)
        if model is None:
            raise InputError(f"no image model is called {model_name!r}; choose one of {', '.join(self.models)}")
        if model.provider not in self._engines:
            raise InputError(f"{model_name} cannot be used: its provider is not set up; upload photos instead")
        return self._engines[model.provider]

    async def collect(self, model_name: str, job: RemoteJob, path: Path) -> PhotoInfo:
        """Downloads the picture of a job that has succeeded and looks at it. Raises ExpiredError, DownloadError, RefusedError.

        A picture that is too small, broken, or none at all is a UselessImageError.
        """
        if job.expired:
            raise ExpiredError(f"{model_name}: the provider has already removed the picture of job {job.id}")
        if not job.outputs:
            raise UselessImageError(f"{model_name}: job {job.id} succeeded without a picture; try again")
        await self.engine(model_name).fetch(job.outputs[0], path)
        return await asyncio.to_thread(examined, model_name, path)

    def _stands_in(self, name: str, first: str, needs_image: bool) -> bool:
        model = self.models.get(name)
        if name == first or model is None or model.provider not in self._engines:
            return False
        return model.image_field is not None or not needs_image

    async def _one(self, order: AgentInput[ImagesOrder], index: int, tally: _Tally) -> MadeImage:
        """One picture, from the first model that makes it. Raises the last model's error."""
        failure: AdreelError | None = None
        for name in self.chain(order.data.model_name, anchored=bool(order.data.anchors)):
            order.watch.check()
            try:
                async with self._slots:
                    made = await self._bought(order, index, name, tally)
            except UselessImageError as error:
                failure = error
            else:
                tally.done()
                return made
        raise failure or GenerationError("no image model was asked")

    async def _bought(self, order: AgentInput[ImagesOrder], index: int, name: str, tally: _Tally) -> MadeImage:
        started = self._clock()
        wanted = image_order(order.data, order.session_id, index, name)
        price = self.engine(name).price(wanted)
        job = await self._placed(name, wanted)
        tally.cost += price
        job = await self._ended(name, job)
        tally.cost -= price if job.status is JobStatus.ABORTED else _FREE
        if job.status is not JobStatus.SUCCEEDED:
            raise image_failure(name, job)
        path = order.data.folder / f"image_{index + 1:02d}"
        info = await self.collect(name, job, path)
        named = path.with_suffix(SUFFIXES[info.format])
        await asyncio.to_thread(path.replace, named)
        return MadeImage(
            index=index,
            path=named,
            view_type=order.data.prompts[index].view_type,
            model=name,
            cost=price,
            seed=wanted.seed,
            width=info.width,
            height=info.height,
            content_type=CONTENT_TYPES[info.format],
            generation_time=self._clock() - started,
        )

    async def _placed(self, name: str, order: ImageOrder) -> RemoteJob:
        """Orders once. An answer that was lost is looked for, and never ordered again."""
        engine, since = self.engine(name), self._now()
        try:
            await engine.check(name)
            return await engine.submit(order)
        except AmbiguousSubmitError:
            for _ in range(_SEARCHES):
                found = await engine.find(order.marker, since)
                if found is not None:
                    return found
                await self._sleep(_POLL_MOST)
            raise
        except FINAL:
            raise
        except GenerationError as error:
            raise UselessImageError(str(error)) from error

    async def _ended(self, name: str, job: RemoteJob) -> RemoteJob:
        engine, delay, started = self.engine(name), _POLL_FIRST, self._clock()
        while not job.status.is_final:
            if self._clock() - started > _MOST_SECONDS:
                await engine.cancel(job.id)
                raise UselessImageError(f"{name} has not made the picture within {_MOST_SECONDS / 60:.0f} minutes")
            await self._sleep(delay)
            delay = min(delay * 1.5, _POLL_MOST)
            job = await engine.poll(job.id)
        return job


class _Tally:
    """What was spent and how far it all is."""

    def __init__(self, watch: Watch, count: int) -> None:
        self.cost = _FREE
        self._watch = watch
        self._count = count
        self._done = 0

    def done(self) -> None:
        self._done += 1
        self._watch.report(self._done / self._count, f"{self._done} of {self._count} images")


def image_order(images: ImagesOrder, session_id: str, index: int, model_name: str) -> ImageOrder:
    """What is ordered of a model for one prompt."""
    prompt = images.prompts[index]
    seed = image_seed(images.seed, index)
    return ImageOrder(
        model=model_name,
        prompt=prompt.prompt,
        negative_prompt=prompt.negative_prompt,
        seed=seed,
        marker=marker_seed(f"{session_id}:image:{index}:{seed}:{model_name}:{images.folder}"),
        aspect=images.aspect,
        anchors=images.anchors,
    )


def image_failure(model_name: str, job: RemoteJob) -> UselessImageError:
    """In words, why a job gave no picture and what to do."""
    reason = job.error or "the provider does not say why"
    return UselessImageError(f"{model_name} made no picture ({job.status}): {reason}; change the prompt or the model")


def examined(model_name: str, path: Path) -> PhotoInfo:
    """What a picture was measured to be; it is decoded to its end. Raises UselessImageError."""
    try:
        info = check_photo(path)
        load_photo(path)
    except PhotoError as error:
        raise UselessImageError(f"{model_name}: {str(error).replace(str(path), 'the picture')}; try again") from error
    return info


def _told(index: int, error: BaseException) -> AdreelError:
    if isinstance(error, AdreelError):
        return error
    told = GenerationError(f"image {index + 1} could not be made: {type(error).__name__}: {error}")
    told.__cause__ = error
    return told
