"""Checks a catalogue from end to end and writes its part of docs/batch-speed.md: ``python -m benchmarks.catalogue``.

Films are drafts of a beat of 2.5 seconds: half the size, of the same parts as others.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.batches import PAGE
from benchmarks.catalogue.feed_check import CatalogueCheck, Found
from benchmarks.catalogue.page import section, with_section
from benchmarks.catalogue.site import photo_site
from benchmarks.measure import BenchmarkError

OPTIONS = ("--script", "ad.toml", "--draft", "--music", "none")


def checked(folder: Path, products: int, seed: int) -> Found:
    with photo_site() as site:
        return CatalogueCheck(folder, products, OPTIONS, site, seed).run()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--products", type=int, default=200)
    parser.add_argument("--seed", type=int, default=18, help="of the moments at which the batch is killed")
    chosen = parser.parse_args(arguments)
    if chosen.products < 40:
        parser.error("20 of the products have a bad row, and at least as many a good one: ask for 40 or more")
    with tempfile.TemporaryDirectory() as folder:
        found = checked(Path(folder), chosen.products, chosen.seed)
    text = section(found)
    print(text)
    if found.faults:
        raise BenchmarkError("; ".join(found.faults))
    PAGE.write_text(with_section(PAGE.read_text(encoding="utf-8"), text), encoding="utf-8")


if __name__ == "__main__":
    main()
