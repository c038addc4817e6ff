"""Server-sent events, read from lines."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Event:
    """`kind` is output, error or done; `data` has its lines joined."""

    kind: str
    data: str


async def read_events(lines: AsyncIterator[str]) -> AsyncIterator[Event]:
    """Whole events only: one that the end of the stream cuts off is left out."""
    kind, data = "message", list[str]()
    async for line in lines:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            kind = value
        elif name == "data":
            data.append(value)
        elif not line:
            if data or kind != "message":
                yield Event(kind, "\n".join(data))
            kind, data = "message", []
