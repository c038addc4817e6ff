from __future__ import annotations

import asyncio
import json
import resource

import pytest

from adreel.server.connections.gate import Gate
from adreel.server.connections.limits import ConnectionLimits
from adreel.server.connections.open_files import raise_open_files
from adreel.server.connections.refusals import LARGE_HEAD

STRANGER = "203.0.113.7"


class Line:
    """A connection that counts how often it is looked at."""

    def __init__(self) -> None:
        self.looks = 0

    def check_timeouts(self, now: float) -> None:
        self.looks += 1


async def test_one_address_has_so_many_and_others_have_theirs() -> None:
    gate = Gate(ConnectionLimits(connections=100, per_address=2))
    first = Line()
    assert gate.enter(first, STRANGER)
    assert gate.enter(Line(), STRANGER)
    assert not gate.enter(Line(), STRANGER)
    assert gate.enter(Line(), "203.0.113.8")
    gate.leave(first)
    assert not gate.enter(Line(), STRANGER), "one that is being refused still has its place"


@pytest.mark.parametrize("address", ["127.0.0.1", "127.3.2.1", "::1", "10.0.0.1", ""])
async def test_addresses_that_stand_for_many_are_not_counted_each(address: str) -> None:
    gate = Gate(ConnectionLimits(connections=100, per_address=1), proxies=["10.0.0.1"])
    assert all(gate.enter(Line(), address) for _ in range(50))


async def test_no_number_for_an_address_is_any_number() -> None:
    gate = Gate(ConnectionLimits(connections=100, per_address=0))
    assert all(gate.enter(Line(), STRANGER) for _ in range(100))
    assert not gate.enter(Line(), STRANGER)


async def test_beyond_those_that_can_be_refused_all_are_cut_off() -> None:
    gate = Gate(ConnectionLimits(connections=1))
    for _ in range(257):
        assert not gate.is_overrun
        gate.enter(Line(), "127.0.0.1")
    assert gate.is_overrun


async def test_open_connections_are_looked_at_and_an_empty_gate_rests() -> None:
    gate, line = Gate(ConnectionLimits(check_seconds=0.01)), Line()
    gate.enter(line, STRANGER)
    async with asyncio.timeout(10):
        while line.looks < 3:  # noqa: ASYNC110 (a count has no event to wait for)
            await asyncio.sleep(0.01)
    gate.leave(line)
    gate.leave(line)
    assert len(gate) == 0
    await asyncio.sleep(0.05)
    seen = line.looks
    await asyncio.sleep(0.05)
    assert line.looks == seen
    gate.enter(line, STRANGER)
    async with asyncio.timeout(10):
        while line.looks == seen:  # noqa: ASYNC110 (the same)
            await asyncio.sleep(0.01)


def test_a_refusal_is_a_whole_answer() -> None:
    head, _, body = LARGE_HEAD.encoded([(b"date", b"today")]).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\ndate: today\r\n")
    assert f"content-length: {len(body)}".encode() in head
    assert b"connection: close" in head
    assert json.loads(body)["type"] == "urn:adreel:problem:too-large"


def test_as_many_files_may_be_open_as_the_system_lets_us() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (128, before[1]))
        reached = raise_open_files()
        assert reached == resource.getrlimit(resource.RLIMIT_NOFILE)[0] > 128
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
