"""The suite: customers, workers that are killed over and over, and at the end the books."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from adreel.billing.crash_points import CrashPoint
from adreel.bootstrap.core import Core, open_core
from adreel.bootstrap.settings import Settings, read_settings
from adreel.services.accounts.service import AuthService
from crash import clock
from crash.checks import check_bill, check_sessions
from crash.customers import Customer, Shop
from crash.door import PLACES, Door
from crash.worker import POST_SENT, TTL, at
from support import forked
from support.replicate import StandIn

START_SECONDS = 240.0
"""A limit only: machines that run tests are busy."""
DEATH_SECONDS = 120.0
STOP_SECONDS = 30.0
SLOW_SECONDS = 1.2
_SECONDS_A_KILL = 20.0
_REQUEST_SECONDS = 30.0
_TESTS = Path(__file__).parents[1]


_TEXTS = (
    CrashPoint.INTENT_WRITTEN,
    CrashPoint.BEFORE_POST,
    POST_SENT,
    CrashPoint.POST_ANSWERED,
    CrashPoint.ID_STORED,
    CrashPoint.WAITING,
)
_FILES = (*_TEXTS, CrashPoint.OUTPUT_FETCHED, CrashPoint.CLIP_STORED, CrashPoint.ASSET_RECORDED)
POINTS: tuple[str, ...] = (
    *(at("clip", point) for point in _FILES),
    *(at("image", point) for point in _FILES),
    *(at("answer", point) for point in _TEXTS),
    *(at("film", point) for point in (CrashPoint.COMPOSING, CrashPoint.FILM_STORED)),
)
"""Every place at which something has become lasting, or is about to, for each kind of thing that is bought or made."""

REQUESTS = (
    *("/sessions/create", "/images", "/save-approved-images", "/generate-images", "/generate-clips"),
    *("/regenerate", "/save-approved-clips", "/compose-final-video"),
)
CUTS: tuple[str, ...] = tuple(f"{place} at {path}" for path in REQUESTS for place in PLACES)
"""Every place at which a request with a key can be cut off, for each kind of request."""


@dataclass(frozen=True)
class Plan:
    """Which points to die at, then how many kills at random moments; at which places requests are cut off by the death of the
    API; how many films at a time; which of the provider's troubles. `clock_steps`: the clock of workers and API jumps by two
    hours now and then."""

    points: tuple[str, ...] = POINTS
    cuts: tuple[str, ...] = CUTS
    clock_steps: bool = False
    random_kills: int = 20
    lanes: int = 6
    seed: int = 1
    lost_answers: int = 2
    failures: int = 1
    slow_answers: int = 2


@dataclass
class Report:
    """What was done to the workers."""

    kills: int = 0
    died_at: list[str] = field(default_factory=list[str])
    api_kills: int = 0
    cut_at: list[str] = field(default_factory=list[str])
    repeated: int = 0
    films: int = 0
    orders: int = 0
    seconds: float = 0.0


@dataclass
class Crew:
    """One process at a time: a worker, or whatever `program` is."""

    settings: Settings
    environment: dict[str, str]
    program: tuple[str, ...] = ("crash.worker",)
    worker: forked.Program | None = None
    hired: int = 0

    async def hire(self, point: str | None = None) -> None:
        """Returns once the process takes work, or is dead already."""
        self.hired += 1
        ready = self.settings.data_dir / f"ready-{self.program[0]}-{self.hired}"
        more = {"CRASH_READY": str(ready), **({"CRASH_AT": str(point)} if point else {})}
        self.worker = self._start(more)
        await _until(lambda: ready.exists() or self.is_dead, START_SECONDS, f"{self.program[0]} to be ready")

    def _start(self, more: dict[str, str]) -> forked.Program:
        """A fork starts sooner, but has imported what must see the clock that steps: such a worker is started anew."""
        environment = {**os.environ, **self.environment, **more}
        start = subprocess.Popen if "CRASH_CLOCK" in environment else forked.start
        with (self.settings.data_dir / "output").open("ab") as output:
            command = [sys.executable, "-m", *self.program]
            return start(command, cwd=Path.cwd(), env=environment, stdout=output, stderr=output)

    @property
    def idle_seconds(self) -> float:
        """How long a new worker waits before it takes over from a dead one."""
        return 0.0 if self.settings.database_url is None else TTL * 1.25

    @property
    def is_dead(self) -> bool:
        return self.worker is None or self.worker.poll() is not None

    async def stop(self) -> None:
        """Asks it to end, with what it is at cut off after a moment, as supervisors do."""
        if self.worker is not None:
            self.worker.terminate()
            await _first(lambda: self.is_dead, STOP_SECONDS)

    def kill(self) -> None:
        if self.worker is not None:
            self.worker.kill()
            self.worker.wait(30)


async def run(plan: Plan, folder: Path, database_url: str | None) -> Report:
    """Raises AssertionError for the first thing that is not as it must be."""
    began = time.monotonic()
    stand_in = StandIn("--seed", str(plan.seed))
    try:
        report = await _run(plan, folder, database_url, stand_in)
    finally:
        stand_in.stop()
    report.seconds = time.monotonic() - began
    return report


async def _run(plan: Plan, folder: Path, database_url: str | None, stand_in: StandIn) -> Report:
    stand_in.rules(processing=0.6, plans=False)
    if plan.lost_answers:
        stand_in.fault("drop_accepted", times=plan.lost_answers)
    if plan.failures:
        stand_in.fault("failed", times=plan.failures, model="bytedance/seedance-1-pro-fast")
    if plan.slow_answers:
        stand_in.fault("latency", times=plan.slow_answers, seconds=SLOW_SECONDS)
    environment = {
        "ADREEL_DATA_DIR": str(folder),
        "ADREEL_JOBS": "2",
        "ADREEL_REPLICATE_API_TOKEN": "token",
        "ADREEL_REPLICATE_BASE_URL": stand_in.api,
        "ADREEL_DOWNLOAD_HOSTS": stand_in.output_host,
        "PYTHONPATH": os.pathsep.join((str(_TESTS), os.environ.get("PYTHONPATH", ""))),
        **({"ADREEL_DATABASE_URL": database_url} if database_url else {}),
        **({"CRASH_CLOCK": str(folder / "clock")} if plan.clock_steps else {}),
    }
    given = {name.removeprefix("ADREEL_").lower(): value for name, value in environment.items() if "ADREEL" in name}
    settings = read_settings(**given)
    async with open_core(settings) as core:
        crew, port = Crew(settings, environment), free_port()
        api = Crew(settings, environment, ("crash.front", str(port)))
        address = f"http://127.0.0.1:{port}"
        try:
            async with httpx.AsyncClient(base_url=address, trust_env=False, timeout=_REQUEST_SECONDS) as http:
                return await _torment(plan, core, http, crew, api, stand_in)
        finally:
            crew.kill()
            api.kill()


async def _torment(plan: Plan, core: Core, http: httpx.AsyncClient, crew: Crew, api: Crew, stand_in: StandIn) -> Report:
    user = (await AuthService(core.database).local_user()).id
    patience = DEATH_SECONDS + _SECONDS_A_KILL * (len(plan.points) + len(plan.cuts) + plan.random_kills)
    door, report = Door(http, patience), Report()
    shop = Shop(plan.lanes, lambda model: Customer(core, door, user, model, patience))
    serving = asyncio.create_task(shop.open())
    cutting = asyncio.create_task(_cut_off(plan, api, shop.over, report))
    stepping = asyncio.create_task(_step_clock(plan, core.settings.data_dir / "clock"))
    try:
        await _kill_at_points(plan.points, crew, stand_in, shop.over, report)
        await _kill_at_random(plan, crew, shop.over, report)
        await crew.hire()
        await _first(lambda: cutting.done() or shop.over.is_set(), patience)
        shop.enough.set()
        await serving
        await cutting
    finally:
        for task in (serving, cutting, stepping):
            task.cancel()
        await asyncio.gather(serving, cutting, stepping, return_exceptions=True)
    report.repeated = door.repeated
    await _check(plan, core, shop.served, stand_in, report)
    return report


async def _cut_off(plan: Plan, api: Crew, over: asyncio.Event, report: Report) -> None:
    """An API process for each place, which dies there; then some that die or are stopped at random, and one that stays."""
    for place in plan.cuts:
        if over.is_set():
            return
        await api.hire(place)
        await _first(lambda: api.is_dead or over.is_set(), DEATH_SECONDS)
        if api.is_dead:
            report.cut_at.append(place)
        api.kill()
        report.api_kills += 1
    chance = random.Random(plan.seed + 1)
    for _ in range(plan.random_kills):
        if over.is_set():
            return
        await api.hire()
        await _first(over.is_set, chance.random() * 3.0)
        if chance.random() < 0.5:
            await api.stop()
        api.kill()
        report.api_kills += 1
    await api.hire()


async def _step_clock(plan: Plan, path: Path) -> None:
    """The clocks of all processes are set, by hours, now and then."""
    chance = random.Random(plan.seed + 2)
    while plan.clock_steps:
        clock.step(path, chance)
        await asyncio.sleep(1.0 + 4.0 * chance.random())


async def _kill_at_points(
    points: Sequence[str], crew: Crew, stand_in: StandIn, over: asyncio.Event, report: Report
) -> None:
    """A worker for each point, which dies there; the next goes on. One that never comes there is killed all the same."""
    for point in points:
        if over.is_set():
            return
        if point.endswith(POST_SENT):
            # The order is accepted after the one who sent it is dead.
            stand_in.fault("latency", times=2, seconds=SLOW_SECONDS)
        await crew.hire(point)
        await _first(lambda: crew.is_dead or over.is_set(), DEATH_SECONDS)
        if crew.is_dead:
            report.died_at.append(point)
        crew.kill()
        report.kills += 1


async def _kill_at_random(plan: Plan, crew: Crew, over: asyncio.Event, report: Report) -> None:
    chance = random.Random(plan.seed)
    for _ in range(plan.random_kills):
        if over.is_set():
            return
        await crew.hire()
        # More often soon than late: most of what happens to a job takes milliseconds. What a dead worker left on PostgreSQL
        # is taken up after its lease has run out.
        await _first(over.is_set, crew.idle_seconds + chance.random() ** 2 * 3.0)
        crew.kill()
        report.kills += 1


async def _check(plan: Plan, core: Core, customers: list[Customer], stand_in: StandIn, report: Report) -> None:
    bill = stand_in.billing()
    report.films, report.orders = len(customers), bill["count"]
    await check_bill(core, bill, customers, plan.failures)
    await check_sessions(core, customers)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _until(condition: Callable[[], bool], seconds: float, what: str) -> None:
    assert await _first(condition, seconds), f"waited in vain for {what}"


async def _first(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition held before the time was up."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        await asyncio.sleep(0.02)
    return True
