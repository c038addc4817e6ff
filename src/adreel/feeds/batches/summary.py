"""What a run of a batch will do or has done, in figures."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from adreel.domain.errors import AdreelError
from adreel.feeds.batches.manifest import FilmRecord
from adreel.feeds.batches.planning import Change, PlannedFilm

USUAL_RATE = 1.4
"""Seconds of work for a second of film on one of two cores, where no film of the batch tells better (make batch-load)."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Numbers of films; `gone` are those whose product left the feed. `errors` and `notes` count problems.

    `cost` in US dollars. `film_seconds` is the length of the films to make, `work_seconds` about how long making them takes.
    """

    new: int
    changed: int
    unchanged: int
    gone: int
    errors: int
    notes: int
    cost: Decimal
    film_seconds: float
    work_seconds: float


@dataclass(frozen=True, slots=True)
class BatchResult:
    """`samples` are the stills of a preview, `made` the names of the films that this run made, of `planned` to make.
    `hosts` have photos that are used only once the user confirms that they may be."""

    summary: Summary
    samples: tuple[Path, ...]
    made: frozenset[str]
    planned: int
    hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BatchEvent:
    """A film has ended: the `done`th of `total`; with the error, if it failed."""

    done: int
    total: int
    id: str
    error: AdreelError | None


BatchSink = Callable[[BatchEvent], None]


@dataclass(slots=True)
class Counted:
    """Counts planned films. `names` are those of films with work to do; `samples` some of them, from all over the feed."""

    most_samples: int
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    film_seconds: float = 0.0
    names: set[str] = field(default_factory=set[str])
    samples: list[PlannedFilm] = field(default_factory=list[PlannedFilm])
    _every: int = 1

    @property
    def work(self) -> int:
        return len(self.names)

    def add(self, film: PlannedFilm) -> None:
        self.new += film.change is Change.NEW
        self.changed += film.change is Change.CHANGED
        self.unchanged += film.change is Change.UNCHANGED
        if not film.is_work:
            return
        if film.change is not Change.UNCHANGED:
            self.film_seconds += film.seconds
            self._sample(film)
        self.names.add(film.name)

    def _sample(self, film: PlannedFilm) -> None:
        """Keeps films far apart without knowing their number: of those kept every second goes whenever there are too many."""
        if (self.new + self.changed - 1) % self._every:
            return
        self.samples.append(film)
        if len(self.samples) > 2 * self.most_samples:
            self.samples = self.samples[::2]
            self._every *= 2

    def chosen(self) -> list[PlannedFilm]:
        """At most `most_samples` films: the first, the last that is kept, and those between."""
        count = min(self.most_samples, len(self.samples))
        last = len(self.samples) - 1
        return [self.samples[round(place * last / max(1, count - 1))] for place in range(count)]


def estimated_seconds(counted: Counted, records: Iterable[FilmRecord], at_once: int) -> float:
    """About how long the films take, by the films that were made before; else by `USUAL_RATE`."""
    took = length = 0.0
    for record in records:
        took += record.took
        length += record.seconds
    rate = took / length / at_once if length else USUAL_RATE / at_once
    return counted.film_seconds * rate
