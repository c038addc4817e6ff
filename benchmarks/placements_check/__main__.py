"""`python -m benchmarks.placements_check`: every placement of the examples from one set of clips, and eight of bought clips.

Writes docs/placements-check.md. Ends with 1 when a film breaks a rule that is not advice, or anything was bought again.

What was measured of a part is kept in `--keep`, and the page is written of all parts that lie there: `--parts watch` measures one
part anew.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import astuple
from pathlib import Path
from typing import Any

from benchmarks.placements_check.bought import make_bought
from benchmarks.placements_check.document import Checked, document
from benchmarks.placements_check.making import EIGHT, EXAMPLES, make
from benchmarks.placements_check.reading import program, read
from benchmarks.placements_check.rules import Placed, broken, placements
from benchmarks.report import ROOT

Json = dict[str, Any]

REPORT = ROOT / "docs" / "placements-check.md"
KEPT = ROOT / "out" / "placements-check"
BOUGHT, BOUGHT_OF = "bought", "mug"


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.placements_check", description=__doc__)
    parser.add_argument("--parts", default=",".join((*EXAMPLES, BOUGHT)), help="which, by commas")
    parser.add_argument("--keep", type=Path, default=KEPT, help="a folder for films and figures")
    given = parser.parse_args()
    program("ffprobe")
    known = placements()
    for name in given.parts.split(","):
        folder = given.keep / name
        folder.mkdir(parents=True, exist_ok=True)
        part = _bought(folder, known) if name == BOUGHT else _example(name, folder, known)
        (given.keep / f"{name}.json").write_text(json.dumps(part), encoding="utf-8")
    _write(given.keep)


def _write(folder: Path) -> None:
    found: dict[str, Json] = {
        name: json.loads(path.read_text(encoding="utf-8"))
        for name in (*EXAMPLES, BOUGHT)
        if (path := folder / f"{name}.json").exists()
    }
    bought = found.pop(BOUGHT, None)
    text = document(found, bought)
    print(text)
    REPORT.write_text(text, encoding="utf-8")
    parts = [*found.values(), *([bought] if bought else [])]
    if any(film["refused"] for part in parts for film in part["films"]):
        sys.exit("a film breaks a rule of its placement")
    if bought is not None and bought["before"] != bought["after"]:
        sys.exit("something was bought again")


def _example(name: str, folder: Path, known: Mapping[str, Placed]) -> Json:
    os.environ["ADREEL_DATA_DIR"] = str(folder / "data")
    made = make(name, list(known), folder)
    return {"first": made.first, "eight": made.eight, "films": _read(made.films, known)}


def _bought(folder: Path, known: Mapping[str, Placed]) -> Json:
    bought = asyncio.run(make_bought(BOUGHT_OF, EIGHT, folder))
    before, after = ([str(value) for value in astuple(each)] for each in (bought.before, bought.after))
    return {"before": before, "after": after, "films": _read(bought.films, known)}


def _read(films: Mapping[str, Path], known: Mapping[str, Placed]) -> list[Json]:
    found: list[Json] = []
    for name, path in films.items():
        reading = read(path)
        checked = Checked(known[name], reading, tuple(broken(reading, known[name])))
        found.append(checked.to_json())
        print(f"{path.name}: {', '.join(checked.broken) or 'fits'}", file=sys.stderr)
    return found


if __name__ == "__main__":
    main()
