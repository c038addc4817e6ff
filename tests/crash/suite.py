"""The suite: customers, workers that are killed over and over, and at the end the books."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from adreel.bootstrap.core import Core, open_core
from adreel.bootstrap.database import engine_database_url
from adreel.orchestrator.checkpoints import Point
from adreel.orchestrator.durable_client import DurableClient
from adreel.orchestrator.video_orchestrator import VideoGenerationOrchestrator
from adreel.settings import Settings, read_settings
from crash.checks import check_bill, check_session
from crash.customers import Customer, Shop
from crash.worker import POST_SENT, SIZES, TTL, at
from support_db import add_user
from support_replicate import StandIn

START_SECONDS = 60.0
DEATH_SECONDS = 120.0
SLOW_SECONDS = 1.2
_SECONDS_A_KILL = 20.0
_TESTS = Path(__file__).parents[1]


_TEXTS = (Point.INTENT_WRITTEN, Point.BEFORE_POST, POST_SENT, Point.POST_ANSWERED, Point.ID_STORED, Point.WAITING)
_FILES = (*_TEXTS, Point.OUTPUT_FETCHED, Point.CLIP_STORED, Point.ASSET_RECORDED)
POINTS: tuple[str, ...] = (
    *(at("clip", point) for point in _FILES),
    *(at("image", point) for point in _FILES),
    *(at("answer", point) for point in _TEXTS),
    *(at("film", point) for point in (Point.COMPOSING, Point.FILM_STORED)),
)
"""Every place at which something has become lasting, or is about to, for each kind of thing that is bought or made."""


@dataclass(frozen=True)
class Plan:
    """Which points to die at, then how many kills at random moments; how many films at a time; which of the provider's
    troubles."""

    points: tuple[str, ...] = POINTS
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
    films: int = 0
    orders: int = 0
    seconds: float = 0.0


@dataclass
class Crew:
    """One worker at a time."""

    settings: Settings
    environment: dict[str, str]
    worker: subprocess.Popen[bytes] | None = None
    hired: int = 0

    async def hire(self, point: str | None = None) -> None:
        """Returns once the worker takes work, or is dead already."""
        self.hired += 1
        ready = self.settings.data_dir / f"ready-{self.hired}"
        more = {"CRASH_READY": str(ready), **({"CRASH_AT": str(point)} if point else {})}
        self.worker = self._start(more)
        await _until(lambda: ready.exists() or self.is_dead, START_SECONDS, "a worker to be ready")

    def _start(self, more: dict[str, str]) -> subprocess.Popen[bytes]:
        environment = {**os.environ, **self.environment, **more}
        return subprocess.Popen([sys.executable, "-m", "crash.worker"], env=environment)

    @property
    def idle_seconds(self) -> float:
        """How long a new worker waits before it takes over from a dead one."""
        return 0.0 if self.settings.database_url is None else TTL * 1.25

    @property
    def is_dead(self) -> bool:
        return self.worker is None or self.worker.poll() is not None

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
    stand_in.rules(processing=0.6)
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
    }
    given = {name.removeprefix("ADREEL_").lower(): value for name, value in environment.items() if "ADREEL" in name}
    settings = read_settings(**given)
    async with open_core(settings) as core:
        client = DurableClient(engine_database_url(settings))
        await client.open()
        crew = Crew(settings, environment)
        try:
            return await _torment(plan, core, client, crew, stand_in)
        finally:
            crew.kill()
            await client.close()


async def _torment(plan: Plan, core: Core, client: DurableClient, crew: Crew, stand_in: StandIn) -> Report:
    orchestrator = VideoGenerationOrchestrator(
        core.sessions,
        core.ledger,
        core.progress,
        client,
        core.catalogue.videos,
        core.providers,
        SIZES,
        image_models=core.catalogue.images,
    )
    user = await add_user(core.database)
    patience = DEATH_SECONDS + _SECONDS_A_KILL * (len(plan.points) + plan.random_kills)
    shop = Shop(plan.lanes, lambda model: Customer(core, orchestrator, user, model, patience))
    serving = asyncio.create_task(shop.open())
    report = Report()
    try:
        await _kill_at_points(plan.points, crew, stand_in, shop.over, report)
        await _kill_at_random(plan, crew, shop.over, report)
        shop.enough.set()
        await crew.hire()
        await serving
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
    await _check(plan, core, shop.served, stand_in, report)
    return report


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
    for customer in customers:
        await check_session(core, customer)


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
