"""The login limit at its door: over HTTP, at once, from made-up addresses, through a proxy."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import httpx
from sqlalchemy import select

from adreel.db.tables import LoginBudgetRow
from adreel.domain.ids import utc_now
from adreel.domain.network import parse_networks
from adreel.routers.common.credentials import DEVICE_COOKIE
from adreel.routers.common.options import AppOptions
from adreel.services.accounts.login_budgets import PER_ACCOUNT_AND_CLIENT
from support.api import PASSWORD, Api, Backend, opened_api

BURST = PER_ACCOUNT_AND_CLIENT.burst


async def attempt(api: Api, password: str, name: str = "ada", **headers: str) -> httpx.Response:
    body = {"email": f"{name}@example.com", "password": password}
    return await api.http.post("/api/auth/login", json=body, headers=headers)


async def test_of_forty_guesses_at_once_a_handful_is_looked_at(guarded: Api) -> None:
    answers = await asyncio.gather(*[attempt(guarded, f"wrong guess {number}") for number in range(40)])
    statuses = Counter(answer.status_code for answer in answers)
    assert statuses == {401: BURST, 429: 40 - BURST}
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert refused.json()["type"] == "urn:adreel:problem:busy"
    assert int(refused.headers["retry-after"]) == refused.json()["retry_after"] >= 1
    # In which order those at once are looked at is left open; the right one comes too late after them.
    assert (await attempt(guarded, PASSWORD)).status_code == 429
    assert (await attempt(guarded, PASSWORD, "bob")).status_code == 200


async def test_made_up_addresses_do_not_get_round_the_limit(guarded: Api) -> None:
    spoofed = [
        {
            "X-Forwarded-For": f"198.51.100.{number}",
            "X-Real-IP": f"198.51.100.{number}",
            "Forwarded": f"for=10.0.0.{number}",
        }
        for number in range(10)
    ]
    statuses = [(await attempt(guarded, "a wrong guess", **headers)).status_code for headers in spoofed]
    assert statuses == [401] * BURST + [429] * (10 - BURST)


async def test_visitors_of_a_trusted_proxy_are_told_apart_and_left_entries_are_not_believed(backend: Backend) -> None:
    await backend.services.auth.register("ada@example.com", PASSWORD)
    options = AppOptions(auth_required=True, trusted_proxies=parse_networks(("127.0.0.1",)))
    async with opened_api(backend, options) as api:
        made_up = [{"X-Forwarded-For": f"10.0.0.{number}, 198.51.100.1:{number + 1}"} for number in range(BURST + 1)]
        statuses = [(await attempt(api, "a wrong guess", **each)).status_code for each in made_up]
        assert statuses == [401] * BURST + [429]
        assert (await attempt(api, PASSWORD, **{"X-Forwarded-For": "203.0.113.9"})).status_code == 200


async def test_a_program_keeps_its_own_budget_with_the_cookie(guarded: Api) -> None:
    first = await attempt(guarded, PASSWORD)
    assert DEVICE_COOKIE in first.headers["set-cookie"]
    mark = guarded.http.cookies[DEVICE_COOKIE]
    guarded.http.cookies.clear()
    while (await attempt(guarded, "a wrong guess")).status_code != 429:
        pass
    assert (await attempt(guarded, PASSWORD)).status_code == 429
    assert (await attempt(guarded, PASSWORD, cookie=f"{DEVICE_COOKIE}={mark}")).status_code == 200


async def test_a_login_that_is_in_use_is_not_held_up_by_guessing(guarded: Api) -> None:
    token = (await attempt(guarded, PASSWORD)).json()["access_token"]
    guarded.http.cookies.clear()
    while (await attempt(guarded, "a wrong guess")).status_code != 429:
        pass
    answer = await guarded.http.get("/api/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


async def test_attempts_that_no_longer_count_are_removed_when_the_service_starts(backend: Backend) -> None:
    async with backend.database.writing() as tx:
        for key, age in (("account old", 1), ("account new", -600)):
            tx.add(LoginBudgetRow(key=key, spent_until=utc_now() - timedelta(seconds=age)))
    async with opened_api(backend, AppOptions(auth_required=True)) as api, asyncio.timeout(20):
        while await keys(api) != ["account new"]:  # noqa: ASYNC110 (a table has no event to wait for)
            await asyncio.sleep(0.02)


async def keys(api: Api) -> list[str]:
    async with api.backend.database.reading() as tx:
        return list(await tx.scalars(select(LoginBudgetRow.key)))
