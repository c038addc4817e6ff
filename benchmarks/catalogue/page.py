"""The part of docs/batch-speed.md that says what the check found, in Markdown."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import UTC, datetime

from benchmarks.catalogue.batch_process import Ran
from benchmarks.catalogue.feed_check import Found

HEADING = "## Two hundred products"


def with_section(page: str, section: str) -> str:
    """A page with this section in the place of an earlier one."""
    return f"{page.partition(HEADING)[0].rstrip()}\n\n{section}"


def section(found: Found) -> str:
    whole, idle = found.whole, found.idle
    killed = found.killed
    films = sum(len(ran.films) for ran in killed)
    peaks = ", ".join(f"{peak:.0f} MiB after {films}" for films, peak in sorted(whole.peaks.items()))
    rows = "\n".join(
        f"| {bad.what} | {bad.field or 'nothing'} | {'yes' if bad.is_made else 'no'} | {_cell(words)} |"
        for bad, words in found.bad
    )
    return f"""{HEADING}

Measured by `make catalogue-check` on {datetime.now(UTC):%Y-%m-%d} on {os.cpu_count()} cores; load average at the end
{os.getloadavg()[0]:.1f}, of which the batch itself has about {os.cpu_count()}.
{found.products} products with three photos each, of which {len(found.bad)} have a bad row;
films are drafts (`--draft --music none`) of one beat of 2.5 seconds with title and price.

| run | films | seconds | films a minute | CPU seconds | MiB at most |
|---|---|---|---|---|---|
{_row("without a kill", len(whole.films), [whole])}
{_row(f"killed {len(killed) - 1} times by SIGKILL", films, killed)}
{_row(f"{found.changes} prices changed", found.changes, [found.changed])}
{_row("nothing changed", 0, [idle])}

- Every packet of every film of the run that was killed is that of the film of the run that was not.
  It began {found.begun} films and finished {found.finished}; none was finished more than {_times(found.most)} (`attempts.csv`).
  The {found.begun - found.finished} others were under way when it was killed, or failed.
- Memory at most, of all processes together: {peaks}.
- With other prices, {found.changes} films were made again; all others kept their bytes and their time of change. Each of these
  films is its price, so that nothing of it is kept; what a new price costs in a longer film is above.

| row | reported field | film | what problems.csv says |
|---|---|---|---|
{rows}
"""


def _row(what: str, films: int, runs: Sequence[Ran]) -> str:
    wall, cpu = sum(ran.wall for ran in runs), sum(ran.cpu for ran in runs)
    peak = max(max(ran.peaks.values()) for ran in runs)
    rate = f"{films / wall * 60:.1f}" if films else "–"
    return f"| {what} | {films} | {wall:.0f} | {rate} | {cpu:.0f} | {peak:.0f} |"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _cell(words: str) -> str:
    return words.replace("|", "\\|").replace("<", "&lt;") or "–"
