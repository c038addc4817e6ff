"""``PYTHONPATH=tests python -m screenshots [--to FOLDER]``: walks through the page and writes docs/screenshots/."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from screenshots.walk import walk
from support.chromium import NoChromiumError, find_chromium

ROOT = Path(__file__).parents[2]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m screenshots", description=__doc__)
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "screenshots", help="folder to write to")
    given = parser.parse_args()
    photos = sorted((ROOT / "examples" / "mug").glob("*.jpg"))[:3]
    try:
        chromium = find_chromium()
    except NoChromiumError as error:
        sys.exit(str(error))
    with tempfile.TemporaryDirectory(prefix="adreel-screenshots-") as folder:
        taken = asyncio.run(walk(chromium, Path(folder), photos, given.to))
    sys.stdout.write(f"{len(taken)} screenshots in {given.to}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
