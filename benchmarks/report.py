"""Turns the series into tables, bounds and docs/benchmarks.md."""

from __future__ import annotations

import datetime as dt
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.material import ffmpeg
from benchmarks.measure import Sample, Series

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Bound:
    """A promise and what was measured; `at_least` turns it round."""

    promise: str
    measured: float
    limit: float
    unit: str
    at_least: bool = False

    @property
    def held(self) -> bool:
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    def row(self) -> list[str]:
        sign = "≥" if self.at_least else "≤"
        limit = f"{sign} {self.limit:g}{self.unit}"
        return [self.promise, limit, f"{self.measured:.3g}{self.unit}", "held" if self.held else "**missed**"]


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Markdown, columns padded so that it can be read as it is."""
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    lines = [header, ["-" * width for width in widths], *rows]
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )


def series_table(series: Mapping[str, Series], reference: str) -> str:
    """Medians, with wall and CPU relative to the contender named `reference`."""
    base = series[reference].median
    rows = [_row(name, entry, base) for name, entry in series.items()]
    return table(["", "wall s", "spread", "CPU s", f"wall / {reference}", "peak MiB", "gives"], rows)


def _row(name: str, entry: Series, base: Sample) -> list[str]:
    median = entry.median
    walls = [sample.wall for sample in entry.samples]
    figures = [f"{median.wall:.2f}", f"{min(walls):.2f}–{max(walls):.2f}", f"{median.cpu:.2f}"]
    return [name, *figures, f"{median.wall / base.wall:.3f}", f"{median.peak:.0f}", entry.outcome]


def bounds_table(bounds: Sequence[Bound]) -> str:
    return table(["promise", "bound", "measured", ""], [bound.row() for bound in bounds])


def machine() -> str:
    """The machine and versions, one line each."""
    version = subprocess.run([ffmpeg(), "-version"], capture_output=True, text=True, check=True).stdout.split()[2]
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],  # noqa: S607 - the git that make needs anyway
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    cores = f"{os.cpu_count()} cores, {_processor()}"
    lines = [
        f"{dt.datetime.now(dt.UTC):%Y-%m-%d}, commit {commit or 'unknown'}",
        f"{cores}; {platform.system()} {platform.machine()}",
        f"Python {platform.python_version()}, FFmpeg {version} (the same for all but where said)",
    ]
    return "\n".join(f"- {line}" for line in lines)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "processor unknown"
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "processor unknown")
