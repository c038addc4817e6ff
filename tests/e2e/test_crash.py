"""A short part of the crash suite; ``make crash`` runs all of it."""

from __future__ import annotations

from pathlib import Path

from adreel.orchestrator.checkpoints import Point
from crash.suite import Plan, run
from crash.worker import POST_SENT


async def test_workers_that_are_killed_buy_nothing_twice_and_lose_nothing(tmp_path: Path) -> None:
    points = (POST_SENT, Point.CLIP_STORED)
    plan = Plan(points=points, random_kills=1, lanes=2, seed=7, lost_answers=1, failures=0, slow_answers=0)
    report = await run(plan, tmp_path, None)
    assert report.died_at == list(points)
    assert report.orders >= 6
