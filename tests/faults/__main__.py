"""``PYTHONPATH=tests python -m faults [--runs N] [--seed N] [--only N] [--at-once N] [--messages]``"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
from pathlib import Path

from faults.mixes import FAULTS, MOST_SKEW
from faults.suite import Report, run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m faults", description=__doc__)
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="this run alone, as it was told to have failed")
    parser.add_argument("--at-once", type=int, default=12)
    parser.add_argument("--messages", action="store_true", help="show what customers were told")
    given = parser.parse_args()
    logging.disable(logging.WARNING)
    numbers = range(given.runs) if given.only is None else range(given.only, given.only + 1)
    with tempfile.TemporaryDirectory(prefix="adreel-faults-") as folder:
        report = asyncio.run(run(numbers, given.seed, Path(folder), given.at_once))
    _tell(report, messages=given.messages)
    return 1 if report.failures else 0


def _tell(report: Report, *, messages: bool) -> None:
    clocks = f"clocks up to {MOST_SKEW // 60} minutes apart and set {report.steps} times"
    found = f"{report.faults.total()} faults of {len(report.faults)} of {len(FAULTS)} kinds, {clocks}"
    bought = f"{report.orders} orders, ${report.billed} billed, asked for {report.tries} times"
    end = f"{report.runs} runs with {found}: {bought}, {len(report.failures)} failures, {report.seconds:.0f} s"
    lines = [*(sorted(report.messages) if messages else ()), *report.failures, end]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
