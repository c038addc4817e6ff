from __future__ import annotations

import os
import subprocess
import sys

import pytest

_FAULTS = """
import resource
import numpy as np
from adreel.media.process_tuning import reuse_freed_memory
reuse_freed_memory()
np.ones(3 << 20, np.uint8)
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(50):
    np.ones(3 << 20, np.uint8)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only the GNU C library is tuned")
def test_a_picture_is_drawn_into_memory_that_an_earlier_one_has_left() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run([sys.executable, "-c", _FAULTS], env=environment, check=True, capture_output=True, timeout=60)
    # One array of three megabytes has 768 pages.
    assert int(run.stdout) < 768


_TRIM = """
import re
from pathlib import Path
import numpy as np
from adreel.media.freed_memory import FREED
{tuning}
def anonymous():
    return int(re.search(r"RssAnon:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) >> 10
gaps = [np.ones(1 << 20, np.uint8) for _ in range(60)]
kept = gaps[1::2]
del gaps
before = anonymous()
FREED.give_back()
print(before - anonymous())
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only the GNU C library is tuned")
@pytest.mark.parametrize(
    ("tuning", "least", "most"),
    [("from adreel.media.process_tuning import reuse_freed_memory; reuse_freed_memory()", 25, 40), ("", 0, 0)],
    ids=["own process", "embedded"],
)
def test_freed_memory_between_used_memory_is_given_back(tuning: str, least: int, most: int) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", _TRIM.format(tuning=tuning)]
    run = subprocess.run(command, env=environment, check=True, capture_output=True, timeout=60)
    assert least <= int(run.stdout) <= most


_PAGES = """
import re
from pathlib import Path
import numpy as np
from adreel.media.process_tuning import reuse_freed_memory
reuse_freed_memory()
# Large enough that NumPy asks for huge pages.
held = np.ones(16 << 20, np.uint8)
print(re.search(r"AnonHugePages: +(\\d+)", Path("/proc/self/smaps_rollup").read_text())[1])
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux is tuned")
def test_new_memory_comes_in_small_pages() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run([sys.executable, "-c", _PAGES], env=environment, check=True, capture_output=True, timeout=60)
    assert int(run.stdout) == 0
