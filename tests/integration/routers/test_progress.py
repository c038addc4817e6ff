from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from adreel.domain.sessions.stage import Stage
from adreel.routers.common.options import AppOptions
from adreel.routers.live.listeners import TOO_SLOW
from adreel.services.events.log import ProgressService
from support.api import LOCAL_OPTIONS, PASSWORD, Backend, Served, served, with_services
from support.db import counted

EVENT_KEYS = {
    "type",
    "session_id",
    "job_id",
    "stage",
    "progress",
    "job_progress",
    "message",
    "current_cost",
    "data",
    "timestamp",
    "seq",
}
ABNORMAL = 1006
"""The client's own word for a connection that broke: one that never reads may be cut off before the close frame."""

POLL_SECONDS = 2.0
"""How often the service looks for what other processes append, unless PostgreSQL notifies it."""

GUARDED = AppOptions(auth_required=True)


async def session_of(backend: Backend) -> str:
    user = await backend.services.auth.local_user()
    return (await backend.services.sessions.create(user.id)).id


async def tell(backend: Backend, session_id: str, count: int) -> None:
    for number in range(count):
        await backend.services.progress.append(session_id, Stage.CLIP_GENERATION, 55.0, f"{number}", {"n": number})


async def read(socket: ClientConnection, count: int) -> list[dict[str, Any]]:
    """The next events, heartbeats left out."""
    events: list[dict[str, Any]] = []
    async with asyncio.timeout(20):
        while len(events) < count:
            told = json.loads(await socket.recv())
            if told.get("type") != "heartbeat":
                events.append(told)
    return events


async def rest_of(socket: ClientConnection) -> list[int]:
    """The numbers of all events that still come before the connection ends."""
    numbers: list[int] = []
    with suppress(ConnectionClosed):
        async with asyncio.timeout(20):
            while True:
                numbers.append(json.loads(await socket.recv())["seq"])
    return numbers


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds():  # noqa: ASYNC110 (a gauge has no event to wait for)
            await asyncio.sleep(0.02)


async def code_of(url: str, **more: Any) -> int:
    """The code with which the WebSocket is closed at once."""
    async with connect(url, **more) as socket:
        with pytest.raises(ConnectionClosed) as closed:
            async with asyncio.timeout(20):
                await socket.recv()
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


@asynccontextmanager
async def accounts(
    backend: Backend, options: AppOptions = GUARDED
) -> AsyncGenerator[tuple[Served, str, dict[str, str], dict[str, str]]]:
    """A server where people log in, a session of Ada's, what Ada and Bob show."""
    services = backend.services
    users = [await services.auth.register(f"{name}@example.com", PASSWORD) for name in ("ada", "bob")]
    session_id = (await services.sessions.create(users[0].id)).id
    shown: list[dict[str, str]] = []
    for user in users:
        key = await services.auth.create_api_key(user.id, "test")
        shown.append({"Authorization": f"Bearer {key.token}"})
    async with served(backend, options) as server:
        yield server, session_id, shown[0], shown[1]


async def test_events_are_replayed_and_then_come_live(backend: Backend) -> None:
    session_id = await session_of(backend)
    async with served(backend) as server:
        await tell(backend, session_id, 3)
        async with connect(f"{server.ws}/ws/{session_id}?after=1") as socket:
            assert [event["seq"] for event in await read(socket, 2)] == [2, 3]
            await tell(backend, session_id, 2)
            events = await read(socket, 2)
    assert [event["seq"] for event in events] == [4, 5]
    assert set(events[0]) == EVENT_KEYS
    assert (events[0]["session_id"], events[0]["stage"]) == (session_id, "clip_generation")
    assert (events[0]["progress"], events[0]["current_cost"], events[0]["data"]) == (55.0, "0.00", {"n": 0})
    assert events[0]["timestamp"].endswith("Z")


async def test_all_listeners_of_a_session_hear_all(backend: Backend) -> None:
    session_id = await session_of(backend)
    async with served(backend) as server:
        url = f"{server.ws}/ws/{session_id}"
        async with connect(url) as one, connect(url) as two, connect(url) as three:
            await tell(backend, session_id, 20)
            heard = [await read(socket, 20) for socket in (one, two, three)]
    assert [[event["seq"] for event in events] for events in heard] == [list(range(1, 21))] * 3


