"""Whether strangers come in: through proxies, under foreign names, with several hosts, over WebSockets."""

from __future__ import annotations

import asyncio
import socket

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from adreel.domain.errors import SetupError
from adreel.domain.network import parse_networks
from adreel.routers.common.credentials import SESSION_COOKIE
from adreel.routers.common.options import AppOptions
from support.api import PASSWORD, Api, Backend, Served, opened_api, served

PRIVATE_PATHS = ("/", "/api/sessions", "/api/account", "/metrics", "/api/openapi.json", "/static/x/y")
PROXIED = [
    {"X-Forwarded-For": "203.0.113.7"},
    {"X-Forwarded-Proto": "https"},
    {"X-Forwarded-Host": "studio.example"},
    {"X-Forwarded-Server": "proxy"},
    {"X-Real-IP": "203.0.113.7"},
    {"Forwarded": "for=203.0.113.7"},
    {"Via": "1.1 proxy"},
    {"CF-Connecting-IP": "203.0.113.7"},
    {"True-Client-IP": "203.0.113.7"},
    {"X-Forwarded-For": "127.0.0.1"},
    {"X-Forwarded-For": ""},
]


@pytest.mark.parametrize("header", PROXIED, ids=str)
async def test_without_a_login_nothing_is_served_through_a_proxy(api: Api, header: dict[str, str]) -> None:
    for path in PRIVATE_PATHS:
        answer = await api.http.get(path, headers=header)
        assert answer.status_code == 400
        assert answer.json()["type"] == "urn:adreel:problem:proxy"
        assert "ADREEL_PUBLIC_URL" in answer.json()["detail"]
    assert (await api.http.post("/api/sessions/create", json={}, headers=header)).status_code == 400
    assert (await api.http.get("/health", headers=header)).status_code == 200


@pytest.mark.parametrize("peer", [("10.0.0.9", 5), ("::ffff:10.0.0.9", 5), None])
async def test_without_a_login_only_this_machine_is_a_client(backend: Backend, peer: tuple[str, int] | None) -> None:
    async with opened_api(backend) as api:
        transport = httpx.ASGITransport(api.app, client=peer)  # pyright: ignore[reportArgumentType] (as by a Unix socket)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            assert (await http.get("/api/sessions")).status_code == 400


@pytest.mark.parametrize(
    "options",
    [
        {"public_url": "https://studio.example"},
        {"public_url": "http://127.0.0.1.nip.io"},
        {"allowed_hosts": ("studio.example",)},
        {"trusted_proxies": parse_networks(("127.0.0.1",))},
    ],
)
def test_an_app_that_lets_others_in_without_a_login_is_not_made(options: dict[str, object]) -> None:
    with pytest.raises(SetupError, match="login"):
        AppOptions(auth_required=False, **options)  # pyright: ignore[reportArgumentType]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.nip.io",
        "localhost.evil.example",
        "127.0.0.1@evil.example",
        "127.1",
        "2130706433",
        "0.0.0.0",  # noqa: S104
        "",
        "127.0.0.1:99999999",
        "studio.example:1",
    ],
)
async def test_foreign_names_that_lead_here_are_refused_with_a_setting_that_exists(api: Api, host: str) -> None:
    answer = await api.http.get("/api/sessions", headers={"Host": host})
    assert answer.status_code == 400
    assert answer.json()["type"] == "urn:adreel:problem:host"
    assert "ADREEL_PUBLIC_URL" in answer.json()["detail"]


async def test_a_page_that_may_not_is_given_the_setting_for_it(api: Api) -> None:
    answer = await api.http.post("/api/sessions/create", json={}, headers={"Origin": "https://evil.example"})
    assert "ADREEL_CORS_ORIGINS" in answer.json()["detail"]


def raw(server: Served, head: str) -> int:
    """The status that a request of these very lines is answered with."""
    with socket.create_connection(("127.0.0.1", int(server.address.rpartition(":")[2])), 10) as stream:
        stream.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n")
        return int(stream.recv(100).split()[1])


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("GET /api/sessions HTTP/1.1\nHost: 127.0.0.1", 200),
        ("GET /api/sessions HTTP/1.1\nHost: 127.0.0.1\nHost: evil.example", 400),
        ("GET /api/sessions HTTP/1.1\nHost: evil.example\nHost: 127.0.0.1", 400),
        ("GET /api/sessions HTTP/1.1\nHost: 127.0.0.1\nHost: 127.0.0.1", 400),
        ("GET http://127.0.0.1/api/sessions HTTP/1.1\nHost: evil.example", 400),
        ("GET /api/sessions HTTP/1.0", 400),
        ("GET /api/sessions HTTP/1.0\nHost: localhost", 200),
        ("GET /api/sessions HTTP/1.1\nHost: 127.0.0.1\nX-Forwarded-For : 1.2.3.4", 400),
        ("POST /api/sessions/create HTTP/1.1\nHost: 127.0.0.1\nOrigin: null\nContent-Length: 0", 403),
        ("POST /api/sessions/create HTTP/1.1\nHost: 127.0.0.1\nOrigin: https://127.0.0.1:1\nContent-Length: 0", 403),
        ("POST /api/sessions/create HTTP/1.1\nHost: 127.0.0.1\nSec-Fetch-Site: cross-site\nContent-Length: 0", 403),
    ],
)
async def test_requests_as_no_browser_sends_them(backend: Backend, head: str, status: int) -> None:
    async with served(backend) as server:
        assert await asyncio.to_thread(raw, server, head) == status


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"X-Forwarded-For": "203.0.113.7"},
        {"Forwarded": "for=x"},
    ],
    ids=str,
)
async def test_a_web_socket_has_the_same_guard(backend: Backend, headers: dict[str, str]) -> None:
    async with served(backend) as server:
        with pytest.raises(InvalidStatus):
            async with connect(f"{server.ws}/ws/abc", additional_headers=headers):
                pass


BEHIND = AppOptions(auth_required=True, trusted_proxies=parse_networks(("127.0.0.1",)))
OWN = {"Host": "inner:8000", "X-Forwarded-Host": "studio.example", "Origin": "https://studio.example"}


async def log_in(api: Api, **headers: str) -> httpx.Response:
    form = {"email": "ada@example.com", "password": PASSWORD}
    return await api.http.post("/login", data=form, headers={**OWN, **headers})


async def test_behind_a_trusted_proxy_the_page_is_its_own_and_the_cookie_secure(backend: Backend) -> None:
    await backend.services.auth.register("ada@example.com", PASSWORD)
    async with opened_api(backend, BEHIND) as api:
        answer = await log_in(api, **{"X-Forwarded-Proto": "https"})
        assert answer.status_code == 303
        cookies = [cookie.lower() for cookie in answer.headers.get_list("set-cookie")]
        assert cookies
        assert all("; secure" in cookie for cookie in cookies)
        assert (await api.http.get("/api/sessions")).status_code == 401


async def test_a_stranger_does_not_choose_scheme_or_host(guarded: Api) -> None:
    assert (await log_in(guarded, **{"X-Forwarded-Proto": "https"})).status_code == 403
    own = {"Host": "studio.example", "X-Forwarded-Proto": "https"}
    answer = await log_in(guarded, **own)
    assert answer.status_code == 303
    assert SESSION_COOKIE in answer.headers["set-cookie"]
    assert "secure" not in answer.headers["set-cookie"].lower()


async def test_with_a_login_a_proxy_is_let_through_and_asked_to_log_in(guarded: Api) -> None:
    answer = await guarded.http.get("/api/sessions", headers={"X-Forwarded-For": "203.0.113.7"})
    assert answer.status_code == 401
