"""A film with hosted models as a person orders it, the models that are to make it, and what it is known by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from adreel.agents.image_generator import FALLBACKS
from adreel.agents.options import MAX_CLIPS
from adreel.agents.output import Existing
from adreel.agents.prompt_parser import MOST_IMAGES
from adreel.billing.clip_jobs import digest_of
from adreel.catalogue.models import Catalogue, ImageModel, Model, VideoModel
from adreel.domain.ad import Ad
from adreel.domain.brand import BrandKit
from adreel.domain.costs.ledger import PaidCall
from adreel.domain.errors import InputError
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.films.formats import to_frames
from adreel.domain.films.scene import FRAMINGS
from adreel.domain.remedy import Remedy
from adreel.media.speech.line_voice import LineVoice
from adreel.providers.common.provider import Provider
from adreel.providers.registry import provider, usual_provider

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class HostedOrder:
    """A film of photos, or of `images` pictures made of the prompt, or of both: then the photos show what the pictures are of.

    `provider` makes it; `model` and `image_model` are names of its models in the catalogue, None for its usual ones. `budget` is
    the most that the film may cost in all, in US dollars; None for that of the settings. `existing` says what happens when `out`
    exists. With `passport` its passport is written beside it, with the receipt of all that was bought.

    With a `script` a clip is bought for each of its beats, and `clip_seconds` is their length on average in a script without a
    length; `brand`, `speaker` and `bought` are as in `MakeOrder`; what was bought counts in the budget. `clip_frames` are the
    least lengths of the clips of its beats, for films of the same clips.
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
    provider: str = field(default_factory=lambda: usual_provider().name)
    existing: Existing = Existing.REFUSE
    passport: bool = False
    script: Ad | None = None
    brand: BrandKit | None = None
    speaker: LineVoice | None = None
    bought: tuple[PaidCall, ...] = ()
    clip_frames: tuple[int, ...] = ()

    @property
    def spent_before(self) -> Decimal:
        """What was paid for the film before its clips: for its lines."""
        return sum((call.amount for call in self.bought), Decimal(0))


@dataclass(frozen=True, slots=True)
class Choice:
    """The models of an order; `image` None when no pictures are to be made."""

    video: VideoModel
    image: ImageModel | None


def choose(order: HostedOrder, catalogue: Catalogue) -> Choice:
    """Raises InputError for an order that no model of the catalogue can fill."""
    _check_counts(order)
    offered = provider(order.provider)
    video = _video(order.model or offered.video_model, offered, catalogue)
    if order.script is None:
        video.check(order.clip_seconds, order.film.aspect)
    image = _image(order, offered, catalogue) if order.images else None
    if image is not None:
        image.check(order.film.aspect)
    return Choice(video, image)


def identity(order: HostedOrder, choice: Choice, photos: Sequence[str], shots: Sequence[Sequence[object]] = ()) -> str:
    """What everything that is bought for the film depends on, as a digest: `photos` are the hashes of their contents, `shots`
    what the beats of its script show.

    Words, cards, music and transitions are not in it: a film with other words is made of the same clips.
    """
    if order.script is not None:
        made_by = (choice.video.name, order.film.aspect, order.film.seed)
        return digest_of("hosted script", list(photos), order.prompt or order.script.prompt, made_by, shots)
    pictures = (order.images, choice.image.name) if choice.image else None
    clips = (choice.video.name, to_frames(order.clip_seconds), order.film.aspect)
    return digest_of("hosted film", list(photos), order.prompt, clips, order.film.seed, pictures)


def clip_count(photos: int, images: int) -> int:
    """How many clips the film has: one photo alone is shown in every framing."""
    return len(FRAMINGS) if photos == 1 and not images else photos + images


def _check_counts(order: HostedOrder) -> None:
    if not order.photos and not order.images:
        message = "give product photos, or a prompt that says what the product is, so that images can be made"
        raise InputError(message).with_remedy(Remedy.PROMPT)
    if order.images and not order.prompt.strip():
        message = "images are made from words: give a prompt that says what the product is and how it looks"
        raise InputError(message).with_remedy(Remedy.PROMPT)
    if not 0 <= order.images <= MOST_IMAGES:
        raise InputError(f"{order.images} images are not possible at once; choose between 1 and {MOST_IMAGES}")
    if clip_count(len(order.photos), order.images) > MAX_CLIPS:
        raise InputError(f"a film takes 1 to {MAX_CLIPS} clips; {len(order.photos) + order.images} were asked for")


def _video(name: str | None, offered: Provider, catalogue: Catalogue) -> VideoModel:
    hosted = _hosted(catalogue.videos, offered)
    if name is None:
        raise InputError(f"name a video model of {offered.label}: one of {', '.join(hosted) or 'none that is known'}")
    if name not in hosted:
        raise InputError(f"no hosted video model is called {name!r}; choose one of {', '.join(hosted)}")
    return hosted[name]


def _image(order: HostedOrder, offered: Provider, catalogue: Catalogue) -> ImageModel:
    """Own photos are of use to models that take pictures only: another one would make another product."""
    known = _hosted(catalogue.images, offered)
    fitting = {name: model for name, model in known.items() if model.image_field or not order.photos}
    usual = (
        offered.image_model,
        *FALLBACKS,
        *(name for name, model in fitting.items() if not model.status.needs_naming),
    )
    name = order.image_model or next((each for each in usual if each in fitting), "")
    if name in fitting:
        return fitting[name]
    if name in known:
        raise InputError(
            f"{name} makes pictures of words only, so they would show another product than your photos; "
            f"choose one of {', '.join(fitting)}, or request no images"
        ).with_remedy(Remedy.IMAGE_COUNT)
    raise InputError(f"no image model is called {name!r}; choose one of {', '.join(fitting) or 'none that is known'}")


def _hosted(models: Mapping[str, M], offered: Provider) -> dict[str, M]:
    return {name: model for name, model in models.items() if model.provider == offered.name}
