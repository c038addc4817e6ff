"""A film with hosted models as a person orders it, the models that are to make it, and what it is known by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from adreel.agents.image_generator import DEFAULT_MODEL, FALLBACKS
from adreel.agents.prompt_parser import MOST_IMAGES
from adreel.catalogue.models import Catalogue, ImageModel, Model, VideoModel
from adreel.domain.errors import InputError
from adreel.domain.formats import to_frames
from adreel.domain.scene import FRAMINGS
from adreel.maker import MAX_CLIPS
from adreel.options import FilmOptions
from adreel.orchestrator.orders import digest_of
from adreel.providers.replicate.mapping import nearest_aspect

M = TypeVar("M", bound=Model)

PROVIDER = "replicate"
DEFAULT_VIDEO = "wan-2.2-i2v-fast"
"""Bought from unless another model is named: the cheapest of the catalogue for a clip of usual length at 720p and up."""


@dataclass(frozen=True, slots=True)
class HostedOrder:
    """A film of photos, or of `images` pictures made of the prompt, or of both: then the photos show what the pictures are of.

    `model` and `image_model` are names of the catalogue, None for the usual ones. `budget` is the most that the film may cost
    in all, in US dollars; None for that of the settings.
    """

    photos: tuple[Path, ...]
    out: Path
    prompt: str = ""
    clip_seconds: float = 3.0
    film: FilmOptions = field(default_factory=FilmOptions)
    model: str | None = None
    images: int = 0
    image_model: str | None = None
    budget: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """The models of an order; `image` None when no pictures are to be made."""

    video: VideoModel
    image: ImageModel | None


def choose(order: HostedOrder, catalogue: Catalogue) -> Choice:
    """Raises InputError for an order that no model of the catalogue can fill."""
    _check_counts(order)
    video = _video(order.model or DEFAULT_VIDEO, catalogue)
    video.check_duration(order.clip_seconds)
    if video.aspect is not None:
        nearest_aspect(video, video.aspect, order.film.aspect)
    return Choice(video, _image(order, catalogue) if order.images else None)


def identity(order: HostedOrder, choice: Choice, photos: Sequence[str]) -> str:
    """What everything that is bought for the film depends on, as a digest: `photos` are the hashes of their contents.

    Cards, music and transitions are not in it: a film with other words is made of the same clips.
    """
    pictures = (order.images, choice.image.name) if choice.image else None
    clips = (choice.video.name, to_frames(order.clip_seconds), order.film.aspect)
    return digest_of("hosted film", list(photos), order.prompt, clips, order.film.seed, pictures)


def clip_count(photos: int, images: int) -> int:
    """How many clips the film has: one photo alone is shown in every framing."""
    return len(FRAMINGS) if photos == 1 and not images else photos + images


def _check_counts(order: HostedOrder) -> None:
    if not order.photos and not order.images:
        raise InputError("give product photos, or say with --prompt what the product is, so that images can be made")
    if order.images and not order.prompt.strip():
        raise InputError("images are made of words: say with --prompt what the product is and how it looks")
    if not 0 <= order.images <= MOST_IMAGES:
        raise InputError(f"{order.images} images are not possible at once; choose between 1 and {MOST_IMAGES}")
    if clip_count(len(order.photos), order.images) > MAX_CLIPS:
        raise InputError(f"a film takes 1 to {MAX_CLIPS} clips; {len(order.photos) + order.images} were asked for")


def _video(name: str, catalogue: Catalogue) -> VideoModel:
    hosted = _hosted(catalogue.videos)
    if name not in hosted:
        raise InputError(f"no hosted video model is called {name!r}; choose one of {', '.join(hosted)}")
    return hosted[name]


def _image(order: HostedOrder, catalogue: Catalogue) -> ImageModel:
    """Own photos are of use to models that take pictures only: another one would make another product."""
    known = _hosted(catalogue.images)
    fitting = {name: model for name, model in known.items() if model.image_field or not order.photos}
    name = order.image_model or next((each for each in (DEFAULT_MODEL, *FALLBACKS, *fitting) if each in fitting), "")
    if name in fitting:
        return fitting[name]
    if name in known:
        raise InputError(
            f"{name} makes pictures of words only, so they would show another product than your photos; "
            f"choose one of {', '.join(fitting)}, or leave --images out"
        )
    raise InputError(f"no image model is called {name!r}; choose one of {', '.join(fitting) or 'none that is known'}")


def _hosted(models: Mapping[str, M]) -> dict[str, M]:
    return {name: model for name, model in models.items() if model.provider == PROVIDER}
