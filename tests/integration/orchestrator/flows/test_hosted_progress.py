"""What a session says while providers work, against the stand-in, whose time runs ten times as fast."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import pairwise

import pytest

from adreel.billing.crash_points import CrashPoint
from adreel.domain.sessions.session import SessionEvent
from adreel.domain.sessions.stage import Action, Stage
from adreel.domain.work.percentages import CLIPS, IMAGES
from adreel.orchestrator.flows.board import CLIP, AllParts
from adreel.orchestrator.flows.heartbeat import Pace
from adreel.orchestrator.flows.phase_progress import PhaseProgress
from adreel.orchestrator.flows.progress import Reporter
from support.flows import HOSTED, SECONDS, Hall
from support.hosted import PATIENCE, Shop, hooked
from support.images import Darkroom
from support.replicate import StandIn
from support.steps import Crash

SPEED = 10
STARTING, PROCESSING = 8.0, 12.0
LONGEST_SILENCE = 5.0
PACE = Pace(apart=1 / SPEED, quiet=3 / SPEED)
PATIENT = replace(PATIENCE, poll_first=0.25 / SPEED, poll_most=10 / SPEED)
"""The usual polls, at the stand-in's speed."""


def slow(stand_in: StandIn, log_steps: int = 25) -> None:
    stand_in.rules(starting=STARTING, processing=PROCESSING, log_steps=log_steps)
    stand_in.advance(0, speed=SPEED)


def opened(shop: Shop, name: str) -> None:
    shop.patience, shop.pace = PATIENT, PACE
    shop.worker(name)


def most_polls(seconds: float) -> int:
    """The polls of one job of so many of the stand-in's seconds: the first one soon, each pause an eighth longer."""
    count, at, pause = 0, 0.0, PATIENT.poll_first
    while at < seconds / SPEED:
        count, at, pause = count + 1, at + pause, min(pause * 1.125, PATIENT.poll_most)
    return count


class Lag:
    """The longest time for which the event loop was held up: other work of the machine, which events wait for."""

    seconds = 0.0

    async def measure(self) -> None:
        while True:
            began = time.monotonic()
            await asyncio.sleep(0.01)
            self.seconds = max(self.seconds, time.monotonic() - began - 0.01)


@asynccontextmanager
async def measured() -> AsyncGenerator[Lag]:
    lag = Lag()
    task = asyncio.create_task(lag.measure())
    try:
        yield lag
    finally:
        task.cancel()


async def made(shop: Shop) -> tuple[SessionEvent, ...]:
    session = await shop.session(2)
    view = await shop.make_clips(session.id, HOSTED)
    assert view.session.stage is Stage.CLIP_SELECTION
    return await shop.events(session.id)


def until_first_clip(events: tuple[SessionEvent, ...]) -> list[SessionEvent]:
    """From planning to the first finished clip."""
    first = next(place for place, event in enumerate(events) if "clip" in event.data)
    planning = next(place for place, event in enumerate(events) if event.message.startswith("Planning"))
    return list(events[planning : first + 1])


def rises(events: tuple[SessionEvent, ...]) -> bool:
    return [event.progress for event in events] == sorted(event.progress for event in events)


@pytest.mark.parametrize(("log_steps", "said"), [(25, " %"), (0, "usually about 45 s")])
async def test_a_session_is_never_silent_while_clips_are_bought(
    shop: Shop, stand_in: StandIn, log_steps: int, said: str
) -> None:
    slow(stand_in, log_steps)
    opened(shop, "timed")
    async with hooked(shop, stand_in.webhook_secret), measured() as lag:
        events = await made(shop)
    shown = until_first_clip(events)
    gaps = [(after.timestamp - before.timestamp).total_seconds() for before, after in pairwise(shown)]
    # An event waits for the loop, for threads and for the database.
    assert max(gaps) <= LONGEST_SILENCE / SPEED + 4 * lag.seconds
    beats = [event for event in shown if "clip_fractions" in event.data]
    assert len(beats) <= sum(gaps) / PACE.apart
    messages = [event.message for event in shown]
    assert any("aiting for a machine at Replicate: clip" in each for each in messages)
    assert any("Replicate is making clip" in each and said in each for each in messages)
    assert rises(events)
    assert CLIPS.percent(0) < shown[-2].progress < CLIPS.percent(1)


