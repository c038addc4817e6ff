"""Clips and images at a provider: their states and fractions, and the message about them. Times are seconds of one monotonic
clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adreel.domain.providers import JobStatus, RemoteJob
from adreel.domain.work.percentages import PartState, fraction_by_time, part_fraction, percent_of

_STATES = {
    JobStatus.STARTING: PartState.WAITING,
    JobStatus.PROCESSING: PartState.MAKING,
    JobStatus.SUCCEEDED: PartState.RECEIVING,
}
"""The state for each status of the remote job; after other statuses, the part is ordered again or fails."""

_NAMED = 2
"""So many parts are named by their numbers, more are counted."""

_ANSWERS_WITHIN = 20.0
"""Seconds in which a provider that works has answered to an order."""

_MINUTE = 60
_SECONDS_ONLY = 100


@dataclass(slots=True)
class HostedPart:
    """The `index`th clip or image. `provider` is a name for people, `typical` the seconds that its model usually takes, None when
    they are not known. `since`: when it was ordered, or the work on it began; `made_since`: when a machine began to make it.
    `logged` is the fraction (0–1) by the provider's log; `is_unanswered`: the provider did not answer when it was last asked;
    `again_since`: when it began to be ordered again, after a failure.
    """

    index: int
    provider: str
    typical: float | None
    since: float
    state: PartState = PartState.ORDERING
    made_since: float | None = None
    logged: float | None = None
    is_unanswered: bool = False
    again_since: float | None = None

    def is_late(self, now: float) -> bool:
        """Whether the provider is late with an answer: then it is asked again."""
        return self.is_unanswered or (self._orders_for(now) > _ANSWERS_WITHIN)

    def _orders_for(self, now: float) -> float:
        """Seconds for which the part has been ordered without an answer; 0 when it was answered."""
        since = self.since if self.again_since is None else self.again_since
        return now - since if self.state is PartState.ORDERING else 0.0

    def observe(self, remote: RemoteJob, now: float) -> None:
        """Takes the state of the remote job, as a poll has just found it."""
        self.state, self.is_unanswered = _STATES.get(remote.status, PartState.ORDERING), False
        self.again_since = now if self.state is PartState.ORDERING else None
        self.since = min(self.since, now - (remote.seconds or 0.0))
        if self.state is PartState.MAKING:
            running = remote.running_seconds
            self.made_since = now - running if running is not None else self.made_since or now
            self.logged = remote.fraction
        else:
            self.made_since = self.logged = None

    def fraction(self, now: float) -> float:
        """The share (0–1) of the part's work that is done, or estimated to be."""
        return part_fraction(self.state, self._made(now))

    def _made(self, now: float) -> float:
        if self.logged is not None:
            return self.logged
        if self.made_since is None or not self.typical:
            return 0.0
        return fraction_by_time(now - self.made_since, self.typical)


def describe(noun: str, parts: Sequence[HostedPart], now: float) -> str:
    """The message about the parts of a job that are under way, of which there must be one at least.

    ``The provider is making clip 2: 34 %; waiting for a machine: clip 3 (24 s so far)``
    """
    late = [part for part in parts if part.is_late(now)]
    prompt = [part for part in parts if part not in late]
    said = [_say(noun, state, [part for part in prompt if part.state is state]) for state in _ORDER]
    message = "; ".join(each for each in (*said, _say_late(noun, late)) if each)
    elapsed = duration(now - min(part.since for part in parts))
    return f"{message[0].upper()}{message[1:]} ({elapsed} so far{_usual(parts)})"


_ORDER = (PartState.MAKING, PartState.WAITING, PartState.ORDERING, PartState.RECEIVING)


def _say(noun: str, state: PartState, parts: Sequence[HostedPart]) -> str:
    if not parts:
        return ""
    provider, names = parts[0].provider, names_of(noun, [part.index for part in parts])
    match state:
        case PartState.MAKING:
            return f"{provider} is making {names}{_logged(parts)}"
        case PartState.WAITING:
            return f"waiting for a machine at {provider}: {names}"
        case PartState.ORDERING:
            return f"ordering {names} at {provider}"
        case PartState.RECEIVING:
            return f"receiving {names} from {provider}"


def _say_late(noun: str, parts: Sequence[HostedPart]) -> str:
    if not parts:
        return ""
    names = names_of(noun, [part.index for part in parts])
    return f"waiting for an answer from {parts[0].provider}, which is asked again: {names}"


def _logged(parts: Sequence[HostedPart]) -> str:
    known = [part.logged for part in parts if part.logged is not None]
    return f": {percent_of(sum(known) / len(known)):.0f} %" if known else ""


def _usual(parts: Sequence[HostedPart]) -> str:
    """The typical time of the parts that are being made, where no log says how far they are."""
    making = [part for part in parts if part.state is PartState.MAKING]
    known = [part.typical for part in making if part.typical]
    return f", usually about {duration(max(known))}" if known and not _logged(making) else ""


def names_of(noun: str, indices: Sequence[int]) -> str:
    """``clip 1``, ``clips 1 and 3``, ``4 clips``."""
    if len(indices) > _NAMED:
        return f"{len(indices)} {noun}s"
    numbers = " and ".join(str(index + 1) for index in sorted(indices))
    return f"{noun} {numbers}" if len(indices) == 1 else f"{noun}s {numbers}"


def duration(seconds: float) -> str:
    """``24 s`` or ``2 min 5 s``."""
    whole = max(0, round(seconds))
    return f"{whole} s" if whole < _SECONDS_ONLY else f"{whole // _MINUTE} min {whole % _MINUTE} s"
