"""One run: so many clips at once, how long it took beyond the slowest, what the loop and the memory did meanwhile."""

from __future__ import annotations

import asyncio
import re
import time
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path

from adreel.bootstrap.service import Desk
from adreel.domain.session import AssetKind
from adreel.orchestrator.video_orchestrator import VideoGenerationOrchestrator
from benchmarks.overhead.shop import LATENCY, MODEL, SECONDS, new_session

_TICK = 0.005
_PATIENCE = 120.0


@dataclass
class Run:
    """Seconds, but `waiting` is MiB more than before while all clips are waited for."""

    clips: int
    wall: float = 0.0
    slowest: float = 0.0
    blocked: float = 0.0
    waiting: float = 0.0
    marks: dict[str, float] = field(default_factory=dict[str, float])

    @property
    def overhead(self) -> float:
        """Beyond what the provider takes for each clip."""
        return self.wall - LATENCY

    @property
    def beyond_slowest(self) -> float:
        """Beyond the clip that took longest from its order to its end as it was seen."""
        return self.wall - self.slowest


async def measure(desk: Desk, orchestrator: VideoGenerationOrchestrator, user: str, clips: int, seed: int) -> Run:
    session_id = await new_session(desk, user, clips, seed)
    run, before = Run(clips), memory()
    watching = asyncio.create_task(_watch_loop(run))
    began = time.perf_counter()
    weighing = asyncio.create_task(_weigh(run, before))
    await orchestrator.generate_clips(user, session_id, "calm", SECONDS, MODEL)
    async with asyncio.timeout(_PATIENCE):
        await _until_ready(desk, session_id, run, began)
    made = (await desk.core.sessions.view(session_id)).of_kind(AssetKind.CLIP)
    run.slowest = max(clip.generation_time for clip in made)
    watching.cancel()
    await asyncio.gather(watching, weighing, return_exceptions=True)
    return run


async def _until_ready(desk: Desk, session_id: str, run: Run, began: float) -> None:
    async with aclosing(desk.core.progress.listen(session_id)) as events:
        async for event in events:
            at = time.perf_counter() - began
            run.marks.setdefault(event.message.split(" ", 1)[0], at)
            end = event.data.get("end")
            if end is not None:
                assert (end, event.data["failures"]) == ("ready", []), event
                assert len(event.data["clips"]) == run.clips, event
                run.wall = at
                return


async def _watch_loop(run: Run) -> None:
    """The longest time for which the loop came to nothing else."""
    while True:
        before = time.perf_counter()
        await asyncio.sleep(_TICK)
        run.blocked = max(run.blocked, time.perf_counter() - before - _TICK)


async def _weigh(run: Run, before: float) -> None:
    await asyncio.sleep(LATENCY * 0.9)
    run.waiting = memory() - before


def memory() -> float:
    """MiB that this process holds."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text(encoding="ascii"))
    return int(found[1]) / 1024 if found else 0.0
