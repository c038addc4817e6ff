"""The same line has the same bits whatever the machine does with threads."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

LINE = "Lumen No. 4, only $24.99."


def test_threads_and_cores_do_not_change_a_line(tmp_path: Path) -> None:
    one = _spoken(tmp_path / "one.wav", {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}, cores=1)
    all_ = _spoken(tmp_path / "all.wav", {"OMP_NUM_THREADS": "4", "OPENBLAS_NUM_THREADS": "4"}, cores=64)
    assert one == all_


def _spoken(path: Path, settings: Mapping[str, str], cores: int) -> str:
    """The hash of a line spoken by a process of its own that may use so many cores."""

    def keep_to_cores() -> None:
        if sys.platform == "linux":
            os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])

    command = [sys.executable, "-m", "adreel", "say", LINE, "--out", str(path)]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **settings}, preexec_fn=keep_to_cores)
    return sha256(path.read_bytes()).hexdigest()
