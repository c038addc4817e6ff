"""`python -m benchmarks.overhead [--rounds 5]`: what the orchestration costs beside hosted clips; writes docs/overhead.md.

One service with its worker on SQLite, all of it in this process; the stand-in for the provider in another. Every clip takes the
provider two seconds.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from adreel.server.run import run_loop
from adreel.services.accounts.service import AuthService
from benchmarks.overhead.measure import Run, measure, weigh
from benchmarks.overhead.shop import LATENCY, open_door, opened, prepare, provider, settings_for, small
from benchmarks.report import ROOT, machine, table

REPORT = ROOT / "docs" / "overhead.md"
COUNTS = (1, 4, 16, 64)
BOUND_AT, BOUND_SECONDS, BOUND_BLOCKED = 16, 0.5, 0.05


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.overhead", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="write nothing")
    given = parser.parse_args()
    load = os.getloadavg()[0]
    series = {how: run_loop(_series(given.rounds, with_webhooks=how == "webhooks")) for how in ("polling", "webhooks")}
    text = document(series, load, given.rounds)
    print(text)
    if not given.quick:
        REPORT.write_text(text, encoding="utf-8")
    if not all(map(_held, series.values())):
        sys.exit("a bound was missed; was the machine quiet?")


async def _series(rounds: int, *, with_webhooks: bool) -> dict[int, list[Run]]:
    found: dict[int, list[Run]] = {count: [] for count in COUNTS}
    door = open_door() if with_webhooks else None
    with provider() as address, tempfile.TemporaryDirectory(prefix="adreel-overhead-") as folder:
        port = door.getsockname()[1] if door else None
        settings = settings_for(Path(folder), address, await prepare(address), port)
        async with opened(settings, door) as desk:
            user = (await AuthService(desk.core.database).local_user()).id
            await measure(desk, small(desk), user, 1, 1)
            for turn in range(rounds):
                for count in COUNTS:
                    found[count].append(await measure(desk, small(desk), user, count, 100 * (turn + 1) + count))
            most = max(COUNTS)
            found[most][0].waiting = (await weigh(desk, small(desk), user, most, 99)).waiting
    return found


def _held(series: dict[int, list[Run]]) -> bool:
    runs = series[BOUND_AT]
    return _median(runs, "beyond_slowest") < BOUND_SECONDS and _median(runs, "blocked") < BOUND_BLOCKED


def _median(runs: Sequence[Run], figure: str) -> float:
    return statistics.median(getattr(run, figure) for run in runs)


def document(series: dict[str, dict[int, list[Run]]], load: float, rounds: int) -> str:
    rows = [_row(how, count, runs) for how, counts in series.items() for count, runs in counts.items()]
    header = ["signal", "clips", "beyond the slowest clip", "beyond 2 s", "loop blocked, most"]
    most = max(COUNTS)
    waiting = max(runs[0].waiting for counts in series.values() for runs in [counts[most]]) / most
    bounded = [counts[BOUND_AT] for counts in series.values()]
    beyond = _verdict(all(_median(runs, "beyond_slowest") < BOUND_SECONDS for runs in bounded))
    free = _verdict(all(_median(runs, "blocked") < BOUND_BLOCKED for runs in bounded))
    longest = max(run.blocked for counts in series.values() for runs in counts.values() for run in runs)
    return f"""# What the orchestration costs

`make overhead` wrote this page: medians of {rounds} rounds, in brackets the extremes. One service with its worker on SQLite, all
in one process, with the event loop and the garbage collection settings of `adreel serve`, and the stand-in for the provider in
another, which takes {LATENCY:g} s for every clip and sends its answers without Nagle's delay. Measured
from the request for the clips to the event that reports them ready.

{machine()}
- load average at the beginning {load:.2f}: other work of the machine counts as overhead here

This measures the orchestration, not the encoder: the films of the stand-in are 320x180 and all the same file, so that one
is conformed (to 320x180) and the others reuse it; each is still ordered, paid, waited for, fetched, examined by its hash, stored
and recorded. Scenes are planned by rules.

{table(header, rows)}

The slowest clip is the one with the longest time from its order to its observed end. Bounds, at {BOUND_AT} clips both ways:
{BOUND_SECONDS:g} s beyond the slowest clip ({beyond}), and an event loop that is never blocked for more than
{BOUND_BLOCKED * 1000:.0f} ms ({free} in the median; of all rounds, at any number of clips, the longest was
{longest * 1000:.0f} ms; a loop that gets no processor time counts as blocked). A waiting clip
holds {waiting:.0f} KiB of Python's memory at most, at {most} clips (tracemalloc, in a separate run).

`polling` is without webhooks: an end is seen late by at most an eighth of the job's time.
"""


def _verdict(held: bool) -> str:
    return "held" if held else "**missed**"


def _row(how: str, count: int, runs: Sequence[Run]) -> list[str]:
    return [
        how,
        str(count),
        _spread(runs, "beyond_slowest", 1, " s", 2),
        _spread(runs, "overhead", 1, " s", 2),
        _spread(runs, "blocked", 1000, " ms", 0),
    ]


def _spread(runs: Sequence[Run], figure: str, factor: float, unit: str, digits: int) -> str:
    values = [factor * getattr(run, figure) for run in runs]
    shown = f"{statistics.median(values):.{digits}f}{unit}"
    return f"{shown} ({min(values):.{digits}f}–{max(values):.{digits}f})"


if __name__ == "__main__":
    main()
