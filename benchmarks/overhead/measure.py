"""One run: so many clips at once, how long it took beyond the slowest, what the loop and the memory did meanwhile."""

from __future__ import annotations

import asyncio
import time
import tracemalloc
from contextlib import aclosing
from dataclasses import dataclass, field

from adreel.bootstrap.service import ServiceContext
from adreel.orchestrator.video_orchestrator import VideoGenerationOrchestrator
from benchmarks.overhead.shop import LATENCY, MODEL, SECONDS, new_session, seconds_until_seen

_TICK = 0.005
_SAMPLE = 0.1
_PATIENCE = 120.0


@dataclass
class Run:
    """Seconds, but `waiting` is KiB of Python's memory more than before while all clips are waited for (see `weigh`)."""

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
        """Beyond the clip that took longest from its order to the moment at which its end was seen, by the provider's clock."""
        return self.wall - self.slowest


async def measure(
    desk: ServiceContext, orchestrator: VideoGenerationOrchestrator, user: str, clips: int, seed: int
) -> Run:
    session_id = await new_session(desk, user, clips, seed)
    run = Run(clips)
    watching = asyncio.create_task(_watch_loop(run))
    began = time.perf_counter()
    await orchestrator.generate_clips(user, session_id, "calm", SECONDS, MODEL)
    async with asyncio.timeout(_PATIENCE):
        await _until_ready(desk, session_id, run, began)
    run.slowest = max(await seconds_until_seen(desk.core.settings.replicate_base_url, clips))
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    return run


async def _until_ready(desk: ServiceContext, session_id: str, run: Run, began: float) -> None:
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


async def weigh(
    desk: ServiceContext, orchestrator: VideoGenerationOrchestrator, user: str, clips: int, seed: int
) -> Run:
    """A run of its own: counting allocations is slow. The system tells less, as it keeps memory that was freed."""
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        measuring = asyncio.create_task(measure(desk, orchestrator, user, clips, seed))
        most = 0
        while not measuring.done():
            await asyncio.sleep(_SAMPLE)
            held = tracemalloc.get_traced_memory()[0] - before
            most = max(most, held)
        run = await measuring
        run.waiting = most / 1024
        return run
    finally:
        tracemalloc.stop()
