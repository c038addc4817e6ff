"""`python -m benchmarks.placements_check`: every placement of the examples from one set of clips, and of bought clips; writes
docs/placements-check.md. Ends with 1 when a film breaks a rule that is not advice, or anything was bought again."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.placements_check.bought import Bought, make_bought
from benchmarks.placements_check.document import Checked, document
from benchmarks.placements_check.making import EXAMPLES, MadeFilms, make
from benchmarks.placements_check.reading import program, read
from benchmarks.placements_check.rules import Placed, broken, placements
from benchmarks.report import ROOT

REPORT = ROOT / "docs" / "placements-check.md"
BOUGHT_OF = "mug"


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.placements_check", description=__doc__)
    parser.add_argument("--examples", default=",".join(EXAMPLES), help="which, by commas")
    parser.add_argument("--placements", default="", help="which, by commas; all by default")
    parser.add_argument("--keep", type=Path, help="a folder for the films, which are removed otherwise")
    parser.add_argument("--quick", action="store_true", help="write no page")
    given = parser.parse_args()
    program("ffprobe")
    known = placements()
    names = given.placements.split(",") if given.placements else list(known)
    with tempfile.TemporaryDirectory(prefix="adreel-placements-") as scratch:
        folder = given.keep or Path(scratch)
        examples = [_example(name, known, names, folder) for name in given.examples.split(",")]
        bought = _bought(names, folder)
        bought_films = _read(bought.films, known)
    text = document(examples, bought, bought_films)
    print(text)
    if not given.quick:
        REPORT.write_text(text, encoding="utf-8")
    if any(each.refused for _, films in examples for each in films) or any(each.refused for each in bought_films):
        sys.exit("a film breaks a rule of its placement")
    if bought.before != bought.after:
        sys.exit("something was bought again")


def _example(
    name: str, known: dict[str, Placed], names: Sequence[str], folder: Path
) -> tuple[MadeFilms, list[Checked]]:
    here = folder / name
    here.mkdir(parents=True, exist_ok=True)
    os.environ["ADREEL_DATA_DIR"] = str(here / "data")
    made = make(name, names, here)
    print(f"{name}: first {made.first.cpu:.0f}, eight more {made.eight.cpu:.0f} CPU s", file=sys.stderr)
    return made, _read(made.films, known)


def _bought(names: Sequence[str], folder: Path) -> Bought:
    here = folder / "bought"
    here.mkdir(parents=True, exist_ok=True)
    return asyncio.run(make_bought(BOUGHT_OF, names, here))


def _read(films: dict[str, Path], known: dict[str, Placed]) -> list[Checked]:
    found: list[Checked] = []
    for name, path in films.items():
        reading = read(path)
        found.append(Checked(known[name], reading, tuple(broken(reading, known[name]))))
        print(f"{path.name}: {', '.join(found[-1].broken) or 'fits'}", file=sys.stderr)
    return found


if __name__ == "__main__":
    main()
