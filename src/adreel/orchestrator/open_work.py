"""Purchases of an earlier job that a later one resumes."""

from __future__ import annotations

from dataclasses import dataclass

from adreel.billing.clip_jobs import ClipsJob
from adreel.domain.costs.ledger import PaidCall, PurchaseKind


@dataclass(frozen=True, slots=True)
class OpenWork:
    """Purchases that a job resumes when they are open: those of a kind and a model, of clips those made of its images."""

    kind: PurchaseKind
    model: str
    image_ids: frozenset[str | None] = frozenset({None})

    def includes(self, call: PaidCall) -> bool:
        is_same = (call.kind, call.model) == (self.kind, self.model)
        return is_same and call.source_image_id in self.image_ids and not call.outside_job


def open_clips(job: ClipsJob) -> OpenWork:
    """The purchases that a job of clips resumes."""
    return OpenWork(PurchaseKind.CLIP, job.model, frozenset(image.id for image in job.images))
