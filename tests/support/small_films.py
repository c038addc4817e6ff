"""``adreel`` whose films are a sixth as wide and as high: for tests of the way to a film, not of its picture.

    python -P tests/support/small_films.py ARGUMENT...

A frame has a thirty-sixth of the pixels, which is what most of the time of such a test was spent on. Tests of the full size are
marked `full_size`. Not imported for its program: it names nothing of this folder.
"""

from __future__ import annotations

import sys
from pathlib import Path

from adreel.domain.films.formats import ASPECTS, FrameSize

SMALL_ASPECTS = {
    "16:9": FrameSize(320, 180),
    "9:16": FrameSize(180, 320),
    "1:1": FrameSize(180, 180),
    "4:5": FrameSize(144, 180),
}
SMALL_ADREEL = (sys.executable, "-P", str(Path(__file__)))
"""The command, to be followed by its arguments."""

FULL_ADREEL = (sys.executable, "-m", "adreel")


def main() -> None:
    from adreel.cli.main import main as adreel

    ASPECTS.update(SMALL_ASPECTS)
    adreel()


if __name__ == "__main__":
    main()
