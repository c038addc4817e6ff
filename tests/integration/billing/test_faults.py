"""A few seeded runs of the fault suite; ``make faults`` makes 200."""

from __future__ import annotations

from pathlib import Path

from faults.mixes import FAULTS, mix
from faults.suite import run

RUNS = 6


async def test_whatever_goes_wrong_is_paid_for_once_and_reported(tmp_path: Path) -> None:
    first = len(FAULTS) + 1
    report = await run(range(first, first + RUNS), 1, tmp_path, at_once=RUNS)
    assert report.failures == []
    assert report.runs == RUNS
    assert report.faults.total() > RUNS


def test_every_fault_strikes_alone_first() -> None:
    assert [mix(number, 5).faults for number in range(len(FAULTS))] == [(name,) for name in FAULTS]
    assert mix(100, 5) == mix(100, 5) != mix(100, 6)
