"""What strangers send before there is a request: raw sockets against a guarded server."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import struct
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from support.guarded import ENOUGH, QUICK, guarded_server, status_of

HEAD = b"GET /fine HTTP/1.1\r\nhost: a\r\n"
POST = b"POST /fine HTTP/1.1\r\nhost: a\r\n"
CHUNKED = POST + b"transfer-encoding: chunked\r\n\r\n"
UPGRADE = (
    b"GET /ws HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n"
    b"sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)
MEGABYTE = 1024 * 1024


def memory_kib() -> int:
    """What this process, and so the server in it, holds."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def frame(opcode: int, payload: bytes) -> bytes:
    """One masked frame of a client (RFC 6455, 5.2), with a mask of zeros. Payloads of up to 125 bytes."""
    return struct.pack("!BB4s", 0x80 | opcode, 0x80 | len(payload), bytes(4)) + payload


async def test_an_ordinary_request_is_answered_and_so_are_many_on_one_connection() -> None:
    async with guarded_server() as place:
        answer = await place.exchange(HEAD + b"\r\n", HEAD + b"\r\n", HEAD + b"connection: close\r\n\r\n", pause=0.1)
        assert answer.count(b"200 OK") == 3
        assert await place.get() == 200


@pytest.mark.parametrize(
    ("status", "parts"),
    [
        pytest.param(431, (HEAD + b"x: ", *[b"a" * MEGABYTE] * 100), id="one value of 100 MB"),
        pytest.param(431, (HEAD, *[b"x-one: 1\r\n" * 50_000] * 20), id="a million small headers"),
        pytest.param(431, (HEAD, b"n" * MEGABYTE), id="a name that does not end"),
        pytest.param(431, (HEAD + b"x: " + b"a" * 70_000 + b"\r\n\r\n",), id="over the limit and whole"),
        pytest.param(431, (HEAD + b"x: 1\r\n" * 101 + b"\r\n",), id="one header too many"),
        pytest.param(414, (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nhost: a\r\n\r\n",), id="a long address"),
        pytest.param(414, (b"GET /", *[b"a" * MEGABYTE] * 100), id="an address that does not end"),
        pytest.param(400, (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 10,), id="TLS, spoken to a plain port"),
        pytest.param(400, (CHUNKED, b"5;", *[b"e" * MEGABYTE] * 100), id="a chunk extension that does not end"),
        pytest.param(431, (CHUNKED, b"0\r\n", *[b"t: 1\r\n" * 10_000] * 10), id="trailers without end"),
        pytest.param(400, (CHUNKED, b"0\r\nt: ", *[b"t" * MEGABYTE] * 50), id="one trailer without end"),
    ],
)
async def test_what_is_too_large_is_refused_before_it_is_kept(status: int, parts: tuple[bytes, ...]) -> None:
    async with guarded_server() as place:
        await place.get()
        before = memory_kib()
        answer = await place.exchange(*parts)
        assert status_of(answer) == status
        head, _, body = answer.partition(b"\r\n\r\n")
        assert b"application/problem+json" in head
        assert json.loads(body)["status"] == status
        assert memory_kib() - before < 30 * 1024
        assert await place.get() == 200
        await place.empty()


async def test_pipelined_requests_are_answered_up_to_a_number() -> None:
    async with guarded_server() as place:
        few = await place.exchange((HEAD + b"\r\n") * 8 + HEAD + b"connection: close\r\n\r\n")
        assert few.count(b"200 OK") == 9
        many = await place.exchange((HEAD + b"\r\n") * 20_000)
        assert status_of(many) == 400
        assert len(place.asked) < 200


@pytest.mark.parametrize(
    ("status", "first", "drop"),
    [
        pytest.param(408, b"", b"G", id="a request line"),
        pytest.param(408, HEAD + b"x: ", b"a", id="a header"),
        pytest.param(408, b"", b"\r\n", id="empty lines"),
        pytest.param(408, POST + b"content-length: 100000\r\n\r\n", b"b", id="a body"),
        pytest.param(408, CHUNKED, b"1\r\nb\r\n", id="a body in chunks"),
        pytest.param(408, CHUNKED, b"1", id="the size of a chunk"),
    ],
)
async def test_what_comes_drop_by_drop_is_ended(status: int, first: bytes, drop: bytes) -> None:
    async with guarded_server() as place:
        started = asyncio.get_running_loop().time()
        drops = [b"P", *[b"\x4f\x53\x54"]] if drop == b"G" else [drop] * 200
        answer = await place.exchange(first, *drops, *[b""] * 200, pause=0.05)
        assert status_of(answer) == status
        assert asyncio.get_running_loop().time() - started < ENOUGH / 2
        await place.empty()


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="nothing at all"),
        pytest.param(b"GET / HT", id="half a line"),
        pytest.param(POST + b"content-length: 10\r\n\r\n", id="no body"),
        pytest.param(HEAD + b"\r\n", id="nothing after an answer"),
    ],
)
async def test_half_open_connections_do_not_stay(sent: bytes) -> None:
    async with guarded_server(replace(QUICK, keep_alive_seconds=1)) as place:
        _, writer = await place.open()
        writer.write(sent)
        await place.held(1)
        await place.empty()
        writer.close()


