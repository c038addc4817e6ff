from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from adreel.db.tables import DeletionRow, IdempotencyRow, PaidCallRow
from adreel.domain.costs.ledger import CallState
from adreel.domain.errors import BusyError, NotFoundError, StageError
from adreel.domain.sessions.stage import Action, Stage
from adreel.services.accounts.idempotency import Claim, IdempotencyService, KeptAnswer
from adreel.services.deletion.service import CLAIM, GAPS, DeletionService
from adreel.services.events.bus import EventBus
from adreel.services.events.log import ProgressService
from adreel.services.sessions.records import Settlement
from support.sessions import Desk, image, purchase


@pytest.fixture
def deletions(desk: Desk) -> DeletionService:
    return DeletionService(desk.database, desk.clock)


async def count(desk: Desk) -> int:
    async with desk.database.reading() as transaction:
        return await transaction.scalar(select(func.count()).select_from(DeletionRow)) or 0


async def test_a_deletion_is_written_down_with_the_session_or_not_at_all(
    desk: Desk, deletions: DeletionService
) -> None:
    session, _ = await desk.with_images()
    await desk.sessions.begin("ann", session.id, Action.GENERATE_CLIPS, "job", {})
    with pytest.raises(StageError):
        await desk.sessions.delete("ann", session.id)
    assert await count(desk) == 0
    await desk.sessions.cancelled("job")
    await ProgressService(desk.database, EventBus()).append(session.id, Stage.CREATED, 0, "begins", {"job": "job"})
    await desk.sessions.delete("ann", session.id)
    [deletion] = await deletions.claim()
    assert (deletion.session_id, deletion.keys) == (session.id, (f"sessions/{session.id}/",))
    assert deletion.workflows == ("job",)
    assert await deletions.pending() == 1


async def test_a_deletion_is_one_process_s_until_its_claim_runs_out(desk: Desk, deletions: DeletionService) -> None:
    for _ in range(3):
        await desk.sessions.delete("ann", (await desk.session()).id)
    first, second = await deletions.claim(limit=2), await deletions.claim(limit=2)
    assert len({deletion.id for deletion in (*first, *second)}) == 3
    assert await deletions.claim() == ()
    desk.clock.now += CLAIM
    assert len(await deletions.claim()) == 3


async def test_every_store_is_gone_through_again_until_nothing_can_come_late(
    desk: Desk, deletions: DeletionService
) -> None:
    session = await desk.session()
    await desk.sessions.delete("ann", session.id)
    for number, gap in enumerate(GAPS):
        [deletion] = await deletions.claim()
        assert deletion.passes == number
        await deletions.passed(deletion, {f"workflow {number}"})
        assert await deletions.claim() == ()
        assert await deletions.pending() == 0
        desk.clock.now += gap
    [last] = await deletions.claim()
    assert last.workflows == tuple(f"workflow {number}" for number in range(len(GAPS)))
    await deletions.passed(last, ())
    assert await count(desk) == 0


async def test_what_fails_is_tried_again_after_growing_pauses(desk: Desk, deletions: DeletionService) -> None:
    await desk.sessions.delete("ann", (await desk.session()).id)
    pauses: list[timedelta] = []
    for _ in range(12):
        [deletion] = await deletions.claim()
        await deletions.failed(deletion, ())
        before = desk.clock.now
        while not await deletions.claim():
            long = desk.clock.now - before > timedelta(minutes=5)
            desk.clock.now += timedelta(seconds=60 if long else 4)
        pauses.append(desk.clock.now - before)
        desk.clock.now += CLAIM
    assert pauses == sorted(pauses)
    assert pauses[0] < timedelta(seconds=20)
    assert timedelta(minutes=50) < pauses[-1] < timedelta(minutes=70)


