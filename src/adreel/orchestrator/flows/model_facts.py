"""What progress says of a model: its provider's name for people, and how long its work usually takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from adreel.billing.clip_jobs import ClipJob
from adreel.billing.image_jobs import ImageJob
from adreel.catalogue.models import ImageModel, VideoModel
from adreel.domain.films.formats import to_seconds


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """`typical` are the seconds that the work usually takes; None when they are not known."""

    provider: str
    typical: float | None


_UNKNOWN = ModelFacts("the provider", None)
"""A job may outlive its model's entry in the catalogue."""


@dataclass(frozen=True, slots=True)
class ClipModelFacts:
    """A ModelFactsSource for clips. `labels` are the names of providers for people; one without is called by its own name."""

    models: Mapping[str, VideoModel]
    labels: Mapping[str, str]

    def facts(self, job: ClipJob) -> ModelFacts:
        model = self.models.get(job.model)
        if model is None:
            return _UNKNOWN
        return _facts(model.provider, self.labels, model.typical_wait(to_seconds(job.frames)))


@dataclass(frozen=True, slots=True)
class ImageModelFacts:
    """As ClipModelFacts, for images."""

    models: Mapping[str, ImageModel]
    labels: Mapping[str, str]

    def facts(self, job: ImageJob) -> ModelFacts:
        model = self.models.get(job.model)
        if model is None:
            return _UNKNOWN
        return _facts(model.provider, self.labels, model.typical_seconds)


def _facts(provider: str, labels: Mapping[str, str], typical: float) -> ModelFacts:
    """`typical` is 0 when it is not known."""
    return ModelFacts(labels.get(provider, provider), typical or None)
