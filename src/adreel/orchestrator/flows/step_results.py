"""The results of steps and child workflows: typed in code, stored by the engine as JSON, each with one reader and one writer.

The names in JSON never change: a job that an older version began resumes with the results that it stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from adreel.billing.purchase_json import EndedJob

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TakenClip:
    """The result of waiting for a bought clip: the asset's id, or None, the `reason`, and the remote job as it ended.

    `expired`: the provider has removed the file; another attempt would buy it again. `refused`: the provider cannot use the
    photo; another attempt would be refused as well, and paid for.
    """

    clip: str | None
    remote: EndedJob | None = None
    reason: str = ""
    expired: bool = False
    refused: bool = False

    @classmethod
    def read(cls, stored: Json) -> TakenClip:
        remote = stored.get("remote")
        ended = None if remote is None else EndedJob.read(remote)
        faults = stored.get("expired", False), stored.get("refused", False)
        return cls(stored["clip"], ended, stored.get("words", ""), *faults)

    def to_json(self) -> dict[str, Any]:
        if self.remote is None:
            return {"clip": self.clip}
        faults = {"expired": self.expired, "refused": self.refused}
        return {"clip": self.clip, "remote": self.remote.to_json(), "words": self.reason, **faults}


@dataclass(frozen=True, slots=True)
class FoundImage:
    """An existing image of a job, or None and the indexes of the models to try, in their order."""

    image: str | None
    attempts: tuple[int, ...] = ()

    @classmethod
    def read(cls, stored: Json) -> FoundImage:
        return cls(stored["image"], tuple(stored["attempts"]))

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class KeptImage:
    """The id of a bought image, or None and why it is rejected."""

    image: str | None
    fault: str = ""

    @classmethod
    def read(cls, stored: Json) -> KeptImage:
        return cls(stored["image"], stored["fault"] or "")

    def to_json(self) -> dict[str, Any]:
        return {"image": self.image, "fault": self.fault or None}


@dataclass(frozen=True, slots=True)
class MadeAsset:
    """The result of a child workflow, which makes one asset: its `kind`, clip or image, and its id."""

    kind: str
    id: str

    @classmethod
    def read(cls, kind: str, stored: Json) -> MadeAsset:
        return cls(kind, stored[kind])

    def to_json(self) -> dict[str, Any]:
        return {self.kind: self.id}
