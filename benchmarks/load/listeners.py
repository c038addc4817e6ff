"""Listeners on WebSockets that note what they are told, when, and whether anything is lost or out of order."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

from websockets.asyncio.client import connect


@dataclass
class Tally:
    """What all listeners together have seen. `delays` in seconds from the event's own time to its arrival."""

    delays: list[float] = field(default_factory=list[float])
    faults: list[str] = field(default_factory=list[str])
    reconnected: int = 0


@dataclass
class Ear:
    """One listener of one session. It follows the numbers of the events: each one more than the last."""

    session_id: str
    tally: Tally
    seq: int = 0
    stage: str = ""

    async def listen(self, base: str, connected: asyncio.Semaphore) -> None:
        """Until the session is complete or failed, or the task is cancelled."""
        while self.stage not in ("complete", "failed"):
            try:
                await self._listen(base, connected)
            except OSError as error:
                self.tally.reconnected += 1
                self.tally.faults.append(f"{self.session_id}: {error}")
                await asyncio.sleep(1)

    async def _listen(self, base: str, connected: asyncio.Semaphore) -> None:
        address = f"{base.replace('http', 'ws', 1)}/ws/{self.session_id}?after={self.seq}"
        async with connect(address, compression=None, open_timeout=60, ping_interval=None) as socket:
            connected.release()
            async for message in socket:
                self._hear(json.loads(message))
                if self.stage in ("complete", "failed"):
                    return
        self.tally.reconnected += 1

    def _hear(self, event: dict[str, object]) -> None:
        if event.get("type") == "heartbeat":
            return
        seq = int(str(event["seq"]))
        if seq != self.seq + 1:
            self.tally.faults.append(f"{self.session_id}: event {seq} came after {self.seq}")
        self.seq, self.stage = seq, str(event["stage"])
        told = datetime.fromisoformat(str(event["timestamp"]))
        self.tally.delays.append((datetime.now(UTC) - told).total_seconds())
