from __future__ import annotations

from decimal import Decimal

import pytest

from adreel.domain.costs.ledger import Budget, CallState, FailureKind, marker_seed
from adreel.domain.errors import BudgetError, ConflictError, InputError, NotFoundError
from adreel.domain.sessions.stage import Action
from adreel.services.sessions.records import Settlement
from support.sessions import Desk, check_books, purchase


async def test_a_reserved_call_is_an_intent_with_its_seed(desk: Desk) -> None:
    session = await desk.session()
    call = await desk.ledger.reserve(purchase("call", session.id, "0.30"))
    assert call == await desk.ledger.get("call")
    assert (call.state, call.seed, call.estimate) == (CallState.INTENT, marker_seed("call"), Decimal("0.30"))
    assert (call.amount, call.provider_id, call.posted_at, call.settled_at) == (0, None, None, None)
    assert (await desk.sessions.record(session.id)).reserved == Decimal("0.30")
    assert await desk.ledger.budget("ann") == Budget(None, Decimal(0), Decimal("0.30"))
    assert await desk.ledger.get("unknown") is None


async def test_reserving_again_gives_the_call_as_it_is(desk: Desk) -> None:
    session = await desk.session(cap="0.30")
    await desk.ledger.reserve(purchase("call", session.id, "0.30"))
    await desk.ledger.submitted("call", "id at the provider")
    again = await desk.ledger.reserve(purchase("call", session.id, "0.99"))
    assert (again.state, again.provider_id, again.estimate) == (
        CallState.SUBMITTED,
        "id at the provider",
        Decimal("0.30"),
    )
    await check_books(desk.database)


async def test_a_sessions_cap_is_held_and_nothing_is_written(desk: Desk) -> None:
    session = await desk.session(cap="1")
    await desk.ledger.reserve(purchase("first", session.id, "0.60"))
    with pytest.raises(BudgetError) as caught:
        await desk.ledger.reserve(purchase("second", session.id, "0.400001"))
    error = caught.value
    assert (error.whose, error.needed, error.left, error.cap) == (
        "session",
        Decimal("0.400001"),
        Decimal("0.40"),
        Decimal("1.00"),
    )
    assert "would cost $0.41" in str(error)
    assert "$0.40 of the film's budget of $1.00" in str(error)
    assert await desk.ledger.get("second") is None
    await desk.ledger.reserve(purchase("third", session.id, "0.40"))
    await check_books(desk.database)


async def test_an_accounts_cap_is_held_over_all_its_sessions(desk: Desk) -> None:
    await desk.ledger.set_budget("ann", Decimal(1))
    first, second = await desk.session(), await desk.session(cap="5")
    await desk.ledger.reserve(purchase("first", first.id, "0.70"))
    with pytest.raises(BudgetError, match="account"):
        await desk.ledger.reserve(purchase("second", second.id, "0.31"))
    assert (await desk.sessions.record(second.id)).reserved == 0
    foreign = await desk.session("bob")
    await desk.ledger.reserve(purchase("third", foreign.id, "100", "bob"))
    await check_books(desk.database)


async def test_what_was_spent_counts_and_what_was_released_does_not(desk: Desk) -> None:
    session = await desk.session(cap="1")
    await desk.ledger.reserve(purchase("spent", session.id, "0.60"))
    await desk.ledger.settle(Settlement("spent", CallState.LOST, Decimal("0.50"), "timed out"))
    await desk.ledger.reserve(purchase("released", session.id, "0.50"))
    with pytest.raises(BudgetError):
        await desk.ledger.reserve(purchase("third", session.id, "0.50"))
    await desk.ledger.settle(Settlement("released", CallState.RELEASED))
    await desk.ledger.reserve(purchase("third", session.id, "0.50"))
    await check_books(desk.database)


async def test_a_lost_call_is_a_line_of_its_session(desk: Desk) -> None:
    session = await desk.session()
    await desk.ledger.reserve(purchase("call", session.id, "0.60"))
    await desk.ledger.settle(Settlement("call", CallState.LOST, Decimal("0.50"), "timed out"))
    total, [line] = await desk.sessions.costs("ann", session.id)
    assert (total, line.amount, line.agent, line.success, line.error) == (
        Decimal("0.50"),
        Decimal("0.50"),
        "video_generator",
        False,
        "timed out",
    )


@pytest.mark.parametrize("failure", [FailureKind.INPUT_REFUSED, None])
async def test_why_a_call_failed_is_kept_beside_the_message_for_people(desk: Desk, failure: FailureKind | None) -> None:
    session = await desk.session()
    await desk.ledger.reserve(purchase("call", session.id, "0.60"))
    await desk.ledger.settle(Settlement("call", CallState.LOST, Decimal("0.50"), "no clip", failure=failure))
    settled = await desk.ledger.get("call")
    assert settled is not None
    assert (settled.error, settled.failure) == ("no clip", failure)


async def test_a_call_is_settled_once(desk: Desk) -> None:
    session = await desk.session()
    await desk.ledger.reserve(purchase("call", session.id, "0.60"))
    await desk.ledger.settle(Settlement("call", CallState.RELEASED, error="never sent"))
    settled = await desk.ledger.get("call")
    await desk.ledger.settle(Settlement("call", CallState.LOST, Decimal("0.50")))
    await desk.ledger.submitted("call", "late")
    assert await desk.ledger.get("call") == settled
    await check_books(desk.database)


