"""Who is given the token: requests are looked at before they would leave."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from adreel.domain.errors import AmbiguousSubmitError, RefusedError, SetupError, UnavailableError
from adreel.providers.replicate.client import Policy, ReplicateClient

PREDICTION = {"id": "abc", "status": "starting", "input": {}}


class Wire:
    """Answers every request by a function and keeps it."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response]) -> None:
        self.sent: list[httpx.Request] = []

        def handle(request: httpx.Request) -> httpx.Response:
            self.sent.append(request)
            return answer(request)

        http = httpx.AsyncClient(transport=httpx.MockTransport(handle), follow_redirects=True)
        self.client = ReplicateClient(http, "r8_secret", policy=Policy(attempts=1))


async def test_the_api_gets_the_token() -> None:
    wire = Wire(lambda _: httpx.Response(201, json=PREDICTION))
    await wire.client.create("owner/name", {"prompt": "x"})
    assert str(wire.sent[0].url) == "https://api.replicate.com/v1/models/owner/name/predictions"
    assert wire.sent[0].headers["authorization"] == "Bearer r8_secret"


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/v1/predictions",
        "http://api.replicate.com/v1/predictions",
        "https://api.replicate.com:8443/v1",
    ],
)
async def test_a_next_page_elsewhere_is_not_opened(url: str) -> None:
    wire = Wire(lambda _: httpx.Response(200, json={"results": [], "next": url}))
    with pytest.raises(RefusedError, match="nothing was sent there"):
        [found async for found in wire.client.list_predictions()]
    assert len(wire.sent) == 1


async def test_redirects_of_the_api_are_not_followed() -> None:
    wire = Wire(lambda _: httpx.Response(307, headers={"location": "https://elsewhere.example/"}))
    with pytest.raises(RefusedError):
        await wire.client.create("owner/name", {})
    with pytest.raises(RefusedError):
        await wire.client.get("abc")
    assert [request.url.host for request in wire.sent] == ["api.replicate.com"] * 2


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b'{"id": "abc"}', b'{"id": "abc", "status": "dreaming"}'])
async def test_an_accepted_order_with_a_broken_answer_is_ambiguous(content: bytes) -> None:
    wire = Wire(lambda _: httpx.Response(201, content=content))
    with pytest.raises(AmbiguousSubmitError, match="has taken the order"):
        await wire.client.create("owner/name", {})
    with pytest.raises(UnavailableError):
        await wire.client.get("abc")


async def test_a_list_without_end_is_given_up() -> None:
    wire = Wire(lambda request: httpx.Response(200, json={"results": [], "next": str(request.url)}))
    with pytest.raises(UnavailableError, match="more than 100 pages"):
        [found async for found in wire.client.list_predictions()]


async def test_an_id_cannot_leave_its_place_in_the_address() -> None:
    wire = Wire(lambda _: httpx.Response(200, json=PREDICTION))
    await wire.client.get("../account?x=1")
    assert wire.sent[0].url.raw_path == b"/v1/predictions/..%2Faccount%3Fx%3D1"


@pytest.mark.parametrize("token", ["r8_secret\u2026", "r8_s\u00e9cret", "r8 secret", "r8_secret\n", "r8_\x00secret"])
async def test_a_token_that_cannot_be_sent_is_refused_without_being_shown(token: str) -> None:
    async with httpx.AsyncClient() as http:
        with pytest.raises(SetupError, match="copy it again") as refused:
            ReplicateClient(http, token)
    assert "secret" not in str(refused.value)
