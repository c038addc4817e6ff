"""Measures batches and writes docs/batch-speed.md: ``python -m benchmarks.batches [--products N] [--rows N]``.

The feed and its photos are made here. Each run is a process of ``adreel batch`` as people start it.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.catalogue_feed import TEMPLATE, draw_photos, product_row, write_feed
from benchmarks.measure import Sample, run_step

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "batch-speed.md"
_CHANGED = 2


@dataclass(frozen=True, slots=True)
class Figures:
    """`first`, `changed`, `unchanged` are runs over `products`; `dry` is a dry run over `rows`."""

    products: int
    first: Sample
    changed: Sample
    unchanged: Sample
    rows: int
    dry: Sample


def measured(folder: Path, products: int, rows: int) -> Figures:
    """Makes the films of a feed, makes them again with other prices, once more without a change; plans a long feed."""
    draw_photos(folder / "photos", products)
    (folder / "ad.toml").write_text(TEMPLATE, encoding="utf-8")
    feed = folder / "feed.csv"
    write_feed(feed, [product_row(number) for number in range(products)])
    first = _run(feed, "out")
    write_feed(feed, [product_row(number, 100 if number < _CHANGED else 0) for number in range(products)])
    changed, unchanged = _run(feed, "out"), _run(feed, "out")
    photos = {name: product_row(0)[name] for name in ("image_link", "additional_image_link")}
    write_feed(feed, [{**product_row(number), **photos} for number in range(rows)])
    return Figures(products, first, changed, unchanged, rows, _run(feed, "dry", "--dry-run"))


def _run(feed: Path, out: str, *options: str) -> Sample:
    script, target = feed.with_name("ad.toml"), feed.with_name(out)
    order = ["batch", str(feed), "--script", str(script), "--out", str(target), "--aspect", "9:16"]
    return run_step([[sys.executable, "-m", "adreel", *order, *options]])


def page(figures: Figures) -> str:
    """The page, in Markdown."""
    idle = figures.unchanged
    each = (figures.first.cpu - idle.cpu) / figures.products
    again = (figures.changed.cpu - idle.cpu) / _CHANGED
    rows = [
        ("first run", f"{figures.products} films of 14 s", figures.first),
        (f"{_CHANGED} prices changed", f"{_CHANGED} films", figures.changed),
        ("nothing changed", "no film", figures.unchanged),
        ("dry run", f"{figures.rows:,} rows, three stills", figures.dry),
    ]
    table = "\n".join(
        f"| {name} | {what} | {run.wall:.1f} | {run.cpu:.1f} | {run.peak:.0f} |" for name, what, run in rows
    )
    return f"""# Speed of batches

Measured by `make batch-load` on {datetime.now(UTC):%Y-%m-%d} on {os.cpu_count()} cores; load average at the end
{os.getloadavg()[0]:.1f}, of which the batch itself has about {os.cpu_count()}: with more, compare the CPU seconds.
The feed is made up, with three photos of 900 × 900 for each product; films are 9:16 at full size, with four beats,
an end card and music of their own.

| run | makes | seconds | CPU seconds | MiB at most |
|---|---|---|---|---|
{table}

Beside the start of the program and the reading of the feed ({idle.cpu:.1f} CPU seconds), a film takes {each:.1f} CPU seconds
in the first run, and {again:.1f} with another price: 1/{each / again:.1f} of that. The words of the price
are laid over frames that were kept, and encoded; all else is taken from the cache (decision 0174).
"""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=8)
    parser.add_argument("--rows", type=int, default=10_000)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        figures = measured(Path(folder), chosen.products, chosen.rows)
    # The check of a whole catalogue writes the rest of the page (make catalogue-check).
    rest = PAGE.read_text(encoding="utf-8").partition("\n## ")
    PAGE.write_text(page(figures) + "".join(rest[1:]), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
