"""``PYTHONPATH=tests python -m crash [--kills N] [--films N] [--seed N] [--only sqlite|postgresql] [--clock steps|still]``"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import support.pg
from crash.suite import CUTS, POINTS, Plan, run

BACKENDS = ("sqlite", "postgresql")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=50, help="kills at random moments, for each database")
    parser.add_argument("--films", type=int, default=6, help="films in the making at a time")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=BACKENDS)
    parser.add_argument("--clock", choices=("steps", "still"), default="steps", help="whether clocks jump by two hours")
    parser.add_argument("--every", type=int, default=1, help="only every Nth of the boundaries, for a quick look")
    given = parser.parse_args()
    plan = Plan(
        points=POINTS[:: given.every],
        cuts=CUTS[:: given.every],
        random_kills=given.kills,
        lanes=given.films,
        seed=given.seed,
        clock_steps=given.clock == "steps",
    )
    for backend in BACKENDS if given.only is None else (given.only,):
        with tempfile.TemporaryDirectory(prefix="adreel-crash-") as folder, _database(backend, Path(folder)) as url:
            report = asyncio.run(run(plan, Path(folder), url))
        sys.stdout.write(
            f"{backend}: {report.kills} kills ({len(report.died_at)} of {len(plan.points)} boundaries), "
            f"{report.api_kills} of the API ({len(report.cut_at)} of {len(plan.cuts)} places within requests), "
            f"{report.repeated} requests repeated, clock {given.clock}, "
            f"{report.films} films, {report.orders} orders paid for, books agree, {report.seconds:.0f} s\n"
        )
        sys.stdout.flush()
    return 0


@contextmanager
def _database(backend: str, folder: Path) -> Generator[str | None]:
    if backend == "sqlite":
        yield None
        return
    port, keeper = support.pg._started(folder / "postgres.log")
    try:
        server = support.pg.PostgresServer(port)
        url = server.empty()
        support.pg.migrate(url)
        server.close()
        yield url
    finally:
        support.pg._stop(keeper)


if __name__ == "__main__":
    sys.exit(main())