async def test_a_body_that_was_being_read_ends_for_the_app_as_well() -> None:
    async with guarded_server() as place:
        await place.exchange(POST + b"content-length: 10\r\n\r\n", b"abc")
        async with asyncio.timeout(ENOUGH):
            while "gone" not in place.asked:  # noqa: ASYNC110 (a list has no event to wait for)
                await asyncio.sleep(0.02)


async def test_a_steady_body_may_take_longer_than_the_grace_and_an_app_may_be_slow_to_read_it() -> None:
    async with guarded_server() as place:
        steady = await place.exchange(
            POST + b"connection: close\r\ncontent-length: 10000\r\n\r\n", *[b"b" * 500] * 20, pause=0.08
        )
        assert status_of(steady) == 200
        slow = b"POST /slow-app HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 700000\r\n\r\n"
        assert status_of(await place.exchange(slow, *[b"b" * 70_000] * 10)) == 200


async def test_a_body_that_the_answer_did_not_need_is_dropped_for_a_while_only() -> None:
    async with guarded_server() as place:
        head = b"POST /refused HTTP/1.1\r\nhost: a\r\ncontent-length: 1000000000\r\n\r\n"
        answer = await place.exchange(head, *[b"b" * 1000] * 400, pause=0.02)
        assert status_of(answer) == 413
        await place.empty()


async def test_who_never_reads_an_answer_is_cut_off() -> None:
    async with guarded_server() as place:
        _, writer = await place.open()
        before = memory_kib()
        writer.write(b"GET /big HTTP/1.1\r\nhost: a\r\n\r\n")
        writer.transport.pause_reading()  # pyright: ignore[reportAttributeAccessIssue] (a stream's transport reads)
        await place.held(1)
        await place.empty()
        assert memory_kib() - before < 30 * 1024
        writer.close()


async def test_a_thousand_idle_connections_delay_no_one_and_do_not_stay() -> None:
    async with guarded_server(replace(QUICK, head_seconds=5)) as place:
        before = memory_kib()
        held = await asyncio.gather(*[place.open() for _ in range(400)])
        await place.held(400)
        assert await place.get() == 200
        assert memory_kib() - before < 60 * 1024
        await place.empty()
        for _, writer in held:
            writer.close()


async def test_no_more_connections_than_there_may_be() -> None:
    async with guarded_server(replace(QUICK, connections=5, head_seconds=30)) as place:
        held = [await place.open() for _ in range(5)]
        assert await place.get() == 503
        held.pop()[1].close()
        async with asyncio.timeout(ENOUGH):
            while await place.get() != 200:  # noqa: ASYNC110 (a place becomes free when the server has noticed)
                await asyncio.sleep(0.02)
        for _, writer in held:
            writer.close()


async def test_a_websocket_may_stay_and_say_little() -> None:
    async with guarded_server() as place:
        reader, writer = await place.open()
        writer.write(UPGRADE)
        assert b"101" in await reader.readuntil(b"\r\n\r\n")
        for _ in range(10):
            writer.write(frame(0x9, b"ping"))
            assert (await reader.readexactly(6))[2:] == b"ping"
            await asyncio.sleep(0.15)
        assert len(place.gate) == 1
        writer.close()
        await place.empty()


@pytest.mark.parametrize(
    "flood",
    [
        pytest.param(frame(0x9, b"p" * 125), id="pings whose answers are not read"),
        pytest.param(frame(0x2, b"m" * 100), id="messages"),
        pytest.param(frame(0xA, b""), id="unasked pongs"),
        pytest.param(b"\x00\x80\x00\x00\x00\x00", id="empty continuations"),
    ],
)
async def test_a_websocket_that_floods_is_cut_off(flood: bytes) -> None:
    async with guarded_server() as place:
        reader, writer = await place.open()
        writer.write(UPGRADE)
        await reader.readuntil(b"\r\n\r\n")
        assert len(place.gate) == 1
        writer.write(b"\x01\x80\x00\x00\x00\x00" if flood[0] == 0 else b"")
        with suppress(ConnectionError):
            for _ in itertools.repeat(None, 100):
                writer.write(flood * 1000)
                await asyncio.sleep(0.01)
        await place.empty()
        writer.close()


async def test_others_are_answered_meanwhile() -> None:
    """A hundred attackers of every kind: an ordinary request takes its own time, not theirs."""
    async with guarded_server(replace(QUICK, head_seconds=5)) as place:
        attackers = [
            asyncio.create_task(place.exchange(first, *[drop] * 400, pause=0.05))
            for first, drop in ((HEAD + b"x: ", b"a"), (CHUNKED, b"1\r\nb\r\n"), (HEAD + b"x: ", b"a" * 8000)) * 33
        ]
        await asyncio.sleep(0.2)
        statuses = [await asyncio.wait_for(place.get(), 5) for _ in range(20)]
        assert statuses == [200] * 20
        for attacker in attackers:
            attacker.cancel()
        await asyncio.gather(*attackers, return_exceptions=True)
