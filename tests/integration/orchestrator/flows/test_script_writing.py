"""A language model writes a session's script, bought through the ledger from the stand-in."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from adreel.billing.crash_points import CrashPoint
from adreel.domain.ad import Ad, Offer
from adreel.domain.errors import InputError, StageError
from adreel.domain.scripts.ad_request import AdRequest
from adreel.domain.sessions.jobs import EventType, event_type
from adreel.domain.sessions.session import SessionEvent
from adreel.domain.sessions.stage import Stage
from adreel.orchestrator.flows.script_writing import ScriptJob
from adreel.orchestrator.session_scripts import ScriptCommands
from adreel.testing.replicate.answers import CONFESS, TEMPT
from support.flows import Hall
from support.images import Darkroom, total
from support.replicate import StandIn
from support.sessions import check_books
from support.steps import Crash

REQUEST = AdRequest((), "Morgen Mug", ("Holds 350 ml", "Hand-glazed stoneware"), Offer(Decimal("24.90"), "EUR"))


async def written(hall: Hall, session_id: str, request: AdRequest = REQUEST) -> tuple[Ad, SessionEvent]:
    """The script of the session after a job that wrote it, and the job's last event."""
    started = await hall.orchestrator.write_script("ann", session_id, request)
    await hall.jobs.work(started.job_id)
    ad = await hall.sessions.script("ann", session_id)
    assert ad is not None
    return ad, (await hall.events(session_id))[-1]


def lines(ad: Ad) -> list[str]:
    return [each.text for beat in ad.beats for each in beat.words]


async def test_a_model_writes_and_the_session_stays_where_it_was(darkroom: Darkroom, stand_in: StandIn) -> None:
    darkroom.hire_writers()
    session = await darkroom.session(2, "5")
    ad, last = await written(darkroom, session.id)
    assert lines(ad) == ["Morgen Mug", "Holds 350 ml", "Hand-glazed stoneware", "€24.90"]
    assert ad.photos == session.approved_image_ids
    assert (ad.facts, ad.offer, ad.end.cta) == (REQUEST.facts, REQUEST.offer, "Shop now")
    after = await darkroom.sessions.record(session.id)
    assert (after.stage, after.job, after.error) == (session.stage, None, None)
    assert (last.message, last.data["writer"]) == ("The script is ready", darkroom.writers[0])
    assert event_type(last.data) is EventType.JOB_COMPLETED
    assert after.total_cost == total(stand_in) > 0
    # The same request again is the same script, and costs nothing.
    again, _ = await written(darkroom, session.id)
    assert again == ad
    assert (await darkroom.sessions.record(session.id)).total_cost == after.total_cost
    assert len(stand_in.billing()["entries"]) == 1
    await check_books(darkroom.database)


async def test_an_answer_that_invents_is_asked_again_and_then_rules_write(
    darkroom: Darkroom, stand_in: StandIn
) -> None:
    darkroom.hire_writers()
    session = await darkroom.session(1, "5")
    ad, last = await written(darkroom, session.id, replace(REQUEST, facts=(*REQUEST.facts, TEMPT)))
    assert not any("best" in line for line in lines(ad))
    assert "written by rules instead of" in last.message
    assert "'The best in the world, 97% of testers agree'" in last.data["warning"]
    assert last.data["writer"] == "rules"
    assert len(stand_in.billing()["entries"]) == 2
    better, event = await written(darkroom, session.id, replace(REQUEST, facts=(*REQUEST.facts, TEMPT, CONFESS)))
    assert event.data["writer"] == darkroom.writers[0]
    assert "Holds 350 ml" in lines(better)
    assert len(stand_in.billing()["entries"]) == 4
    await check_books(darkroom.database)


async def test_without_the_budget_rules_write_and_nothing_is_bought(darkroom: Darkroom, stand_in: StandIn) -> None:
    darkroom.hire_writers()
    session = await darkroom.session(1, "0")
    ad, last = await written(darkroom, session.id)
    assert "Morgen Mug" in lines(ad)
    assert "budget" in last.data["warning"]
    assert not stand_in.billing()["entries"]
    # With a budget the model is asked: a script by rules is not kept in its place.
    await darkroom.sessions.set_budget("ann", session.id, Decimal(5))
    _, last = await written(darkroom, session.id)
    assert last.data["writer"] == darkroom.writers[0]


@pytest.mark.parametrize("point", [CrashPoint.BEFORE_POST, CrashPoint.POST_ANSWERED, CrashPoint.WAITING])
async def test_a_worker_that_dies_between_order_and_answer_buys_once(
    darkroom: Darkroom, stand_in: StandIn, point: CrashPoint
) -> None:
    darkroom.hire_writers()
    session = await darkroom.session(1, "5")
    died: list[CrashPoint] = []

    def die(reached: CrashPoint) -> None:
        if reached is point and not died:
            died.append(point)
            raise Crash

    darkroom.checkpoint = die
    ad, last = await written(darkroom, session.id)
    assert died == [point]
    assert last.data["writer"] == darkroom.writers[0]
    assert "Holds 350 ml" in lines(ad)
    assert len(stand_in.billing()["entries"]) == 1
    await check_books(darkroom.database)


async def test_a_worker_without_a_language_model_says_that_rules_wrote(hall: Hall) -> None:
    session = await hall.session(1)
    ad, last = await written(hall, session.id)
    assert "Morgen Mug" in lines(ad)
    assert last.message == "the script is written by rules: no language model is set up"


async def test_what_cannot_be_written_starts_no_job(hall: Hall) -> None:
    session = await hall.session(1)
    with pytest.raises(InputError, match="the recipe 'quotes' needs"):
        await hall.orchestrator.write_script("ann", session.id, replace(REQUEST, recipe="quotes"))
    empty = await hall.sessions.create("ann")
    with pytest.raises(StageError, match="cannot write the script: the session is at created"):
        await hall.orchestrator.write_script("ann", empty.id, REQUEST)
    started = await hall.orchestrator.write_script("ann", session.id, REQUEST)
    with pytest.raises(StageError, match="still working"):
        await hall.orchestrator.generate_clips("ann", session.id, "calm")
    await hall.orchestrator.cancel("ann", session.id)
    record = await hall.sessions.record(session.id)
    assert (record.stage, record.job) == (Stage.IMAGE_SELECTION, None)
    assert await ScriptCommands(hall.sessions, hall.progress).get("ann", session.id) is None
    assert started.message == "Writing the script"


def test_a_job_comes_back_from_json_as_it_was() -> None:
    full = replace(REQUEST, photos=("a",), brand="Morgen", seconds=12.0, end=replace(REQUEST.end, cta=""))
    for request in (REQUEST, full):
        job = ScriptJob("job", "s", "ann", Stage.COMPLETE, request)
        assert ScriptJob.read(job.to_json()) == job
