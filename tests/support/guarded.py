"""A guarded server in this event loop, with an app that does little, and raw sockets to it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass

import uvicorn
from starlette.types import Receive, Scope, Send

from adreel.server.connections.gate import Gate
from adreel.server.connections.guarded import guarded
from adreel.server.connections.limits import ConnectionLimits

QUICK = ConnectionLimits(
    head_seconds=0.6,
    body_seconds=0.4,
    body_rate=1000,
    pause_seconds=0.8,
    send_seconds=0.6,
    linger_seconds=0.2,
    drain_seconds=0.5,
    check_seconds=0.1,
)
"""Times that a test can wait for."""

ENOUGH = 20.0
BIG = 64 * 1024 * 1024


@dataclass
class Place:
    """The server's address, its gate, and what the app has been asked for."""

    port: int
    gate: Gate
    asked: list[str]

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def exchange(self, *parts: bytes, pause: float = 0.0) -> bytes:
        """Sends the parts with a pause between them, and gives all that comes until the connection ends."""
        reader, writer = await self.open()
        sending = asyncio.create_task(_send(writer, parts, pause))
        try:
            async with asyncio.timeout(ENOUGH):
                return await _rest(reader)
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            writer.close()

    async def get(self) -> int:
        """The status of an ordinary request."""
        answer = await self.exchange(b"GET /fine HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        return status_of(answer)

    async def empty(self) -> None:
        """Returns once no connection is open."""
        await self.held(0)

    async def held(self, count: int) -> None:
        """Returns once so many connections are open."""
        async with asyncio.timeout(ENOUGH):
            while len(self.gate) != count:  # noqa: ASYNC110 (a count has no event to wait for)
                await asyncio.sleep(0.02)


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


@asynccontextmanager
async def guarded_server(limits: ConnectionLimits = QUICK, proxies: tuple[str, ...] = ()) -> AsyncGenerator[Place]:
    gate, asked = Gate(limits, proxies), list[str]()
    http, ws = guarded(gate)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await _answer(scope, receive, send, asked)

    config = uvicorn.Config(
        app, http=http, ws=ws, log_config=None, lifespan="off", ws_max_size=4096, timeout_graceful_shutdown=2
    )
    server = uvicorn.Server(config)
    with closing(socket.create_server(("127.0.0.1", 0), backlog=2048)) as door:
        task = asyncio.create_task(server.serve(sockets=[door]))
        while not server.started:  # noqa: ASYNC110 (a server tells by this flag only)
            await asyncio.sleep(0.01)
        try:
            yield Place(door.getsockname()[1], gate, asked)
        finally:
            server.should_exit = True
            await task


async def _answer(scope: Scope, receive: Receive, send: Send, asked: list[str]) -> None:
    asked.append(scope["path"])
    if scope["type"] == "websocket":
        await _listen(receive, send)
        return
    if scope["path"] == "/refused":
        await _send_answer(send, 413, b"no")
        return
    if scope["path"] == "/big":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", str(BIG).encode())]})
        for _ in range(BIG // 65536):
            await send({"type": "http.response.body", "body": bytes(65536), "more_body": True})
        await send({"type": "http.response.body"})
        return
    while (message := await receive())["type"] == "http.request" and message.get("more_body"):
        if scope["path"] == "/slow-app":
            await asyncio.sleep(0.3)
    if message["type"] == "http.disconnect":
        asked.append("gone")
        return
    await _send_answer(send, 200, b"fine")


async def _send_answer(send: Send, status: int, body: bytes) -> None:
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _listen(receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    while (await receive())["type"] != "websocket.disconnect":
        pass


async def _send(writer: asyncio.StreamWriter, parts: tuple[bytes, ...], pause: float) -> None:
    for part in parts:
        writer.write(part)
        with suppress(ConnectionError):
            await writer.drain()
        await asyncio.sleep(pause)


async def _rest(reader: asyncio.StreamReader) -> bytes:
    got = b""
    with suppress(ConnectionError):
        while some := await reader.read(65536):
            got += some
    return got
