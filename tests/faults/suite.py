"""One run after the other, many at a time: a customer who tries again as they are told to, and at the end the books."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import time
from collections import Counter
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import select

import support.pg
from adreel.db.engine import sqlite_url
from adreel.db.tables import PaidCallRow
from adreel.domain.costs.ledger import CallState
from adreel.domain.sessions.session import AssetKind, SessionView
from adreel.domain.sessions.stage import Stage
from adreel.providers.common.prompt_marker import marked_seed
from adreel.testing.replicate.world import World
from faults.mixes import Mix, mix
from faults.place import hooked, opened_place
from support.hosted import Shop
from support.sessions import check_books

TRIES = 6
"""How often a customer tries before they give up; no fault strikes so often."""

SECONDS = 2.0
_MUG = "A handmade stoneware coffee mug"
_SCENES = json.dumps(
    {
        "scenes": [
            {"image_view": view, "scene_prompt": "Light.", "camera_movement": "arc_left", "motion_intensity": 0.4}
            for view in ("front", "detail", "angle")
        ]
    }
)
_ADVICE = re.compile(r"\b(try again|check|change|choose|add some|look at|raise|allow|correct)\b")
"""What to do, in every message that a customer gets to see."""


@dataclass
class Report:
    runs: int = 0
    orders: int = 0
    tries: int = 0
    billed: Decimal = Decimal(0)
    faults: Counter[str] = field(default_factory=Counter[str])
    steps: int = 0
    messages: set[str] = field(default_factory=set[str])
    failures: list[str] = field(default_factory=list[str])
    seconds: float = 0.0


async def run(numbers: range, seed: int, folder: Path, at_once: int) -> Report:
    """All runs; what went wrong in some of them is in the report."""
    began, report, slots = time.monotonic(), Report(), asyncio.Semaphore(at_once)
    template = folder / "template.db"
    await asyncio.to_thread(support.pg.migrate, sqlite_url(template))

    async def one(number: int) -> None:
        async with slots:
            plan = mix(number, seed)
            try:
                async with asyncio.timeout(180):
                    await _run(plan, folder / str(number), template, folder / "shared", report)
            except Exception as error:  # noqa: BLE001 (told with its run, which can be repeated alone)
                report.failures.append(f"run {number} {plan}: {type(error).__name__}: {error}")
            shutil.rmtree(folder / str(number), ignore_errors=True)

    await asyncio.gather(*[one(number) for number in numbers])
    report.seconds = time.monotonic() - began
    return report


async def _run(plan: Mix, folder: Path, template: Path, shared: Path, report: Report) -> None:
    folder.mkdir()
    shutil.copyfile(template, folder / "adreel.db")
    async with opened_place(folder, sqlite_url(folder / "adreel.db"), shared, plan.number) as (shop, world):
        world.rules.texts = [_SCENES] * 3
        world.clock.change(skew=plan.skew)
        setting = asyncio.create_task(_set_clock(shop, plan, report))
        orders = plan.orders()
        for order in orders:
            world.faults.add(order)
        async with hooked(shop, world) if plan.webhooks else nullcontext():
            tries = await _customer(shop, plan, report)
        await _stopped(setting)
        await _swept(shop, world)
        await _check(shop, world)
        report.runs += 1
        report.tries += tries
        report.orders += len(world.predictions)
        report.billed += _total(world)
        waiting = {id(order) for order in world.faults.waiting}
        report.faults.update(name for name, order in zip(plan.faults, orders, strict=True) if id(order) not in waiting)


async def _set_clock(shop: Shop, plan: Mix, report: Report) -> None:
    """Ours, ahead or back, in the middle of it all."""
    for pause, seconds in plan.steps:
        await asyncio.sleep(pause)
        shop.clock.step(seconds)
        report.steps += 1


async def _stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _swept(shop: Shop, world: World) -> None:
    """What nobody waits for is settled; what was kept because it could still be collected, once the provider has removed it."""
    later = shop.clock() + timedelta(hours=1)
    await shop.flows.ledger_sweep.sweep_ledger(later)
    for prediction in world.predictions.values():
        prediction.marks.append("expired")
    await shop.flows.ledger_sweep.sweep_ledger(later)


async def _customer(shop: Shop, plan: Mix, report: Report) -> int:
    """From photos, or words, to clips. How often it took to be asked for."""
    if not plan.words:
        session = await shop.session(plan.clips)
        return await _until_made(shop, session.id, plan, report)
    session = await shop.sessions.create("ann", seed=7)
    tries = 0
    while True:
        tries += 1
        view = await shop.make_images(session.id, plan.clips, prompt=_MUG)
        await _note(shop, view, report)
        images = view.of_kind(AssetKind.IMAGE)
        if len(images) == plan.clips:
            break
        if tries == TRIES:
            said = {str(view.session.error)}
            assert _cannot_be_known(plan, said), f"no pictures after {tries} tries: {said}"
            return tries
    await shop.sessions.approve_images("ann", session.id, [image.id for image in images])
    return tries + await _until_made(shop, session.id, plan, report)


async def _until_made(shop: Shop, session_id: str, plan: Mix, report: Report) -> int:
    tries = 0
    while True:
        tries += 1
        before = len(await shop.events(session_id))
        started = await shop.orchestrator.generate_clips("ann", session_id, "calm", SECONDS, plan.model)
        await shop.jobs.work(started.job_id)
        view = await shop.sessions.view(session_id)
        await _note(shop, view, report)
        if len(view.of_kind(AssetKind.CLIP)) == plan.clips:
            return tries
        if tries == TRIES:
            said = {str(event.data.get("error")) for event in (await shop.events(session_id))[before:]}
            assert _cannot_be_known(plan, said), f"no clips after {tries} tries: {said}"
            return tries
        if view.session.stage is not Stage.FAILED:
            images = [image.id for image in view.of_kind(AssetKind.IMAGE)]
            await shop.sessions.approve_images("ann", session_id, images)


def _cannot_be_known(plan: Mix, said: set[str]) -> bool:
    """Whether an answer was lost and the order's inputs were removed before the search for it; they last seconds here. The
    session itself has no error while others of its clips were made.

    It is then right not to place it again (decision 0044); the books still have to agree.
    """
    return "expired" in plan.faults and any("may have been placed" in each for each in said)


async def _note(shop: Shop, view: SessionView, report: Report) -> None:
    """Everything that the customer was told of failures says what to do."""
    told = [event.data.get("error") for event in await shop.events(view.session.id)]
    for message in {view.session.error, *told} - {None}:
        assert _ADVICE.search(str(message)), f"this says not what to do: {message}"
        report.messages.add(re.sub(r"\b[a-z0-9]{20,}\b", "…", str(message)))


async def _check(shop: Shop, world: World) -> None:
    async with shop.database.reading() as transaction:
        calls = list(await transaction.scalars(select(PaidCallRow)))
    settled = {CallState.PAID.value, CallState.LOST.value, CallState.RELEASED.value}
    left = [(call.key, call.state, call.provider_id, call.error) for call in calls if call.state not in settled]
    assert not left, f"not settled: {left}"
    noted = {call.provider_id: call.amount for call in calls if call.amount and call.provider_id}
    bill = {entry["id"]: Decimal(entry["charged"]) for entry in map(world.bill, world.predictions.values())}
    charged = {job: amount for job, amount in bill.items() if amount}
    # An order that may be among those whose inputs are gone counts as bought, without its id.
    unknown = sum((call.amount for call in calls if not call.provider_id), Decimal(0))
    rest = sum((amount for job, amount in charged.items() if job not in noted), Decimal(0))
    same = {job: amount for job, amount in charged.items() if job in noted}
    assert (noted, unknown) == (same, rest), f"the ledger says {noted} and {unknown}, the provider {charged}"
    marks = Counter(_mark(prediction.input) for prediction in world.predictions.values())
    assert marks.total() == len(marks), f"bought twice: {marks}"
    await check_books(shop.database)


def _mark(given: dict[str, object]) -> int | None:
    """What tells one purchase from another."""
    found = marked_seed(str(given.get("prompt", "")))
    seed = given.get("seed")
    return found if found is not None or not isinstance(seed, int) else seed


def _total(world: World) -> Decimal:
    return sum((Decimal(world.bill(each)["charged"]) for each in world.predictions.values()), Decimal(0))
