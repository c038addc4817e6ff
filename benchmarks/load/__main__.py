"""`python -m benchmarks.load [--part sessions|greedy] [--sessions 200] [--listeners 1000] [--rounds 24]`: the service under
load; writes docs/load.md, or its part.

One `adreel serve` with SQLite and its embedded worker. Every session goes from a photo to a checked film while its listeners
follow it and others read it. Fails when an event is lost or out of order, or a session fails.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from benchmarks.load import greedy
from benchmarks.load.journeys import Client
from benchmarks.load.listeners import Ear, Tally

ROOT = Path(__file__).parents[2]
REPORT = ROOT / "docs" / "load.md"
PHOTO = ROOT / "examples" / "mug" / "mug-front.jpg"
AT_ONCE = 20
"""Sessions that are worked on at the same time; all are listened to from the beginning to the end."""

READ_PAUSE = 0.05
MEMORY_PAUSE = 0.5


@dataclass
class Outcome:
    sessions: int
    listeners: int
    seconds: float = 0.0
    reads: list[float] = field(default_factory=list[float])
    tally: Tally = field(default_factory=Tally)
    memory: list[float] = field(default_factory=list[float])
    """MiB of the server, twice a second, from the moment that all listeners are connected."""


def main() -> None:
    arguments = _arguments()
    parts: dict[str, Callable[[argparse.Namespace], tuple[str, list[str]]]] = {"sessions": _sessions, "greedy": _greedy}
    wanted = parts if arguments.part is None else {arguments.part: parts[arguments.part]}
    made = {name: part(arguments) for name, part in wanted.items()}
    print("\n".join(text for text, _ in made.values()))
    if not arguments.quick:
        REPORT.write_text(
            _with_parts(REPORT.read_text(encoding="utf-8"), {n: t for n, (t, _) in made.items()}), "utf-8"
        )
    faults = [fault for _, found in made.values() for fault in found]
    if faults:
        sys.exit("\n".join(faults[:20]))


def _sessions(arguments: argparse.Namespace) -> tuple[str, list[str]]:
    with (
        tempfile.TemporaryDirectory(prefix="adreel-load-") as folder,
        service(Path(folder), {"ADREEL_LISTENERS_PER_USER": str(arguments.listeners)}) as (pid, base),
    ):
        outcome = asyncio.run(run(base, pid, arguments.sessions, arguments.listeners))
    return document(outcome), outcome.tally.faults


def _greedy(arguments: argparse.Namespace) -> tuple[str, list[str]]:
    with (
        tempfile.TemporaryDirectory(prefix="adreel-load-") as folder,
        service(Path(folder), greedy.SETTINGS) as (_, base),
    ):
        found = greedy.run(base, Path(folder), arguments.rounds, arguments.long)
    return greedy.section(found), greedy.faults(found)


def _with_parts(report: str, made: Mapping[str, str]) -> str:
    """The report with the parts that were made anew; the others stay."""
    first, heading, second = report.partition(greedy.HEADING)
    second = made.get("greedy", heading + second)
    return f"{made.get('sessions', first).rstrip()}\n" + (f"\n{second.rstrip()}\n" if second else "")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.load", description=__doc__)
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--listeners", type=int, default=1000)
    parser.add_argument("--part", choices=("sessions", "greedy"))
    parser.add_argument("--rounds", type=int, default=24, help="how often the modest user beside a greedy one asks")
    parser.add_argument("--long", type=float, default=10.0, help="seconds of a clip of the greedy user")
    parser.add_argument("--quick", action="store_true", help="write nothing")
    return parser.parse_args()


@contextmanager
def service(folder: Path, settings: Mapping[str, str] = MappingProxyType({})) -> Generator[tuple[int, str]]:
    """A running service in an empty folder: its process id and address."""
    environment = {**os.environ, "ADREEL_DATA_DIR": str(folder), **settings}
    log = folder / "service.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "adreel", "serve", "--port", "0"], env=environment, stdout=output, stderr=output
        )
    try:
        yield process.pid, _address(log, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _address(log: Path, process: subprocess.Popen[bytes]) -> str:
    for _ in range(600):
        found = re.search(r"http://[\w.:]+", log.read_text(errors="replace"))
        if found is not None:
            return found.group()
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"the service did not start:\n{log.read_text(errors='replace')}")


async def run(base: str, pid: int, sessions: int, listeners: int) -> Outcome:
    outcome = Outcome(sessions, listeners)
    client = Client(base)
    ids = [await client.create() for _ in range(sessions)]
    ears = [Ear(ids[number % sessions], outcome.tally) for number in range(listeners)]
    connected = asyncio.Semaphore(0)
    listening = [asyncio.create_task(ear.listen(base, connected)) for ear in ears]
    for _ in ears:
        await connected.acquire()
    print(f"{sessions} sessions, {listeners} listeners connected")
    beside = [
        asyncio.create_task(client.look_around(ids, READ_PAUSE)),
        asyncio.create_task(_watch_memory(pid, outcome.memory)),
    ]
    started = time.perf_counter()
    await _all_journeys(client, ears[:sessions])
    await asyncio.wait_for(asyncio.gather(*listening), 60)
    outcome.seconds = time.perf_counter() - started
    for task in beside:
        task.cancel()
    await asyncio.wait(beside)
    await _check_complete(client, ears, outcome.tally)
    outcome.reads = client.reads
    return outcome


async def _all_journeys(client: Client, ears: list[Ear]) -> None:
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(ear: Ear) -> None:
        async with slots:
            await client.journey(ear, PHOTO)

    async with asyncio.TaskGroup() as group:
        for ear in ears:
            group.create_task(one(ear))


async def _check_complete(client: Client, ears: list[Ear], tally: Tally) -> None:
    """Every listener of a session must have been told as much as every other."""
    last: dict[str, set[int]] = {}
    for ear in ears:
        last.setdefault(ear.session_id, set()).add(ear.seq)
    tally.faults += [f"{session}: listeners ended at {sorted(seqs)}" for session, seqs in last.items() if len(seqs) > 1]
    for session_id in last:
        session = await client.read(session_id)
        if session["stage"] != "complete" or session["final_video"] is None:
            tally.faults.append(f"{session_id} is at {session['stage']}")


async def _watch_memory(pid: int, samples: list[float]) -> None:
    while True:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        if found is not None:
            samples.append(int(found.group(1)) / 1024)
        await asyncio.sleep(MEMORY_PAUSE)


def document(outcome: Outcome) -> str:
    reads, delays, most = outcome.reads, outcome.tally.delays, max(outcome.memory)
    quarter = max(1, len(outcome.memory) // 4)
    early = statistics.median(outcome.memory[quarter : 2 * quarter] or outcome.memory)
    late = statistics.median(outcome.memory[-quarter:])
    return f"""# The service under load

`make load` wrote this page: one `adreel serve` with SQLite and its embedded worker on {os.cpu_count()} cores, which the
clients share. {outcome.sessions} sessions go from a photo to a checked film, {AT_ONCE} at a time, while {outcome.listeners}
listeners follow them and a reader asks for a session every {READ_PAUSE * 1000:.0f} ms.

| what | measured |
|---|---|
| sessions complete | {outcome.sessions} in {outcome.seconds:.0f} s |
| events delivered | {len(delays)}, none lost, none out of order: {"yes" if not outcome.tally.faults else "NO"} |
| connections lost | {outcome.tally.reconnected} |
| `GET /api/sessions/{{id}}` | median {statistics.median(reads) * 1000:.0f} ms, p95 {_p95(reads) * 1000:.0f} ms of {len(reads)} |
| an event's delivery | median {statistics.median(delays) * 1000:.0f} ms, p95 {_p95(delays) * 1000:.0f} ms |
| memory of the service | {early:.0f} MiB in the second quarter of the run, {late:.0f} MiB in the last, most {most:.0f} MiB |
"""


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


if __name__ == "__main__":
    main()
