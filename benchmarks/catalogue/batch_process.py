"""``adreel batch`` as a process that is watched: its films, its processor time and memory; and that is killed."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.measure import MemoryWatch

PEAKS_AT = (50, 100, 200)
"""Numbers of films after which the highest memory so far is noted."""


@dataclass(slots=True)
class Ran:
    """A run that ended or was killed: seconds of wall and processor, its exit code (negative for a signal), the ids of the films
    that it reported as made, and the highest memory in MiB until so many films."""

    wall: float = 0.0
    cpu: float = 0.0
    code: int = 0
    films: list[str] = field(default_factory=list[str])
    peaks: dict[int, float] = field(default_factory=dict[int, float])
    output: str = ""


@dataclass(frozen=True, slots=True)
class Kill:
    """SIGKILL, `delay` seconds after the run has reported so many films."""

    films: int
    delay: float


def run_batch(arguments: Sequence[str], folder: Path, site: str, kill: Kill | None = None) -> Ran:
    """Runs ``adreel batch`` in a folder. Only the program itself is killed, as the system does when memory is short."""
    environment = {**os.environ, "ADREEL_DOWNLOAD_HOSTS": site.removeprefix("http://")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    began, ran = time.perf_counter(), Ran()
    command = [sys.executable, "-m", "adreel", "batch", *arguments]
    with (folder / "stdout.txt").open("w+b") as out:
        child = subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=subprocess.PIPE, text=True)
        watch = MemoryWatch([child.pid])
        _follow(child, watch, ran, kill)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = ran.code = os.waitstatus_to_exitcode(status)
        ran.peaks[len(ran.films)] = watch.stop()
        out.seek(0)
        ran.output = out.read().decode()
    ran.wall, ran.cpu = time.perf_counter() - began, usage.ru_utime + usage.ru_stime
    return ran


def _follow(child: subprocess.Popen[str], watch: MemoryWatch, ran: Ran, kill: Kill | None) -> None:
    assert child.stderr is not None
    timer = None
    if kill is not None and kill.films == 0:
        timer = _timer(child, kill)
    for line in child.stderr:
        if not line.startswith("["):
            continue
        name, failed, _ = line.partition("] ")[2].strip().partition(": ")
        if failed:
            continue
        ran.films.append(name)
        if len(ran.films) in PEAKS_AT:
            ran.peaks[len(ran.films)] = watch.peak
        if kill is not None and len(ran.films) == kill.films:
            timer = _timer(child, kill)
    if timer is not None:
        timer.cancel()


def _timer(child: subprocess.Popen[str], kill: Kill) -> threading.Timer:
    timer = threading.Timer(kill.delay, child.kill)
    timer.start()
    return timer
