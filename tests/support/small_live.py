"""``make live`` whose film is small. Not imported: a program of its own, with the checkout on PYTHONPATH.

python -P tests/support/small_live.py ARGUMENT...
"""

from __future__ import annotations

import runpy
from pathlib import Path

from adreel.domain.films.formats import ASPECTS

if __name__ == "__main__":
    ASPECTS.update(runpy.run_path(str(Path(__file__).with_name("small_films.py")))["SMALL_ASPECTS"])
    from benchmarks.live import main

    main()
