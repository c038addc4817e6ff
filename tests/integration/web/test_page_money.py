"""Money on the page: in cents, within the budgets, and with what failed."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from adreel.domain.costs.ledger import CallState, Purchase, PurchaseKind
from adreel.services.sessions.records import Settlement
from support.api import Api, clip_of
from support.films import film_of

PRICE = Decimal("0.180000")


async def text_of(api: Api, path: str) -> str:
    answer = await api.http.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


async def bought(api: Api, session_id: str, number: int, *, lost: bool = False) -> None:
    """A clip that was paid for, or paid for in vain."""
    record = await api.services.sessions.record(session_id)
    key = f"{session_id}:{number}"
    purchase = Purchase(key, session_id, record.user_id, PurchaseKind.CLIP, "replicate", "wan", PRICE)
    await api.services.ledger.reserve(purchase)
    await api.services.ledger.settle(Settlement(key, CallState.LOST if lost else CallState.PAID, PRICE))


async def test_what_failed_is_said_with_its_cost(api: Api) -> None:
    session_id, clips = await api.with_clips()
    for number in range(3):
        await bought(api, session_id, number, lost=number == 2)
    body = {"session_id": session_id, "approved_clip_ids": clips}
    assert (await api.http.post("/api/save-approved-clips", json=body)).status_code == 200
    await film_of(api, session_id, clips, 1, "Order")
    page = await text_of(api, f"/s/{session_id}/result")
    assert "2 clips, 1 failed</td><td>$0.54</td>" in page
    assert "Cost: $0.54" in page
    assert "$0.54" in await text_of(api, "/")


async def test_a_new_take_beyond_the_budget_is_disabled_with_the_reason(api: Api) -> None:
    session_id, _ = await api.with_clips(1)
    dear = replace(clip_of(session_id, None, 5), model="wan", cost=Decimal("0.36"))
    await api.services.sessions.add_made(session_id, dear)
    assert (await api.http.post(f"/api/sessions/{session_id}/budget", json={"cap": "0.30"})).status_code == 200
    page = await text_of(api, f"/s/{session_id}/clips")
    reason = "Only $0.30 of this film&#39;s budget is left. Raise the film&#39;s budget, or choose something cheaper."
    assert page.count("data-retake=") == 2
    assert page.count(f'title="New take, $0.36. {reason}" disabled>') == 1
    assert f'data-left="0.300000" data-reason="{reason}"' in page


async def test_the_tightest_budget_is_the_one_that_is_named(api: Api) -> None:
    session_id, _ = await api.with_clips(1)
    await api.http.post(f"/api/sessions/{session_id}/budget", json={"cap": "5"})
    assert "Only $5.00 of this film&#39;s budget" in await text_of(api, f"/s/{session_id}/clips")
    await api.http.post("/api/account/budget", json={"cap": "2"})
    assert "Only $2.00 of your account&#39;s budget" in await text_of(api, f"/s/{session_id}/clips")
    await api.http.post("/api/account/budget", json={"cap": None})
    await api.http.post(f"/api/sessions/{session_id}/budget", json={"cap": None})
    assert 'data-left="" data-reason=""' in await text_of(api, f"/s/{session_id}/clips")
