"""The progress of a job's parts (clips or images), summed up from the events of all processes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from adreel.domain.sessions.session import Json, SessionEvent
from adreel.domain.work.part_progress import all_parts, one_part, read_parts
from adreel.domain.work.percentages import CLIPS, IMAGES, Phase
from adreel.services.sessions.records import EventDraft


class PartJob(Protocol):
    """The `index`th of `count` parts of a job. The events of the job have numbers above `after`."""

    @property
    def job_id(self) -> str: ...
    @property
    def session_id(self) -> str: ...
    @property
    def index(self) -> int: ...
    @property
    def count(self) -> int: ...
    @property
    def after(self) -> int: ...


@dataclass(frozen=True, slots=True)
class AllParts:
    """A PartJob that stands for all parts of a job."""

    job_id: str
    session_id: str
    count: int
    after: int
    index: int = 0


@dataclass(frozen=True, slots=True)
class PartKind:
    """Clips or images: the noun in messages and in the data of events, and the phase of the session in which they are made."""

    noun: str
    phase: Phase


CLIP = PartKind("clip", CLIPS)
IMAGE = PartKind("image", IMAGES)


@dataclass(slots=True)
class Board:
    """The parts according to the events up to number `after`, and the highest percentage so far. `heard` is the number of the
    job's newest event.
    """

    kind: PartKind
    job_id: str
    count: int
    after: int
    floor: float = 0.0
    heard: int = 0
    parts: dict[int, float] = field(default_factory=dict[int, float])
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @classmethod
    def of(cls, kind: PartKind, job: PartJob) -> Board:
        """An empty board, which has read no event of the job."""
        return cls(kind, job.job_id, job.count, job.after, kind.phase.percent(0))

    def note(self, event: SessionEvent) -> None:
        """Takes the next event of the session."""
        self.after = event.seq
        if event.data.get("job") != self.job_id:
            return
        self.heard = event.seq
        found = read_parts(event.data, self.kind.noun)
        if found:
            self.parts = self._with(found)
            self.floor = max(self.floor, event.progress)

    def one(self, index: int, fraction: float, message: str, data: Json) -> EventDraft:
        """The next event, about one part. Its percentage sums up the progress of all parts, and never falls."""
        place = one_part(self.kind.noun, index, fraction)
        return self._draft(self._with({index: fraction}), message, {**data, **place})

    def all(self, fractions: Mapping[int, float], message: str) -> EventDraft:
        """The next event, about all parts; `fractions` are those of some of them. No fraction falls."""
        parts = self._with(fractions)
        return self._draft(parts, message, all_parts(self.kind.noun, parts))

    def _draft(self, parts: Mapping[int, float], message: str, data: Json) -> EventDraft:
        percent = max(self.floor, self.kind.phase.percent(sum(parts.values()) / self.count))
        return EventDraft(self.kind.phase.stage, percent, message, {"job": self.job_id, **data})

    def _with(self, fractions: Mapping[int, float]) -> dict[int, float]:
        return {**self.parts, **{index: max(each, self.parts.get(index, 0.0)) for index, each in fractions.items()}}