async def test_a_session_of_a_deleted_one_s_id_waits_for_the_first_pass_and_keeps_its_files(
    desk: Desk, deletions: DeletionService
) -> None:
    """Sessions of the command line have ids that follow from what is bought."""
    await desk.sessions.resume("ann", "film-1", "a mug", 7, None)
    await desk.sessions.delete("ann", "film-1")
    with pytest.raises(BusyError, match="still being deleted"):
        await desk.sessions.resume("ann", "film-1", "a mug", 7, None)
    [deletion] = await deletions.claim()
    await deletions.passed(deletion, ())
    desk.clock.now += GAPS[0]
    [again] = await deletions.claim()
    with pytest.raises(BusyError):
        await desk.sessions.resume("ann", "film-1", "a mug", 7, None)
    await deletions.passed(again, ())
    await desk.sessions.resume("ann", "film-1", "a mug", 7, None)
    assert await count(desk) == 0


async def test_kept_answers_of_the_session_are_forgotten_and_others_stay(desk: Desk) -> None:
    session, [first, second] = await desk.with_images()
    other = await desk.session()
    answers = IdempotencyService(desk.database, desk.clock)
    bodies = {
        "created": {"session_id": session.id},
        "uploaded": {"images": [{"id": first.id}, {"id": second.id}]},
        "other": {"session_id": other.id},
    }
    for key, body in bodies.items():
        claim = await answers.claim("ann", "/api", key, "digest")
        assert isinstance(claim, Claim)
        await answers.keep(claim, KeptAnswer(200, body))
    await desk.sessions.delete("ann", session.id)
    async with desk.database.reading() as transaction:
        left = (await transaction.scalars(select(IdempotencyRow.body))).all()
    assert list(left) == [{"session_id": other.id}]


async def test_the_ledger_keeps_the_money_and_no_words(desk: Desk) -> None:
    session = await desk.session()
    lost = "NSFW content detected in: my secret prompt"
    await desk.ledger.reserve(purchase("early", session.id, "0.10"))
    await desk.ledger.settle(Settlement("early", CallState.LOST, Decimal("0.10"), lost))
    await desk.ledger.reserve(purchase("late", session.id, "0.20"))
    await desk.sessions.delete("ann", session.id)
    await desk.sessions.add_cost(session.id, Settlement("late", CallState.LOST, Decimal("0.20"), lost))
    async with desk.database.reading() as transaction:
        rows = (await transaction.scalars(select(PaidCallRow).order_by(PaidCallRow.key))).all()
    assert [(row.key, row.amount, row.error) for row in rows] == [
        ("early", Decimal("0.10"), None),
        ("late", Decimal("0.20"), None),
    ]
    budget = await desk.ledger.budget("ann")
    assert (budget.spent, budget.reserved) == (Decimal("0.30"), Decimal(0))


async def test_sessions_that_do_not_change_are_deleted_after_their_time(desk: Desk, deletions: DeletionService) -> None:
    old, _ = await desk.with_images()
    working, _ = await desk.with_images()
    await desk.sessions.begin("ann", working.id, Action.GENERATE_CLIPS, "job", {})
    desk.clock.now += timedelta(days=30)
    young = await desk.session()
    assert await deletions.delete_untouched(timedelta(days=31)) == 0
    assert await deletions.delete_untouched(timedelta(days=30)) == 1
    with pytest.raises(NotFoundError):
        await desk.sessions.record(old.id)
    assert await deletions.existing({old.id, working.id, young.id, "unknown"}) == {working.id, young.id}


async def test_a_removed_image_is_written_down_and_a_new_one_of_its_key_is_spared(
    desk: Desk, deletions: DeletionService
) -> None:
    session = await desk.session()
    keys = [f"sessions/{session.id}/images/{name}.png" for name in ("one", "two")]
    new = [image(name) for name in ("one", "two")]
    made = [type(asset)(asset.kind, key, "0" * 64, "image/png", 10) for asset, key in zip(new, keys, strict=True)]
    first, _ = await desk.sessions.add_images("ann", session.id, made)
    await desk.sessions.remove_image("ann", session.id, first.id)
    [deletion] = await deletions.claim()
    small = f"sessions/{session.id}/thumbnails/{first.id}.webp"
    assert (deletion.session_id, deletion.keys) == (None, (keys[0], small))
    assert await deletions.unused([*deletion.keys, keys[1]]) == (keys[0], small)
    await desk.sessions.add_images("ann", session.id, made[:1])
    assert await deletions.unused(deletion.keys) == (small,)
