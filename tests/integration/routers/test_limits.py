"""What the operator allows an account, at every door of the API and on the page."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from adreel.domain.accounts.limits import AccountLimits, LimitName
from adreel.domain.costs.ledger import Purchase, PurchaseKind
from adreel.routers.common.options import AppOptions
from support.api import PASSWORD, Api, build_backend, log_in, opened_api, photo

AT_ONCE = 8
LIMITS = AccountLimits(
    sessions=12,
    sessions_per_hour=14,
    stored_mb=1,
    jobs=2,
    photos=6,
    keys=2,
    dollars_per_day=Decimal(2),
    budget=Decimal(5),
)


@pytest.fixture
async def limited(sqlite_database: str, tmp_path: Path) -> AsyncIterator[Api]:
    """The API where ada and bob are allowed little; ada's client is logged in."""
    backend = build_backend(sqlite_database, tmp_path, limits=LIMITS)
    await backend.jobs.open()
    for name in ("ada", "bob"):
        await backend.services.auth.register(f"{name}@example.com", PASSWORD)
    async with opened_api(backend, AppOptions(auth_required=True)) as found:
        found.http.headers.update(await log_in(found, "ada"))
        yield found
    await backend.jobs.close()
    await backend.services.storage.close()
    await backend.database.close()


def refusal(answer: httpx.Response, limit: str, allowed: str, status: int = 409) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert (problem["type"], problem["limit"], problem["allowed"]) == ("urn:adreel:problem:limit", limit, allowed)
    return str(problem["detail"])


