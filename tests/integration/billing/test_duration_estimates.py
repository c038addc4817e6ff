"""Estimates learn from whole jobs, by model and clip length."""

from __future__ import annotations

from datetime import timedelta

from adreel.billing.duration_estimates import CLIPS_SECONDS, FILM_SECONDS, IMAGES_SECONDS, Estimates
from adreel.db.tables import JobRow
from adreel.domain.sessions.jobs import JobSize
from adreel.domain.sessions.stage import Action
from support.sessions import Desk, image


async def job(desk: Desk, action: Action, size: JobSize, seconds: float) -> None:
    """A job that took so long and made all its parts."""
    session = await desk.session()
    await desk.sessions.begin("ann", session.id, Action.GENERATE_IMAGES, f"{session.id}-job", {}, size=size)
    made = [(await desk.sessions.add_made(session.id, image(str(part)))).id for part in range(size.parts)]
    desk.clock.now += timedelta(seconds=seconds)
    await desk.sessions.finish(f"{session.id}-job", made=made)
    async with desk.database.writing() as transaction:
        (await transaction.get_one(JobRow, f"{session.id}-job")).action = action.value


async def test_the_first_answers_are_the_specified_ones(desk: Desk) -> None:
    estimates = Estimates(desk.sessions, 2, 16)
    assert await estimates.clips(JobSize("wan", 3.0, 2), 40, drawn=False) == CLIPS_SECONDS == 180
    assert await estimates.images(JobSize("flux", 0, 4), 8) == IMAGES_SECONDS
    assert await estimates.films(JobSize("local", 8, 1)) == FILM_SECONDS == 35


async def test_a_run_of_72_seconds_promises_no_5_seconds(desk: Desk) -> None:
    estimates = Estimates(desk.sessions, 2, 16)
    await job(desk, Action.GENERATE_CLIPS, JobSize("wan", 3.0, 2), 72)
    estimated = await estimates.clips(JobSize("wan", 3.0, 2), 0, drawn=False)
    assert 72 <= estimated < 90
    # More than providers make at once takes another round.
    assert await estimates.clips(JobSize("wan", 3.0, 17), 0, drawn=False) >= 2 * 72
    assert await estimates.clips(JobSize("wan", 5.0, 2), 0, drawn=False) == CLIPS_SECONDS
    assert await estimates.clips(JobSize("other", 3.0, 2), 0, drawn=False) == CLIPS_SECONDS


async def test_no_estimate_is_below_the_models_typical_time(desk: Desk) -> None:
    estimates = Estimates(desk.sessions, 2, 16)
    await job(desk, Action.GENERATE_CLIPS, JobSize("wan", 3.0, 2), 5)
    assert await estimates.clips(JobSize("wan", 3.0, 2), 45, drawn=False) == 45
    assert await estimates.clips(JobSize("slow", 3.0, 20), 120, drawn=False) == 240


async def test_longer_films_take_longer_in_proportion(desk: Desk) -> None:
    estimates = Estimates(desk.sessions, 2, 16)
    await job(desk, Action.COMPOSE, JobSize("local", 10.0, 1), 20)
    short, long = await estimates.films(JobSize("local", 10, 1)), await estimates.films(JobSize("local", 30, 2))
    assert 20 <= short < 30
    assert 5 * short <= long <= 6 * short
