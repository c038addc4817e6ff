"""A wall clock that steps: it is off by the seconds in the file that ``CRASH_CLOCK`` names, read again at every look.

To be installed before anything of adreel's but `services.defaults` is imported, so that all that asks for the time asks here.
Monotonic clocks are left alone, as they are when a machine's clock is set.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from adreel.domain import ids as defaults

STEPS = (0.0, 7200.0, -7200.0)
"""Seconds by which the clock may be off after a step: none, two hours ahead, two hours behind."""

_TRUE: Callable[[], float] = time.time


def install() -> None:
    """Does nothing without ``CRASH_CLOCK``."""
    name = os.environ.get("CRASH_CLOCK")
    if not name:
        return
    path = Path(name)

    def now() -> float:
        return _TRUE() + offset(path)

    time.time = now
    time.time_ns = lambda: int(now() * 1e9)
    defaults.utc_now = lambda: datetime.fromtimestamp(now(), UTC)


def offset(path: Path) -> float:
    try:
        return float(path.read_text(encoding="utf-8") or 0)
    except (OSError, ValueError):
        return 0.0


def step(path: Path, chance: random.Random) -> None:
    """Sets the clock of all processes that read this file to one of `STEPS`."""
    path.write_text(str(chance.choice(STEPS)), encoding="utf-8")
