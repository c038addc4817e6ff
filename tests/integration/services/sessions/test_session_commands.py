from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import func, select

from adreel.db.tables import AssetRow, CostRow, EventRow, SessionRow
from adreel.domain.errors import BudgetError, ConflictError, InputError, NotFoundError, StageError
from adreel.domain.sessions.session import AssetKind
from adreel.domain.sessions.stage import Action, Stage
from adreel.services.events.bus import EventBus
from adreel.services.events.log import ProgressService
from adreel.services.sessions.records import CostEntry
from adreel.services.sessions.service import SessionService
from support.sessions import Desk, clip, image, purchase


async def test_a_new_session_is_empty_and_has_a_seed(desk: Desk) -> None:
    session = await desk.sessions.create("ann", "a mug", "steam rises", budget_cap=Decimal("2.50"))
    assert session.stage is Stage.CREATED
    assert (session.product_prompt, session.video_prompt) == ("a mug", "steam rises")
    assert 0 <= session.seed < 2**31
    assert session.budget_cap == Decimal("2.50")
    assert session.created_at.utcoffset() is not None
    view = await desk.sessions.get("ann", session.id)
    assert (view.session, view.assets) == (session, ())


async def test_a_seed_of_ones_own_is_kept_and_others_differ(desk: Desk) -> None:
    assert (await desk.sessions.create("ann", seed=7)).seed == 7
    assert len({(await desk.session()).seed for _ in range(4)}) == 4


async def test_a_budget_can_be_changed_but_not_below_what_is_reserved(desk: Desk) -> None:
    session = await desk.session(cap="2")
    await desk.ledger.reserve(purchase("call", session.id, "1.50"))
    with pytest.raises(ConflictError, match=r"\$1.00 is not possible.*\$1.50 set aside.*give \$1.50 or more"):
        await desk.sessions.set_budget("ann", session.id, Decimal(1))
    assert (await desk.sessions.set_budget("ann", session.id, Decimal("1.50"))).budget_cap == Decimal("1.50")
    with pytest.raises(BudgetError):
        await desk.ledger.reserve(purchase("more", session.id, "0.01"))
    assert (await desk.sessions.set_budget("ann", session.id, None)).budget_cap is None
    with pytest.raises(InputError, match="-1"):
        await desk.sessions.set_budget("ann", session.id, Decimal(-1))
    with pytest.raises(NotFoundError):
        await desk.sessions.set_budget("bob", session.id, Decimal(5))


async def test_a_session_without_a_budget_of_its_own_gets_the_usual_one(desk: Desk) -> None:
    sessions = SessionService(desk.database, default_cap=Decimal(20))
    assert (await sessions.create("ann")).budget_cap == 20
    assert (await sessions.create("ann", budget_cap=Decimal(5))).budget_cap == 5


async def test_a_session_of_nobody_is_refused(desk: Desk) -> None:
    with pytest.raises(NotFoundError, match="no user carl"):
        await desk.sessions.create("carl")


async def test_a_budget_below_nothing_is_refused(desk: Desk) -> None:
    with pytest.raises(InputError, match="-1"):
        await desk.session(cap="-1")


async def test_images_come_in_their_order_and_move_the_session_on(desk: Desk) -> None:
    session = await desk.session()
    added = await desk.sessions.add_images("ann", session.id, [image(str(index)) for index in range(12)])
    more = await desk.sessions.add_images("ann", session.id, [image("late")])
    view = await desk.sessions.get("ann", session.id)
    assert view.session.stage is Stage.IMAGE_SELECTION
    assert view.of_kind(AssetKind.IMAGE) == added + more
    assert [asset.image_details.file_name for asset in view.assets] == [*map(str, range(12)), "late"]


async def test_images_are_approved_in_the_order_given(desk: Desk) -> None:
    session, images = await desk.with_images(3)
    ids = [images[2].id, images[0].id]
    approved = await desk.sessions.approve_images("ann", session.id, ids)
    assert approved.approved_image_ids == tuple(ids)
    assert (await desk.sessions.record(session.id)).approved_image_ids == tuple(ids)


async def test_only_images_of_the_session_can_be_approved_once_each_and_at_least_one(desk: Desk) -> None:
    session, [first, _] = await desk.with_images()
    _, [foreign, _] = await desk.with_images()
    for ids, words in (([], "at least one"), ([first.id, first.id], "once only"), ([first.id, foreign.id], foreign.id)):
        with pytest.raises(InputError, match=words):
            await desk.sessions.approve_images("ann", session.id, ids)
    assert (await desk.sessions.record(session.id)).approved_image_ids == session.approved_image_ids


async def test_images_cannot_be_approved_before_there_are_any(desk: Desk) -> None:
    session = await desk.session()
    with pytest.raises(StageError, match="created; upload"):
        await desk.sessions.approve_images("ann", session.id, ["x"])


async def test_a_removed_image_is_gone_and_approved_no_more(desk: Desk) -> None:
    session, [first, second] = await desk.with_images()
    assert await desk.sessions.remove_image("ann", session.id, first.id) == first
    view = await desk.sessions.get("ann", session.id)
    assert view.assets == (second,)
    assert view.session.approved_image_ids == (second.id,)
    with pytest.raises(NotFoundError, match=first.id):
        await desk.sessions.remove_image("ann", session.id, first.id)


