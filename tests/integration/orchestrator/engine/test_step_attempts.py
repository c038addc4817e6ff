from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from adreel.db.engine import Database
from adreel.orchestrator.engine.step_attempts import StepAttempts

NOW = datetime(2026, 1, 1, tzinfo=UTC)


async def test_beginnings_are_counted_until_the_end(database: Database) -> None:
    attempts = StepAttempts(database, lambda: NOW)
    assert [await attempts.begin("a", "draw") for _ in range(3)] == [1, 2, 3]
    assert await attempts.begin("a", "keep") == 1
    assert await attempts.begin("b", "draw") == 1
    await attempts.take_back("a", "draw")
    assert await attempts.begin("a", "draw") == 3
    await attempts.end("a", "draw")
    assert await attempts.begin("a", "draw") == 1
    assert await attempts.begin("a", "keep") == 2


async def test_many_begin_at_once(database: Database) -> None:
    attempts = StepAttempts(database, lambda: NOW)
    begun = await asyncio.gather(*[attempts.begin("a", "draw") for _ in range(8)])
    assert sorted(begun) == list(range(1, 9))


async def test_what_is_not_taken_up_is_forgotten(database: Database) -> None:
    times = iter([NOW, NOW + timedelta(days=40)])
    attempts = StepAttempts(database, lambda: next(times))
    await attempts.begin("old", "draw")
    await attempts.begin("new", "draw")
    assert await attempts.forget(NOW + timedelta(days=30)) == 1
