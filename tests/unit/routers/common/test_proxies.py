from __future__ import annotations

import logging
from typing import Any

import pytest
from starlette.types import Receive, Scope, Send

from adreel.domain.network import parse_networks
from adreel.routers.common.proxies import TRACE, ProxyMiddleware

PROXIES = parse_networks(("127.0.0.1", "10.0.0.0/8", "2001:db8:ffff::/48"))
Header = tuple[str, str]


async def seen(peer: str | None, *headers: Header, kind: str = "http") -> dict[str, Any]:
    """What the app sees of a request."""
    found: dict[str, Any] = {}

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        hosts = [value.decode() for name, value in scope["headers"] if name == b"host"]
        found.update(client=scope["client"] and scope["client"][0], scheme=scope["scheme"], hosts=hosts)

    async def nothing(*_: object) -> Any:
        raise AssertionError("nothing is read or sent")

    scope: Scope = {
        "type": kind,
        "client": None if peer is None else (peer, 4711),
        "scheme": "ws" if kind == "websocket" else "http",
        "headers": [(b"host", b"inner:8000"), *((name.encode(), value.encode()) for name, value in headers)],
    }
    await ProxyMiddleware(app, PROXIES)(scope, nothing, nothing)
    return found


TRACE_HEADERS = (("traceparent", "00-a-trace-01"), ("tracestate", "a=b"), ("baggage", "c=d"))


@pytest.mark.parametrize(("peer", "is_trusted"), [("127.0.0.1", True), ("203.0.113.9", False), (None, False)])
async def test_a_trace_is_taken_from_a_trusted_proxy_only(peer: str | None, *, is_trusted: bool) -> None:
    expected = {"traceparent": "00-a-trace-01", "tracestate": "a=b"}
    assert (await traced(peer, *TRACE_HEADERS)) == (expected if is_trusted else None)


async def traced(peer: str | None, *headers: Header) -> Any:
    """The trace that the app sees of a request."""
    found: list[Any] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        found.append(scope.get(TRACE))

    async def nothing(*_: object) -> Any:
        raise AssertionError("nothing is read or sent")

    scope: Scope = {
        "type": "http",
        "client": None if peer is None else (peer, 4711),
        "headers": [(name.encode(), value.encode()) for name, value in headers],
    }
    await ProxyMiddleware(app, PROXIES)(scope, nothing, nothing)
    return found[0]


def to(value: str) -> Header:
    return ("x-forwarded-for", value)


@pytest.mark.parametrize("peer", ["203.0.113.9", "127.0.0.2", "::1", "11.0.0.1", "2001:db8::1"])
async def test_headers_of_strangers_change_nothing(peer: str) -> None:
    spoofed = [to("198.51.100.1"), ("x-forwarded-proto", "https"), ("x-forwarded-host", "evil.example")]
    assert await seen(peer, *spoofed) == {"client": peer, "scheme": "http", "hosts": ["inner:8000"]}


async def test_without_an_address_of_the_peer_nothing_is_believed() -> None:
    assert (await seen(None, to("198.51.100.1")))["client"] is None


@pytest.mark.parametrize("peer", ["127.0.0.1", "10.1.2.3", "::ffff:10.1.2.3", "2001:db8:ffff::5"])
async def test_a_trusted_proxy_says_who_is_asking(peer: str) -> None:
    headers = [to("198.51.100.1"), ("x-forwarded-proto", "https"), ("x-forwarded-host", "studio.example")]
    assert await seen(peer, *headers) == {"client": "198.51.100.1", "scheme": "https", "hosts": ["studio.example"]}


@pytest.mark.parametrize(
    ("value", "client"),
    [
        ("1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("127.0.0.1, 198.51.100.1", "198.51.100.1"),
        ("1.1.1.1, 198.51.100.1, 10.0.0.7", "198.51.100.1"),
        ("198.51.100.1:5555", "198.51.100.1"),
        ("[2001:db8::7]:5555", "2001:db8::7"),
        ("2001:db8::7", "2001:db8::7"),
        ("1.1.1.1, [2001:db8::7], ::ffff:10.0.0.7", "2001:db8::7"),
        ("10.0.0.8, 10.0.0.7", "10.0.0.8"),
        ("", "10.0.0.1"),
        ("unknown", "10.0.0.1"),
        ("1.1.1.1, _hidden", "10.0.0.1"),
        ("1.1.1.1, garbage, 10.0.0.7", "10.0.0.7"),
        ("1.1.1.1,", "10.0.0.1"),
        ("<script>, 198.51.100.1", "198.51.100.1"),
    ],
)
async def test_the_right_most_address_that_is_no_proxy_counts(value: str, client: str) -> None:
    assert (await seen("10.0.0.1", to(value)))["client"] == client


async def test_several_headers_are_one_list() -> None:
    assert (await seen("10.0.0.1", to("1.1.1.1"), to("198.51.100.1"), to("10.0.0.7")))["client"] == "198.51.100.1"


async def test_the_scheme_is_that_of_the_nearest_proxy_and_nothing_else() -> None:
    assert (await seen("10.0.0.1", ("x-forwarded-proto", "http, https")))["scheme"] == "https"
    assert (await seen("10.0.0.1", ("x-forwarded-proto", "javascript")))["scheme"] == "http"
    assert (await seen("10.0.0.1", ("x-forwarded-proto", "https"), kind="websocket"))["scheme"] == "wss"


async def test_forwarded_of_rfc_7239_is_not_believed() -> None:
    headers = ("forwarded", "for=198.51.100.1;proto=https;host=evil.example")
    assert await seen("10.0.0.1", headers) == {"client": "10.0.0.1", "scheme": "http", "hosts": ["inner:8000"]}


async def test_a_proxy_that_is_not_trusted_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        await seen("192.168.0.1", to("198.51.100.1"))
        await seen("192.168.0.1")
    assert [record.getMessage() for record in caplog.records if "192.168.0.1" in record.getMessage()] != []
    assert "ADREEL_TRUSTED_PROXIES" in caplog.text
    assert "198.51.100.1" not in caplog.text