async def test_heartbeats_carry_the_last_number(backend: Backend) -> None:
    session_id = await session_of(backend)
    async with served(backend, replace(LOCAL_OPTIONS, heartbeat_seconds=0.05)) as server:
        await tell(backend, session_id, 2)
        async with connect(f"{server.ws}/ws/{session_id}") as socket:
            await read(socket, 2)
            assert json.loads(await socket.recv()) == {"type": "heartbeat", "seq": 2}


async def test_an_unknown_session_is_reported(backend: Backend) -> None:
    async with served(backend) as server:
        assert await code_of(f"{server.ws}/ws/unknown") == 4404
        assert await code_of(f"{server.ws}/ws/%00") == 4404


async def test_who_listens_must_be_the_sessions_owner(backend: Backend) -> None:
    async with accounts(backend) as (server, session_id, ada, bob):
        url = f"{server.ws}/ws/{session_id}"
        assert await code_of(url) == 4401
        assert await code_of(url, additional_headers={"Authorization": "Bearer wrong"}) == 4401
        assert await code_of(url, additional_headers=bob) == 4404
        async with connect(url, additional_headers=ada) as socket:
            await tell(backend, session_id, 1)
            assert len(await read(socket, 1)) == 1


async def test_a_user_listens_so_often_and_no_more_whatever_others_do(backend: Backend) -> None:
    options = replace(GUARDED, listeners_per_user=2, listeners=3)
    async with accounts(backend, options) as (server, session_id, ada, bob):
        url = f"{server.ws}/ws/{session_id}"
        record = await backend.services.sessions.record(session_id)
        bobs = await backend.services.auth.user("bob@example.com")
        other = f"{server.ws}/ws/{(await backend.services.sessions.create(bobs.id)).id}"
        async with connect(url, additional_headers=ada) as first, connect(url, additional_headers=ada) as last:
            await tell(backend, session_id, 1)
            await read(first, 1)
            await read(last, 1)
            assert await code_of(url, additional_headers=ada) == 4429
            async with connect(other, additional_headers=bob) as socket:
                await tell(backend, other.rpartition("/")[2], 1)
                await read(socket, 1)
                assert await code_of(other, additional_headers=bob) == 1013
            await last.close()
            await until(lambda: server.app.state.listener_places.refusal(record.user_id) is None)
        async with connect(url, additional_headers=ada) as socket:
            assert len(await read(socket, 1)) == 1


async def test_a_ticket_lets_a_page_listen_to_its_session(backend: Backend) -> None:
    async with accounts(backend) as (server, session_id, ada, bob):
        async with httpx.AsyncClient(base_url=server.address, trust_env=False) as http:
            path = f"/api/sessions/{session_id}/ticket"
            assert (await http.post(path, headers=bob)).status_code == 404
            answer = (await http.post(path, headers=ada)).json()
        assert answer["expires_in"] == 60
        owner = (await backend.services.sessions.record(session_id)).user_id
        other = (await backend.services.sessions.create(owner)).id
        async with connect(f"{server.ws}/ws/{session_id}?token={answer['ticket']}") as socket:
            await tell(backend, session_id, 1)
            assert len(await read(socket, 1)) == 1
        assert await code_of(f"{server.ws}/ws/{other}?token={answer['ticket']}") == 4401
        assert await code_of(f"{server.ws}/ws/{session_id}?token=a.9999999999.b") == 4401


@pytest.mark.parametrize("options", [LOCAL_OPTIONS, GUARDED])
async def test_pages_of_other_origins_cannot_listen(backend: Backend, options: AppOptions) -> None:
    session_id = await session_of(backend)
    async with served(backend, options) as server:
        with pytest.raises(InvalidStatus) as refused:
            async with connect(f"{server.ws}/ws/{session_id}", additional_headers={"Origin": "https://evil.example"}):
                pass
    assert refused.value.response.status_code == 403