async def at_once(*requests: asyncio.Future[httpx.Response] | asyncio.Task[httpx.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in await asyncio.gather(*requests))


async def test_sessions(limited: Api) -> None:
    for _ in range(11):
        await limited.new_session()
    create = [limited.http.post("/api/sessions/create", json={}) for _ in range(AT_ONCE)]
    assert await at_once(*map(asyncio.ensure_future, create)) == {200: 1, 409: AT_ONCE - 1}
    said = refusal(await limited.http.post("/api/sessions/create", json={}), "sessions", "12")
    assert "12 sessions" in said
    assert "delete a session" in said
    sessions = (await limited.http.get("/api/sessions")).json()["sessions"]
    for session in sessions[:4]:
        await limited.http.delete(f"/api/sessions/{session['id']}")
    for _ in range(2):
        await limited.new_session()
    # Fourteen were made by now: deleting makes room, but not without end.
    refused = await limited.http.post("/api/sessions/create", json={})
    assert "an hour" in refusal(refused, "sessions_per_hour", "14", 429)
    assert 1 <= int(refused.headers["retry-after"]) <= 3600
    assert (await limited.http.post("/api/sessions/create", headers=await log_in(limited, "bob"))).status_code == 200


async def test_photos_and_examples_and_framings(limited: Api) -> None:
    session_id = await limited.new_session()
    assert (await limited.upload(session_id, *[photo(seed) for seed in range(3)])).status_code == 200
    assert "6 images" in refusal(
        await limited.upload(session_id, *[photo(seed) for seed in range(9, 13)]), "photos", "6"
    )
    refusal(await limited.upload(session_id, photo(50), framings="true"), "photos", "6")
    example = (await limited.http.get("/api/examples")).json()[0]
    more = await limited.http.post(f"/api/sessions/{session_id}/examples", json={"name": example["name"]})
    assert more.status_code in (200, 409)
    if more.status_code == 409:
        refusal(more, "photos", "6")
    # Those that are there already are no more.
    assert (await limited.upload(session_id, photo(0))).status_code == 200
    stored = list((limited.backend.folder / "storage").rglob("*.jpg"))
    images = (await limited.http.get(f"/api/sessions/{session_id}")).json()["generated_images"]
    assert len(stored) == len(images) <= 6


async def test_uploads_at_the_same_time_share_what_is_left(limited: Api) -> None:
    ids = [await limited.new_session() for _ in range(AT_ONCE)]
    await limited.upload(ids[0], *[photo(seed) for seed in range(5)])
    uploads = [asyncio.ensure_future(limited.upload(one, photo(20 + n))) for n, one in enumerate(ids)]
    assert await at_once(*uploads) == {200: 1, 409: AT_ONCE - 1}
    # What came to nothing leaves no file.
    assert len(list((limited.backend.folder / "storage").rglob("*.jpg"))) == 6


async def test_stored_bytes(limited: Api) -> None:
    session_id = await limited.new_session()
    large = photo(1, "PNG", 240) + bytes(700_000)
    assert (await limited.upload(session_id, large)).status_code == 200
    other = photo(2, "PNG", 240) + bytes(700_000)
    assert "1 MB of stored files" in refusal(await limited.upload(session_id, other), "stored_mb", "1")


async def test_jobs(limited: Api) -> None:
    ids = [(await limited.with_images(1))[0] for _ in range(5)]

    def start(session_id: str) -> asyncio.Future[httpx.Response]:
        return asyncio.ensure_future(
            limited.http.post("/api/generate-clips", json={"session_id": session_id, "clip_duration": 1.0})
        )

    assert await at_once(*map(start, ids)) == {200: 2, 409: 3}
    idle = [one for one in ids if (await limited.http.get(f"/api/sessions/{one}")).json()["stage"] == "image_selection"]
    assert "2 jobs at once" in refusal(await start(idle[0]), "jobs", "2")
    busy = next(one for one in ids if one not in idle)
    assert (await limited.http.post(f"/api/sessions/{busy}/cancel")).status_code == 200
    assert (await start(idle[0])).status_code == 200


async def test_composing_is_a_job_too(limited: Api) -> None:
    first, second, third = [(await limited.with_clips(1)) for _ in range(3)]

    async def compose(session_id: str, clips: list[str]) -> httpx.Response:
        body = {"session_id": session_id, "approved_clip_ids": clips}
        assert (await limited.http.post("/api/save-approved-clips", json=body)).status_code == 200
        return await limited.http.post("/api/compose-final-video", json={"session_id": session_id})

    assert [(await compose(*one)).status_code for one in (first, second)] == [200, 200]
    refusal(await compose(*third), "jobs", "2")


async def test_api_keys(limited: Api) -> None:
    issue = [limited.http.post("/api/auth/keys", json={"name": "x"}) for _ in range(AT_ONCE)]
    assert await at_once(*map(asyncio.ensure_future, issue)) == {201: 2, 409: AT_ONCE - 2}
    assert "2 API keys" in refusal(await limited.http.post("/api/auth/keys", json={"name": "x"}), "keys", "2")


@pytest.mark.parametrize("cap", [None, "999999", "5.01"])
async def test_no_user_raises_their_own_budget(limited: Api, cap: str | None) -> None:
    session_id = await limited.new_session()
    for door in ("/api/account/budget", f"/api/sessions/{session_id}/budget"):
        assert "a budget of $5.00" in refusal(await limited.http.post(door, json={"cap": cap}), "budget", "5.00")
        assert (await limited.http.post(door, json={"cap": "4.00"})).status_code == 200
        assert (await limited.http.post(door, json={"cap": "5.00"})).status_code == 200
    if cap is not None:
        refusal(await limited.http.post("/api/sessions/create", json={"budget_cap": cap}), "budget", "5.00")
    assert (await limited.http.get("/api/account")).json()["budget"]["cap"] == "5.00"


async def test_what_is_allowed_and_used_is_reported(limited: Api) -> None:
    me = (await limited.http.get("/api/auth/me")).json()["id"]
    session_id = await limited.new_session()
    await limited.upload(session_id, photo(1))
    await limited.services.ledger.reserve(
        Purchase("call", session_id, me, PurchaseKind.CLIP, "replicate", "wan", Decimal("1.50"))
    )
    await limited.services.limits.set(me, {LimitName.JOBS: None})
    limits = (await limited.http.get("/api/account")).json()["limits"]
    assert limits == {
        "sessions": {"limit": 12, "used": 1},
        "sessions_per_hour": {"limit": 14, "used": 1},
        "stored_mb": {"limit": 1, "used": 1},
        "jobs": {"limit": None, "used": 0},
        "photos": {"limit": 6, "used": 1},
        "keys": {"limit": 2, "used": 0},
        "dollars_per_day": {"limit": "2.00", "used": "1.50"},
        "budget": {"limit": "5.00", "used": "1.50"},
    }
    page = (await limited.http.get("/settings")).text
    for line in ("1 of 12", "1 of 6", "$1.50 of $2.00", "$1.50 of $5.00", "1 MB of 1 MB"):
        assert line in page, line
    with pytest.raises(Exception, match="UTC day"):
        await limited.services.ledger.reserve(
            Purchase("more", session_id, me, PurchaseKind.CLIP, "replicate", "wan", Decimal("0.60"))
        )


async def test_who_need_not_log_in_sees_no_limits(api: Api) -> None:
    assert 'id="limits"' not in (await api.http.get("/settings")).text
    for cap in (None, "999999"):
        assert (await api.http.post("/api/account/budget", json={"cap": cap})).status_code == 200
