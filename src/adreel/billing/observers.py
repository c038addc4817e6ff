"""Observers of the remote jobs that a purchase waits for."""

from __future__ import annotations

from typing import Protocol, TypeVar

from adreel.domain.providers import RemoteJob

J = TypeVar("J", contravariant=True)


class RemoteJobObserver(Protocol[J]):
    """Receives the state of a remote job after each poll. No provider is asked for an observer's sake."""

    def observed(self, job: J, remote: RemoteJob) -> None:
        """Must return at once and raise nothing: the purchase waits for it."""
        ...

    def unanswered(self, job: J) -> None:
        """The provider did not answer, and is asked again. As `observed`."""
        ...


class NoObserver:
    """Of purchases whose progress is not shown."""

    def observed(self, _job: object, _remote: RemoteJob, /) -> None:
        pass

    def unanswered(self, _job: object, /) -> None:
        pass
