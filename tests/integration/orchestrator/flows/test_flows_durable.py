"""The flows on the engine that runs them in earnest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adreel.db.engine import sqlite_url
from adreel.domain.providers import JobStatus
from adreel.domain.sessions.session import AssetKind
from adreel.domain.sessions.stage import Stage
from adreel.orchestrator.engine.engine import DurableEngine
from adreel.orchestrator.queues import queue_limits
from adreel.orchestrator.video_orchestrator import VideoGenerationOrchestrator
from support.durable import until, until_over
from support.flows import HOSTED, SECONDS, Hall
from support.sessions import check_books


@pytest.fixture
async def durable(hall: Hall, tmp_path: Path) -> AsyncIterator[tuple[VideoGenerationOrchestrator, DurableEngine]]:
    """The hall's orchestrator on an engine of its own."""
    url = sqlite_url(tmp_path / "engine.db")
    engine = DurableEngine(url, hall.flows.by_name, "test", queue_limits(), poll_seconds=0.05)
    await engine.launch()
    yield hall.with_jobs(engine), engine
    await engine.close(patience=1)


async def test_photos_become_clips_and_a_film(
    hall: Hall, durable: tuple[VideoGenerationOrchestrator, DurableEngine]
) -> None:
    orchestrator, engine = durable
    session = await hall.session(images=2)
    clips = await orchestrator.generate_clips("ann", session.id, "calm", SECONDS, HOSTED)
    await until_over(engine, clips.job_id)
    await hall.approve(session.id)
    text = {"cta": "Order yours", "color": "#204060"}
    film = await orchestrator.compose_final_video("ann", session.id, text, {"enabled": False})
    await until_over(engine, film.job_id)
    view = await hall.sessions.view(session.id)
    assert view.session.stage is Stage.COMPLETE
    assert len(view.of_kind(AssetKind.FINAL)) == 1
    assert len(hall.provider.orders) == 2
    await check_books(hall.database)


async def test_cancelling_interrupts_the_wait_and_reaches_the_provider(
    hall: Hall, durable: tuple[VideoGenerationOrchestrator, DurableEngine]
) -> None:
    orchestrator, engine = durable
    hall.provider.stuck = True
    session = await hall.session(images=2)
    started = await orchestrator.generate_clips("ann", session.id, "calm", SECONDS, HOSTED)
    await until(lambda: len(hall.provider.orders) == 2, "both orders")
    record = await orchestrator.cancel("ann", session.id)
    assert record.stage is Stage.IMAGE_SELECTION
    await until(lambda: all(_is_over(hall)), "the provider to be told")
    assert {job.status for job in hall.provider.jobs.values()} == {JobStatus.CANCELED}
    await until_over(engine, started.job_id)
    await until_over(engine, f"{started.job_id}:clip:1")


def _is_over(hall: Hall) -> list[bool]:
    return [job.status.is_final for job in hall.provider.jobs.values()]
