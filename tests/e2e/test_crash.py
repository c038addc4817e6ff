"""A short part of the crash suite; ``make crash`` runs all of it."""

from __future__ import annotations

from pathlib import Path

from adreel.billing.crash_points import CrashPoint
from crash.door import ANSWERED, COMMITTED
from crash.suite import Plan, run
from crash.worker import POST_SENT


async def test_workers_that_are_killed_buy_nothing_twice_and_lose_nothing(tmp_path: Path) -> None:
    points = (POST_SENT, CrashPoint.CLIP_STORED)
    cuts = (f"{COMMITTED} at /sessions/create", f"{ANSWERED} at /regenerate")
    plan = Plan(points=points, cuts=cuts, random_kills=1, lanes=1, seed=7, lost_answers=1, failures=0, slow_answers=0)
    report = await run(plan, tmp_path, None)
    assert report.died_at == list(points)
    assert report.cut_at == list(cuts)
    assert report.repeated >= 2
    assert report.orders >= 6