async def test_a_call_goes_from_intent_to_posted_to_submitted(desk: Desk) -> None:
    session = await desk.session()
    await desk.ledger.reserve(purchase("call", session.id, "0.60"))
    await desk.ledger.posting("call")
    posted = await desk.ledger.get("call")
    assert posted is not None
    assert posted.state is CallState.INTENT
    assert posted.posted_at is not None
    assert posted.posted_at > posted.created_at
    for _ in range(2):
        await desk.ledger.submitted("call", "p1")
    submitted = await desk.ledger.get("call")
    assert submitted is not None
    assert (submitted.state, submitted.provider_id, submitted.posted_at) == (
        CallState.SUBMITTED,
        "p1",
        posted.posted_at,
    )
    with pytest.raises(ConflictError, match="p1"):
        await desk.ledger.submitted("call", "p2")


async def test_nothing_is_posted_for_a_job_that_is_not_the_sessions_any_more(desk: Desk) -> None:
    session, _ = await desk.with_images()
    await desk.ledger.reserve(purchase("call", session.id, "0.60"))
    assert await desk.ledger.posting("call", "job") is None
    await desk.sessions.begin("ann", session.id, Action.GENERATE_CLIPS, "job", {})
    assert await desk.ledger.posting("call", "another") is None
    noted = await desk.ledger.get("call")
    assert noted is not None
    assert noted.posted_at is None
    posted = await desk.ledger.posting("call", "job")
    assert posted is not None
    assert posted == await desk.ledger.get("call")
    assert posted.posted_at is not None
    await desk.ledger.submitted("call", "p1")
    with pytest.raises(ConflictError, match="must not be sent again"):
        await desk.ledger.posting("call", "job")


async def test_a_call_that_was_accepted_or_settled_must_not_be_sent_again(desk: Desk) -> None:
    session = await desk.session()
    for key in ("accepted", "settled"):
        await desk.ledger.reserve(purchase(key, session.id, "0.10"))
    await desk.ledger.submitted("accepted", "p1")
    await desk.ledger.settle(Settlement("settled", CallState.RELEASED))
    for key in ("accepted", "settled"):
        with pytest.raises(ConflictError, match="must not be sent again"):
            await desk.ledger.posting(key)


async def test_open_calls_are_listed_oldest_first(desk: Desk) -> None:
    first, second = await desk.session(), await desk.session()
    for key, session in (("z", first), ("y", second), ("x", first), ("done", first)):
        await desk.ledger.reserve(purchase(key, session.id, "0.10"))
    await desk.ledger.submitted("y", "p")
    await desk.ledger.settle(Settlement("done", CallState.PAID, Decimal("0.10")))
    assert [call.key for call in await desk.ledger.open_calls()] == ["z", "y", "x"]
    assert [call.key for call in await desk.ledger.open_calls(session_id=first.id)] == ["z", "x"]


async def test_what_is_unknown_is_said_to_be(desk: Desk) -> None:
    session = await desk.session()
    ledger = desk.ledger
    for attempt, named in (
        (ledger.posting("call"), "call"),
        (ledger.submitted("call", "p"), "call"),
        (ledger.settle(Settlement("call", CallState.RELEASED)), "call"),
        (ledger.reserve(purchase("call", "nowhere", "1")), "nowhere"),
        (ledger.reserve(purchase("call", session.id, "1", "bob")), session.id),
        (ledger.budget("carl"), "carl"),
        (ledger.set_budget("carl", None), "carl"),
    ):
        with pytest.raises(NotFoundError, match=named):
            await attempt


async def test_a_key_belongs_to_its_session(desk: Desk) -> None:
    first, second = await desk.session(), await desk.session()
    await desk.ledger.reserve(purchase("call", first.id, "1"))
    with pytest.raises(ConflictError, match="another session"):
        await desk.ledger.reserve(purchase("call", second.id, "1"))


async def test_a_budget_is_set_and_removed(desk: Desk) -> None:
    await desk.ledger.set_budget("ann", Decimal("12.50"))
    assert (await desk.ledger.budget("ann")).left == Decimal("12.50")
    await desk.ledger.set_budget("ann", None)
    assert await desk.ledger.budget("ann") == Budget(None, Decimal(0), Decimal(0))
    with pytest.raises(InputError, match="-1"):
        await desk.ledger.set_budget("ann", Decimal(-1))


async def test_a_cap_below_what_is_spent_or_reserved_is_refused(desk: Desk) -> None:
    session = await desk.session()
    await desk.ledger.set_budget("ann", Decimal(5))
    await desk.ledger.reserve(purchase("call", session.id, "1"))
    with pytest.raises(ConflictError, match=r"\$0.40.*\$1.00 set aside.*give \$1.00 or more"):
        await desk.ledger.set_budget("ann", Decimal("0.40"))
    assert await desk.ledger.budget("ann") == Budget(Decimal(5), Decimal(0), Decimal(1))
    assert (await desk.ledger.set_budget("ann", Decimal(1))).left == 0
    with pytest.raises(BudgetError):
        await desk.ledger.reserve(purchase("more", session.id, "0.10"))
