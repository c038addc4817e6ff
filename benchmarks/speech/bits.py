"""Whether a line has the same bits at every setting of threads and cores: each a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

LINE = "Lumen No. 4, only $24.99 at morgen.co."


def hashes(folder: Path) -> Iterator[tuple[str, str]]:
    """Each setting with the hash of the sound."""
    cores = sorted(os.sched_getaffinity(0))
    for threads in ("1", "4"):
        for used in (cores[:1], cores):
            out = folder / f"{threads}-{len(used)}.wav"
            names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")
            pinned = ["taskset", "-c", ",".join(map(str, used)), sys.executable, "-m", "adreel", "say", LINE]
            environment = {**os.environ, **dict.fromkeys(names, threads)}
            subprocess.run([*pinned, "--out", str(out)], check=True, capture_output=True, env=environment)
            yield f"{threads} threads, {len(used)} cores", sha256(out.read_bytes()).hexdigest()
