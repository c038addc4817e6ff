"""Publishes the progress of clips and images at providers. No provider is asked for it: the states are those that the polls of
waiting purchases find, see `RemoteJobObserver`.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

from adreel.domain.providers import RemoteJob
from adreel.orchestrator.flows.board import PartJob, PartKind
from adreel.orchestrator.flows.heartbeat import Heartbeat, Pace
from adreel.orchestrator.flows.hosted_parts import HostedPart, describe
from adreel.orchestrator.flows.model_facts import ModelFacts
from adreel.orchestrator.flows.progress import Reporter

J = TypeVar("J", bound=PartJob)
W = TypeVar("W", bound=PartJob, contravariant=True)


class ModelFactsSource(Protocol[W]):
    """Finds the facts of a job's model."""

    def facts(self, job: W) -> ModelFacts: ...


class HostedProgress(Generic[J]):
    """The progress of all jobs of one kind in this process. A RemoteJobObserver. For one event loop.

    `clock` gives seconds that never go back.
    """

    def __init__(
        self,
        kind: PartKind,
        reporter: Reporter,
        models: ModelFactsSource[J],
        pace: Pace | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._kind = kind
        self._reporter = reporter
        self._models = models
        self._pace = pace or Pace()
        self._clock = clock
        self._jobs: dict[str, _Together] = {}

    @asynccontextmanager
    async def following(self, job: J) -> AsyncGenerator[None]:
        """Publishes the progress of a part during the block, together with that of the other parts of its job."""
        together = self._jobs.get(job.job_id) or self._begin(job)
        together.parts[job.index] = self._part(job)
        try:
            yield
        finally:
            together.parts.pop(job.index, None)
            if not together.parts and self._jobs.get(job.job_id) is together:
                del self._jobs[job.job_id]
                await together.heart.stop()

    def observed(self, job: J, remote: RemoteJob) -> None:
        """Takes the state of a remote job; of a part that is not followed nothing is published."""
        together = self._jobs.get(job.job_id)
        part = together.parts.get(job.index) if together else None
        if part is not None:
            # Another attempt may be that of another model.
            facts = self._models.facts(job)
            part.provider, part.typical = facts.provider, facts.typical
            part.observe(remote, self._clock())

    def unanswered(self, job: J) -> None:
        """Takes it that the provider did not answer."""
        together = self._jobs.get(job.job_id)
        part = together.parts.get(job.index) if together else None
        if part is not None:
            part.is_unanswered = True

    def _begin(self, job: J) -> _Together:
        pulse = _PartsPulse(self._kind, self._reporter, job, self._clock)
        together = _Together(pulse.parts, Heartbeat(pulse, self._pace, self._clock))
        self._jobs[job.job_id] = together
        together.heart.start()
        return together

    def _part(self, job: J) -> HostedPart:
        facts = self._models.facts(job)
        return HostedPart(job.index, facts.provider, facts.typical, self._clock())


@dataclass(frozen=True, slots=True)
class _Together:
    """The parts of one job that are followed, by index, and the heartbeat that publishes them."""

    parts: dict[int, HostedPart]
    heart: Heartbeat


@dataclass(frozen=True, slots=True)
class _PartsPulse:
    """A Pulse of the followed parts of one job; `job` is that of any part."""

    kind: PartKind
    reporter: Reporter
    job: PartJob
    clock: Callable[[], float]
    parts: dict[int, HostedPart] = field(default_factory=dict[int, HostedPart])

    def state(self) -> Hashable:
        now = self.clock()
        return frozenset((part.index, part.state, part.is_late(now)) for part in self.parts.values())

    async def publish(self) -> None:
        if not self.parts:
            return
        now, parts = self.clock(), list(self.parts.values())
        fractions = {part.index: part.fraction(now) for part in parts}
        await self.reporter.parts(self.kind, self.job, fractions, describe(self.kind.noun, parts, now))