async def test_images_are_removed_while_selecting_only(desk: Desk) -> None:
    session, [first, *_] = await desk.with_clips()
    with pytest.raises(StageError, match="clip_selection"):
        await desk.sessions.remove_image("ann", session.id, first.id)


async def test_a_clip_cannot_be_removed_as_if_it_were_an_image(desk: Desk) -> None:
    session, [made, *_] = await desk.with_clips()
    await desk.sessions.add_images("ann", session.id, [image("new")])
    with pytest.raises(NotFoundError, match="no image"):
        await desk.sessions.remove_image("ann", session.id, made.id)


async def test_clips_are_approved_in_another_order(desk: Desk) -> None:
    session, [first, second] = await desk.with_clips()
    view = await desk.sessions.approve_clips("ann", session.id, [first.id, second.id], [second.id, first.id])
    assert view.session.stage is Stage.FINAL_COMPOSITION
    assert view.session.approved_clip_ids == (first.id, second.id)
    assert view.session.clip_order == (second.id, first.id)
    assert view == await desk.sessions.get("ann", session.id)


async def test_without_an_order_clips_keep_that_of_their_approval(desk: Desk) -> None:
    session, [first, second] = await desk.with_clips()
    view = await desk.sessions.approve_clips("ann", session.id, [second.id, first.id])
    assert view.session.clip_order == (second.id, first.id)


async def test_an_order_lists_the_approved_clips_and_nothing_else(desk: Desk) -> None:
    session, [first, second] = await desk.with_clips()
    for order in ([first.id], [first.id, first.id], [first.id, second.id, "x"]):
        with pytest.raises(InputError, match="every approved clip once"):
            await desk.sessions.approve_clips("ann", session.id, [first.id, second.id], order)
    image_id = session.approved_image_ids[0]
    with pytest.raises(InputError, match=f"no clip {image_id}"):
        await desk.sessions.approve_clips("ann", session.id, [image_id])
    assert (await desk.sessions.record(session.id)).stage is Stage.CLIP_SELECTION


async def test_strangers_find_nothing_and_change_nothing(desk: Desk) -> None:
    session, [first, second] = await desk.with_clips()
    service, ids = desk.sessions, [first.id]
    for attempt in (
        service.get("bob", session.id),
        service.costs("bob", session.id),
        service.delete("bob", session.id),
        service.add_images("bob", session.id, [image()]),
        service.remove_image("bob", session.id, first.id),
        service.approve_images("bob", session.id, ids),
        service.approve_clips("bob", session.id, ids, ids),
        service.begin("bob", session.id, Action.GENERATE_CLIPS, "job", {}),
        service.get("ann", "unknown"),
    ):
        with pytest.raises(NotFoundError, match="there is no session"):
            await attempt
    with pytest.raises(NotFoundError, match=second.id):
        await service.asset("bob", second.id)
    assert await service.asset("ann", second.id) == second
    assert (await service.get("ann", session.id)).session == session


async def test_a_deleted_session_takes_everything_with_it_but_the_ledger(desk: Desk) -> None:
    session, _ = await desk.with_clips()
    kept, _ = await desk.with_clips()
    await desk.sessions.add_cost(session.id, CostEntry("work", "video", "m", Decimal(0), 1.0))
    await ProgressService(desk.database, EventBus()).append(session.id, Stage.CREATED, 0, "begins")
    await desk.ledger.reserve(purchase("call", session.id, "0.10"))
    before = await desk.sessions.record(session.id)
    assert await desk.sessions.delete("ann", session.id) == before
    with pytest.raises(NotFoundError):
        await desk.sessions.get("ann", session.id)
    assert await _rows_of(desk, session.id) == [0, 0, 0]
    assert await _rows_of(desk, kept.id) == [4, 0, 0]
    assert [call.key for call in await desk.ledger.open_calls(session_id=session.id)] == ["call"]


async def test_a_session_at_work_is_not_deleted(desk: Desk) -> None:
    session, _ = await desk.with_images()
    await desk.sessions.begin("ann", session.id, Action.GENERATE_CLIPS, "job", {})
    with pytest.raises(StageError, match="cancel first"):
        await desk.sessions.delete("ann", session.id)
    await desk.sessions.cancelled("job")
    await desk.sessions.delete("ann", session.id)


async def test_after_deletion_work_that_comes_late_is_reported(desk: Desk) -> None:
    session = await desk.session()
    await desk.sessions.delete("ann", session.id)
    with pytest.raises(NotFoundError, match=session.id):
        await desk.sessions.add_made(session.id, clip("late"))


async def _rows_of(desk: Desk, session_id: str) -> list[int]:
    async with desk.database.reading() as transaction:
        owned = (AssetRow.session_id, CostRow.session_id, EventRow.session_id)
        queries = [select(func.count()).where(column == session_id) for column in owned]
        return [await transaction.scalar(query) or 0 for query in queries]


async def test_every_change_is_seen_in_its_time(desk: Desk) -> None:
    session, _ = await desk.with_clips()
    assert session.updated_at > session.created_at
    async with desk.database.reading() as transaction:
        assert await transaction.scalar(select(SessionRow.updated_at)) == session.updated_at
