from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx
import pytest

from adreel.routers.common.credentials import DEVICE_COOKIE, SESSION_COOKIE
from adreel.routers.common.options import AppOptions
from adreel.services.storage_service import StorageService
from support.api import BASE, PASSWORD, Api, Backend, opened_api, with_services

OWN = {"origin": BASE, "sec-fetch-site": "same-origin"}
ADA = {"email": "ada@example.com", "password": PASSWORD}


async def log_in(api: Api, headers: dict[str, str] | None = None, **changed: str) -> httpx.Response:
    return await api.http.post("/login", data={**ADA, "next": "/settings", **changed}, headers=headers or OWN)


async def test_who_is_not_logged_in_is_asked_to_and_comes_back(guarded: Api) -> None:
    for path in ("/", "/settings", "/s/abc/clips"):
        answer = await guarded.http.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/login?next={path}"
    page = await guarded.http.get("/login?next=/settings")
    assert page.status_code == 200
    assert 'name="next" value="/settings"' in page.text


async def test_logging_in_sets_a_cookie_that_no_script_and_no_other_site_gets(guarded: Api) -> None:
    answer = await log_in(guarded)
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings")
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith(f"{SESSION_COOKIE}=")
    assert {"httponly", "samesite=strict", "path=/"} <= {part.strip() for part in cookie.split(";")}
    assert "secure" not in cookie
    page = await guarded.http.get("/settings")
    assert page.status_code == 200
    assert "ada@example.com" in page.text


async def test_the_cookie_goes_by_https_only_where_we_are_reached_so(backend: Backend) -> None:
    await backend.services.auth.register("ada@example.com", PASSWORD)
    async with opened_api(backend, AppOptions(auth_required=True, https=True)) as api:
        assert "secure" in (await log_in(api)).headers["set-cookie"].lower()


async def test_a_wrong_password_is_reported_and_the_address_kept(guarded: Api) -> None:
    answer = await log_in(guarded, password="wrong")  # noqa: S106
    assert answer.status_code == 401
    assert "E-mail or password is wrong." in answer.text
    assert 'value="ada@example.com"' in answer.text
    assert "set-cookie" not in answer.headers
    assert "wrong" not in answer.text.replace("E-mail or password is wrong.", "")


async def test_after_some_failures_one_has_to_wait(guarded: Api) -> None:
    answers = [await log_in(guarded, password="wrong") for _ in range(12)]  # noqa: S106
    assert answers[-1].status_code == 429
    assert "Too many attempts to log in; try again in 3 minutes." in answers[-1].text
    assert "API keys keep working" in answers[-1].text
    assert 170 <= int(answers[-1].headers["retry-after"]) <= 180
    assert 'name="next" value="/settings"' in answers[-1].text
    assert 'value="ada@example.com"' in answers[-1].text


async def test_a_browser_that_was_logged_in_before_is_not_held_up_by_strangers(guarded: Api) -> None:
    first = await log_in(guarded)
    assert first.status_code == 303
    mark = guarded.http.cookies[DEVICE_COOKIE]
    described = next(line for line in first.headers.get_list("set-cookie") if line.startswith(DEVICE_COOKIE)).lower()
    assert {"httponly", "samesite=strict", "path=/"} <= {part.strip() for part in described.split(";")}
    assert (await guarded.http.post("/logout", headers=OWN)).status_code == 303
    assert guarded.http.cookies[DEVICE_COOKIE] == mark
    guarded.http.cookies.clear()
    await asyncio.gather(*[log_in(guarded, password="wrong") for _ in range(30)])  # noqa: S106
    while (await log_in(guarded, password="wrong")).status_code != 429:  # noqa: S106
        pass
    assert (await log_in(guarded)).status_code == 429
    assert (await log_in(guarded, {**OWN, "cookie": f"{DEVICE_COOKIE}=made.9999999999.up"})).status_code == 429
    bob = await log_in(guarded, {**OWN, "cookie": f"{DEVICE_COOKIE}={mark}"}, email="bob@example.com", password="wrong")  # noqa: S106
    assert bob.status_code == 401
    assert (await log_in(guarded, {**OWN, "cookie": f"{DEVICE_COOKIE}={mark}"})).status_code == 303


async def test_who_logs_in_again_comes_back_to_the_film_that_was_shown(guarded: Api) -> None:
    asked = await guarded.http.get("/s/abc/result?film=def")
    assert asked.headers["location"] == "/login?next=/s/abc/result%3Ffilm%3Ddef"
    page = await guarded.http.get(asked.headers["location"])
    assert 'name="next" value="/s/abc/result?film=def"' in page.text
    assert (await log_in(guarded, next="/s/abc/result?film=def")).headers["location"] == "/s/abc/result?film=def"
    other = await guarded.http.get("/login?next=/s/abc/result%3Ffilm%3Dx%26to%3Dhttps://evil.example")
    assert other.headers["location"] == "/s/abc/result"