async def test_the_services_own_pages_can_listen(backend: Backend) -> None:
    session_id = await session_of(backend)
    async with (
        served(backend) as server,
        connect(f"{server.ws}/ws/{session_id}", additional_headers={"Origin": server.address}) as socket,
    ):
        await tell(backend, session_id, 1)
        assert len(await read(socket, 1)) == 1


async def test_who_does_not_read_is_dropped_and_holds_nobody_back(backend: Backend) -> None:
    hub = type(backend.hub)(queue_size=8)
    progress = ProgressService(backend.database, hub)
    session_id = await session_of(backend)
    small = with_services(backend, progress=progress)
    big = {"text": "x" * 200_000}
    async with served(small, replace(LOCAL_OPTIONS, send_seconds=1.0)) as server:
        url = f"{server.ws}/ws/{session_id}"
        async with (
            connect(url, max_queue=1, max_size=None, compression=None) as slow,
            connect(url, max_queue=None, max_size=None, compression=None) as quick,
        ):
            heard: list[int] = []
            for number in range(120):
                await progress.append(session_id, Stage.CLIP_GENERATION, 55.0, str(number), big)
                heard += [event["seq"] for event in await read(quick, 1)]
            assert heard == list(range(1, 121))
            await until(lambda: server.app.state.metrics.dropped._value.get() == 1)
            left = await rest_of(slow)
            assert slow.close_code in (TOO_SLOW, ABNORMAL)
    assert left == list(range(1, len(left) + 1))
    assert len(left) < 120


async def test_a_deleted_session_ends_its_listeners(backend: Backend) -> None:
    session_id = await session_of(backend)
    user = await backend.services.auth.local_user()
    async with served(backend) as server, connect(f"{server.ws}/ws/{session_id}") as socket:
        await tell(backend, session_id, 1)
        await read(socket, 1)
        await backend.services.sessions.delete(user.id, session_id)
        with pytest.raises(ConnectionClosed) as closed:
            async with asyncio.timeout(20):
                await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1000


async def test_a_listener_has_nothing_to_say(backend: Backend) -> None:
    session_id = await session_of(backend)
    async with served(backend) as server, connect(f"{server.ws}/ws/{session_id}") as socket:
        with suppress(ConnectionClosed):
            for _ in range(100):
                await socket.send("hello")
        async with asyncio.timeout(20):
            await socket.wait_closed()
    assert socket.close_code == 1008


async def test_a_stopping_server_asks_listeners_to_reconnect(backend: Backend) -> None:
    session_id = await session_of(backend)
    async with served(backend) as server, connect(f"{server.ws}/ws/{session_id}") as socket:
        await tell(backend, session_id, 1)
        await read(socket, 1)
        server.server.should_exit = True
        with pytest.raises(ConnectionClosed) as closed:
            async with asyncio.timeout(20):
                await socket.recv()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1012


async def test_idle_listeners_cost_no_queries_and_all_are_let_go(backend: Backend) -> None:
    session_id = await session_of(backend)
    async with served(backend, replace(LOCAL_OPTIONS, heartbeat_seconds=0.1)) as server:
        url = f"{server.ws}/ws/{session_id}"
        sockets = await asyncio.gather(*[connect(url, compression=None) for _ in range(50)])
        metrics = server.app.state.metrics
        await until(lambda: metrics.listeners._value.get() == 50)
        # Who has got an event has been told all that was kept: from here on they only wait.
        await tell(backend, session_id, 1)
        assert [len(await read(socket, 1)) for socket in sockets] == [1] * 50
        with counted(backend.database) as statements:
            began = time.monotonic()
            await asyncio.sleep(0.5)
            looks = 1 + (time.monotonic() - began) // POLL_SECONDS
        # One look for all of them is allowed in that time: the poll for what other processes append.
        assert len(statements) <= looks, statements
        assert {json.loads(await socket.recv())["type"] for socket in sockets} == {"heartbeat"}
        await asyncio.gather(*[socket.close() for socket in sockets])
        await until(lambda: not metrics.listeners._value.get() and not backend.hub.newest)