async def test_no_provider_is_asked_for_the_progress(shop: Shop, stand_in: StandIn) -> None:
    slow(stand_in)
    opened(shop, "timed")
    began = time.monotonic()
    await made(shop)
    # A slow machine takes longer, so more polls are due.
    seconds = max(STARTING + PROCESSING, (time.monotonic() - began) * SPEED)
    assert len(stand_in.requests("get")) <= 2 * most_polls(seconds)
    assert stand_in.billing()["count"] == 2


async def test_another_worker_goes_on_where_the_first_one_stopped(shop: Shop, stand_in: StandIn) -> None:
    slow(stand_in)
    opened(shop, "first")
    polls = 0

    def dies(point: CrashPoint) -> None:
        nonlocal polls
        polls += point is CrashPoint.WAITING
        if polls == 20:
            polls += 1
            shop.worker("second")
            raise Crash

    shop.checkpoint = dies
    events = await made(shop)
    assert shop.jobs.crashes == 1
    assert rises(events)
    assert stand_in.billing()["count"] == 2
    assert any("Replicate is making clip" in event.message for event in until_first_clip(events))


async def test_images_and_the_language_model_before_them_are_shown_too(darkroom: Darkroom, stand_in: StandIn) -> None:
    stand_in.rules(starting=0.1, processing=0.5)
    darkroom.pace = Pace(apart=0.02, quiet=0.1)
    darkroom.hire_writers()
    session = (await darkroom.sessions.create("ann", seed=7)).id
    await darkroom.make_images(session, count=2)
    events = await darkroom.events(session)
    messages = [event.message for event in events]
    assert any(each.startswith("Writing the prompts of the images (") for each in messages)
    assert any(each.startswith("Replicate is making images 1 and 2: ") for each in messages)
    shown = [event.progress for event in events if "image_fractions" in event.data]
    assert IMAGES.percent(0) <= shown[0] < shown[-1] < IMAGES.percent(1)
    assert rises(events)


async def test_a_job_that_was_cancelled_is_not_shown_any_more(shop: Shop, stand_in: StandIn) -> None:
    stand_in.rules(starting=3600)
    opened(shop, "timed")
    session = await shop.session(1)
    started = await shop.orchestrator.generate_clips("ann", session.id, "calm", SECONDS, HOSTED)
    work = asyncio.create_task(shop.jobs.work(started.job_id))
    async for event in shop.progress.listen(session.id):
        if event.message.startswith("Waiting for a machine"):
            break
    await shop.sessions.cancelled(started.job_id)
    seen = await shop.events(session.id)
    await asyncio.sleep(3 * PACE.quiet)
    assert await shop.events(session.id) == seen
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


async def test_a_job_whose_clips_are_all_queued_says_that_it_waits(hall: Hall) -> None:
    session = await hall.session(1)
    await hall.sessions.begin("ann", session.id, Action.GENERATE_CLIPS, "job", {})
    reporter = Reporter(hall.progress, hall.sessions)
    waiting = PhaseProgress(reporter, Pace(apart=0.01, quiet=0.02)).queued(CLIP, AllParts("job", session.id, 1, 0))
    async with waiting:
        async for event in hall.progress.listen(session.id):
            if event.seq == 2:
                break
    assert {event.message for event in await hall.events(session.id)} == {"Waiting for a free place (0 s so far)"}


async def test_a_job_that_others_report_on_does_not_say_that_it_waits(hall: Hall) -> None:
    session = await hall.session(1)
    await hall.sessions.begin("ann", session.id, Action.GENERATE_CLIPS, "job", {})
    here, elsewhere = (Reporter(hall.progress, hall.sessions) for _ in range(2))
    job, heard = AllParts("job", session.id, 1, 0), 0
    for number in range(3):
        await elsewhere.parts(CLIP, job, {0: number / 10}, "Replicate is making clip 1")
        heard = await here.silent(CLIP, job, heard, "Waiting for a free place")
    assert [event.message for event in await hall.events(session.id)] == ["Replicate is making clip 1"] * 3
    await here.silent(CLIP, job, heard, "Waiting for a free place")
    last = (await hall.events(session.id))[-1]
    assert (last.message, last.progress) == ("Waiting for a free place", CLIPS.percent(0.2))
