"""Injected faults: each waits for the calls that it matches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from pydantic import BaseModel, Field

Operation = Literal["create", "get", "list", "cancel", "files", "model", "secret", "stream", "output", "webhook"]

CallFault = Literal[
    "latency",
    "throttled",
    "unauthorized",
    "no_credit",
    "server_error",
    "drop",
    "server_error_accepted",
    "drop_accepted",
]
"""Of any call. Those that end in `_accepted` strike after the call has had its effect: only the answer is lost."""

JobFault = Literal["failed", "aborted", "stuck", "expired", "data_uri", "processing_with_output"]
"""Of a prediction; decided when it is created."""

OutputFault = Literal[
    "corrupt", "truncated", "wrong_length", "redirect", "missing", "empty", "black", "frozen", "tiny", "short", "square"
]
"""Of the download of an output. `truncated`: half the file, said to be all. `wrong_length`: less comes than was promised.
`empty`: no byte. The last five are sound films that no customer wants: without light, without motion, 48 pixels small, three
pictures long, of another shape than was asked for. Of speech, `black` is silence and `short` its first tenth.
"""

WebhookFault = Literal["webhook_lost", "webhook_duplicate"]

NSFW = "NSFW content detected. Try running it again, or try a different prompt."

_OUTPUT_FAULTS = frozenset(get_args(OutputFault))
_WEBHOOK_FAULTS = frozenset(("webhook_lost", "webhook_duplicate"))


class FaultOrder(BaseModel, extra="forbid"):
    """One fault, for the next `times` calls that match.

    `on` is the operation a call fault strikes. `model` is owner/name. `seconds` is a latency or the shortest answer time,
    `text` a failed prediction's error or a redirect's target.
    """

    fault: CallFault | JobFault | OutputFault | WebhookFault
    times: int = Field(default=1, ge=1)
    on: Operation = "create"
    model: str | None = None
    seed: int | None = None
    seconds: float = Field(default=0.0, ge=0, le=3600)
    retry_after: int = Field(default=1, ge=0)
    text: str = NSFW

    @property
    def operation(self) -> Operation:
        """The operation at which the fault is looked for."""
        if self.fault in _OUTPUT_FAULTS:
            return "output"
        return "webhook" if self.fault in _WEBHOOK_FAULTS else self.on


@dataclass(frozen=True, slots=True)
class Call:
    """What a fault is held against."""

    operation: Operation
    model: str | None = None
    seed: int | None = None


class Faults:
    """The faults that still wait."""

    def __init__(self) -> None:
        self._waiting: list[FaultOrder] = []

    def add(self, order: FaultOrder) -> None:
        self._waiting.append(order)

    def clear(self) -> None:
        self._waiting.clear()

    @property
    def waiting(self) -> list[FaultOrder]:
        return list(self._waiting)

    def take(self, call: Call, *kinds: str) -> FaultOrder | None:
        """The first waiting fault of these kinds that matches; it is used up by one."""
        for fault in self._waiting:
            if fault.fault in kinds and _matches(fault, call):
                fault.times -= 1
                self._waiting = [waiting for waiting in self._waiting if waiting.times]
                return fault
        return None


def _matches(fault: FaultOrder, call: Call) -> bool:
    return (
        fault.operation == call.operation
        and (fault.model is None or fault.model == call.model)
        and (fault.seed is None or fault.seed == call.seed)
    )
