"""The models that can be ordered here, found by name, and the price and the open purchases of clips."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from adreel.billing.clip_jobs import ClipsJob
from adreel.catalogue.models import ImageModel, TextModel, VideoModel
from adreel.domain.costs.ledger import PaidCall, PurchaseKind
from adreel.domain.errors import InputError
from adreel.domain.films.formats import to_seconds
from adreel.domain.remedy import Remedy
from adreel.orchestrator.session_choices import LOCAL


@dataclass(frozen=True, slots=True)
class UsableModels:
    """`clips` are the catalogue's video models, `providers` those that are set up, with "local"; of images and texts only models
    of these. `image_fallbacks` are names of image models.
    """

    clips: Mapping[str, VideoModel]
    images: Mapping[str, ImageModel]
    texts: Sequence[TextModel]
    image_fallbacks: Sequence[str]
    providers: frozenset[str]

    @classmethod
    def of(
        cls,
        clips: Mapping[str, VideoModel],
        images: Mapping[str, ImageModel],
        texts: Mapping[str, TextModel],
        image_fallbacks: Sequence[str],
        providers: frozenset[str],
    ) -> UsableModels:
        """Selects those of the providers that are set up."""
        return cls(
            clips,
            {name: each for name, each in images.items() if each.provider in providers},
            [each for each in texts.values() if each.provider in providers],
            tuple(image_fallbacks),
            providers,
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the usable models whose provider is set up."""
        models = self.clips.items()
        return tuple(name for name, model in models if model.provider in self.providers and model.unusable is None)

    def clip(self, name: str, seconds: float | None, aspect: str) -> VideoModel:
        """Raises InputError for a model that cannot be used, and for a length (None: not known yet) that it cannot make."""
        if name in self.clips:
            self.clips[name].check_usable()
        if name not in self.names:
            raise InputError(f"no model is called {name!r} here; choose one of {', '.join(self.names)}")
        model = self.clips[name]
        if seconds is not None:
            model.check(seconds, aspect)
        return model

    def image(self, name: str) -> ImageModel:
        model = self.images.get(name)
        if model is not None:
            return model
        others = ", ".join(self.images)
        if name == LOCAL:
            instead = f", or name a model that makes images: {others}" if others else ""
            message = f"the local engine needs photos: upload them{instead}"
            raise InputError(message).with_remedy(Remedy.UPLOADED_IMAGES)
        if others:
            raise InputError(f"no image model is called {name!r} here; choose one of {others}")
        message = f"no image model is called {name!r} here; upload photos instead"
        raise InputError(message).with_remedy(Remedy.UPLOADED_IMAGES)

    def spare_images(self, name: str) -> list[ImageModel]:
        """The fallbacks of an image model."""
        return [self.images[spare] for spare in self.usable_images(self.image_fallbacks) if spare != name]

    def usable_images(self, names: Sequence[str]) -> list[str]:
        return [name for name in names if name in self.images]


@dataclass(frozen=True, slots=True)
class OpenWork:
    """Purchases that a job resumes when they are open: those of a kind and a model, of clips those made of its images."""

    kind: PurchaseKind
    model: str
    image_ids: frozenset[str | None] = frozenset({None})

    def includes(self, call: PaidCall) -> bool:
        is_same = (call.kind, call.model) == (self.kind, self.model)
        return is_same and call.source_image_id in self.image_ids and not call.outside_job


def clips_price(model: VideoModel, missing: Sequence[int], clip_seconds: float, job: ClipsJob) -> Decimal:
    """The price of clips of these lengths in frames; without a script each is ordered in `clip_seconds`."""
    if not job.beats:
        return model.price_of(clip_seconds) * len(missing)
    return sum((model.price_of(to_seconds(frames)) for frames in missing), Decimal(0))


def open_clips(job: ClipsJob) -> OpenWork:
    return OpenWork(PurchaseKind.CLIP, job.model, frozenset(image.id for image in job.images))
