"""What every agent takes and gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Generic, Protocol, TypeVar

from adreel.domain.events import Unwatched, Watch

Order = TypeVar("Order")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class AgentInput(Generic[Order]):
    """An order to an agent within a session; `watch` sees its progress and can stop it."""

    session_id: str
    data: Order
    watch: Watch = field(default_factory=Unwatched)


@dataclass(frozen=True, slots=True)
class AgentOutput(Generic[Result]):
    """An agent's answer: `cost` in US dollars, `duration` in wall seconds.

    `success` is false only when nothing usable came out; then `data` is None and `errors` says why. A partial result is a
    success whose `errors` name what is missing.
    """

    success: bool
    data: Result | None
    cost: Decimal
    duration: float
    errors: tuple[Exception, ...] = field(default=())


class Agent(Protocol[Order, Result]):
    """Agents are plain objects: no settings, no database, no decoration by a workflow engine."""

    async def process(self, order: AgentInput[Order], /) -> AgentOutput[Result]: ...