async def test_what_people_type_into_the_login_stays_text(guarded: Api) -> None:
    answer = await log_in(guarded, email='"><script>1</script>', next='"><script>2</script>')
    assert "<script>1" not in answer.text
    assert "<script>2" not in answer.text


@pytest.mark.parametrize("wanted", ["https://evil.example", "//evil.example", "/api/auth/me", "/\\evil.example"])
async def test_a_login_leads_to_our_own_pages_only(guarded: Api, wanted: str) -> None:
    assert (await log_in(guarded, next=wanted)).headers["location"] == "/"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"x-nothing": "said"},
    ],
)
async def test_nobody_is_logged_in_by_other_pages(guarded: Api, headers: dict[str, str]) -> None:
    answer = await log_in(guarded, headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_the_api_takes_the_cookie(guarded: Api) -> None:
    await log_in(guarded)
    assert (await guarded.http.get("/api/auth/me")).json()["email"] == "ada@example.com"
    created = await guarded.http.post("/api/sessions/create", json={}, headers=OWN)
    assert created.status_code == 200
    assert (await guarded.http.get(f"/s/{created.json()['session_id']}/images")).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": BASE}, 200),
        ({"sec-fetch-site": "same-origin"}, 200),
        ({"x-nothing": "said"}, 401),
        ({"sec-fetch-site": "none"}, 401),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": "http://127.0.0.1:9999"}, 403),
        ({"origin": "https://evil.example"}, 403),
    ],
)
async def test_by_cookie_only_our_own_pages_change_things(guarded: Api, headers: dict[str, str], status: int) -> None:
    await log_in(guarded)
    assert (await guarded.http.post("/api/sessions/create", json={}, headers=headers)).status_code == status


async def test_an_origin_that_may_use_the_api_may_not_use_the_cookie(backend: Backend) -> None:
    await backend.services.auth.register("ada@example.com", PASSWORD)
    other = "https://studio.example"
    async with opened_api(backend, AppOptions(auth_required=True, allowed_origins=(other,))) as api:
        await log_in(api)
        answer = await api.http.post("/api/sessions/create", json={}, headers={"origin": other})
        assert answer.status_code == 401


async def test_a_token_goes_before_the_cookie(guarded: Api) -> None:
    await log_in(guarded)
    answer = await guarded.http.get("/api/auth/me", headers={"authorization": "Bearer nonsense"})
    assert answer.status_code == 401


async def test_sessions_of_others_are_not_there(guarded: Api) -> None:
    await log_in(guarded)
    mine = (await guarded.http.post("/api/sessions/create", json={}, headers=OWN)).json()["session_id"]
    guarded.http.cookies.clear()
    await log_in(guarded, email="bob@example.com")
    assert (await guarded.http.get(f"/s/{mine}/images")).status_code == 404


async def test_logging_out_ends_the_login_itself(guarded: Api) -> None:
    await log_in(guarded)
    token = guarded.http.cookies[SESSION_COOKIE]
    answer = await guarded.http.post("/logout", headers=OWN)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert SESSION_COOKIE not in guarded.http.cookies
    kept = await guarded.http.get("/api/auth/me", headers={"cookie": f"{SESSION_COOKIE}={token}"})
    assert kept.status_code == 401


async def test_who_is_logged_in_or_need_not_be_goes_on_at_once(guarded: Api, api: Api) -> None:
    assert (await api.http.get("/login?next=/settings")).headers["location"] == "/settings"
    await log_in(guarded)
    assert (await guarded.http.get("/login?next=/settings")).headers["location"] == "/settings"


async def test_a_cookie_that_has_ended_leads_to_the_login(guarded: Api) -> None:
    answer = await guarded.http.get("/", headers={"cookie": f"{SESSION_COOKIE}=adreel_login_old"})
    assert answer.headers["location"] == "/login?next=/"


class Elsewhere(StorageService):
    """Files that are kept in S3, as far as a page sees."""

    async def link(self, key: str, seconds: int, disposition: str | None = None) -> str | None:
        return f"https://media.example:9000/bucket/{key}?X-Amz-Expires={seconds}"


async def test_pages_may_show_what_is_kept_elsewhere(backend: Backend, api: Api) -> None:
    store = backend.services.storage
    moved = Elsewhere(store._store)
    async with opened_api(with_services(replace(backend), storage=moved)) as away:
        rules = (await away.http.get("/")).headers["content-security-policy"]
    assert "img-src 'self' blob: data: https://media.example:9000;" in rules
    assert "media-src 'self' blob: https://media.example:9000;" in rules
    assert "media.example" not in (await api.http.get("/")).headers["content-security-policy"]
