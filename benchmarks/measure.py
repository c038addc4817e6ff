"""Runs commands and measures them: wall time, CPU time with all descendants, memory."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

SAMPLING_SECONDS = 0.03
Command = Sequence[str]
Step = Sequence[Command]
"""Commands that run at the same time."""


@dataclass(frozen=True, slots=True)
class Sample:
    """`wall` and `cpu` in seconds, `peak` in MiB of all its processes together."""

    wall: float
    cpu: float
    peak: float


@dataclass(frozen=True, slots=True)
class Contender:
    """Steps run one after the other; `prepare` and `verify` are not measured. `verify` says what came out, or raises.

    `clock` is a file into which a contender writes wall and CPU seconds that it measured itself: for work inside a program
    that already runs.
    """

    name: str
    steps: Callable[[], Sequence[Step]]
    prepare: Callable[[], None] = lambda: None
    verify: Callable[[], str] = lambda: ""
    clock: Path | None = None


@dataclass(slots=True)
class Series:
    """All samples of one contender, and what its last run gave."""

    samples: list[Sample] = field(default_factory=list[Sample])
    outcome: str = ""

    @property
    def median(self) -> Sample:
        """Of each figure by itself."""
        return Sample(
            statistics.median(sample.wall for sample in self.samples),
            statistics.median(sample.cpu for sample in self.samples),
            statistics.median(sample.peak for sample in self.samples),
        )


class BenchmarkError(Exception):
    """A contender failed: its figures would mean nothing."""


def run_step(commands: Step) -> Sample:
    """Starts all commands at once and waits for them. Raises BenchmarkError when one fails."""
    began = time.perf_counter()
    children = [_start(command) for command in commands]
    watch = MemoryWatch([child.pid for child in children])
    usages = [_wait(child, command) for child, command in zip(children, commands, strict=True)]
    wall = time.perf_counter() - began
    cpu = sum(usage.ru_utime + usage.ru_stime for usage in usages)
    return Sample(wall, cpu, watch.stop())


def _start(command: Command) -> subprocess.Popen[bytes]:
    quiet = subprocess.DEVNULL
    # As people have it: Python keeps what it has compiled. Some build machines forbid that.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=subprocess.PIPE, env=environment)


def _wait(child: subprocess.Popen[bytes], command: Command) -> resource.struct_rusage:
    assert child.stderr is not None
    words = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise BenchmarkError(f"{Path(command[0]).name} failed: {words.decode(errors='replace')[-2000:]}")
    return usage


class MemoryWatch:
    """Adds up the resident memory of processes and their descendants while they run (Linux only, else 0).

    Not `ru_maxrss`: that is of the largest process only, and begins with the memory of the process that started it.
    """

    def __init__(self, roots: list[int]) -> None:
        self._roots = roots
        self._peak = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._done.wait(SAMPLING_SECONDS):
            self._peak = max(self._peak, sum(_resident(root) for root in self._roots))

    @property
    def peak(self) -> float:
        """In MiB, until now."""
        return self._peak / 2**20

    def stop(self) -> float:
        """The peak in MiB."""
        self._done.set()
        self._thread.join()
        return self.peak


def _resident(pid: int) -> int:
    """Bytes held by a process and its descendants; 0 for one that has ended."""
    folder = Path(f"/proc/{pid}")
    try:
        own = int((folder / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
        children = [int(child) for task in (folder / "task").iterdir() for child in _words(task / "children")]
    except OSError:
        return 0
    return own + sum(_resident(child) for child in children)


def _words(path: Path) -> list[str]:
    try:
        return path.read_text().split()
    except OSError:
        return []


class Stopwatch:
    """For a contender's own clock: time from its making to `write`, with the CPU time of processes that have ended."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), _cpu_seconds()

    def write(self, clock: Path) -> None:
        clock.write_text(f"{time.perf_counter() - self._wall} {_cpu_seconds() - self._cpu}", encoding="utf-8")


def _cpu_seconds() -> float:
    usages = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def run(contender: Contender) -> tuple[Sample, str]:
    """One measured run: its figures and what came out."""
    contender.prepare()
    samples = [run_step(step) for step in contender.steps()]
    wall, cpu = sum(sample.wall for sample in samples), sum(sample.cpu for sample in samples)
    if contender.clock:
        wall, cpu = map(float, contender.clock.read_text(encoding="utf-8").split())
    return Sample(wall, cpu, max(sample.peak for sample in samples)), contender.verify()


def race(contenders: Sequence[Contender], rounds: int, say: Callable[[str], None]) -> dict[str, Series]:
    """Each round runs every contender once, so that whatever else the machine does falls on all of them alike.

    Every second round goes through them backwards: nobody always runs after the same neighbour.
    """
    series = {contender.name: Series() for contender in contenders}
    for number in range(rounds):
        order = contenders if number % 2 == 0 else list(reversed(contenders))
        for contender in order:
            sample, outcome = run(contender)
            series[contender.name].samples.append(sample)
            series[contender.name].outcome = outcome
            say(f"  {number + 1}/{rounds} {contender.name}: {sample.wall:.2f} s wall, {sample.cpu:.2f} s CPU {outcome}")
    return series
