"""`adreel serve` as it is started, while strangers send headers without end, drop by drop, or nothing at all."""

from __future__ import annotations

import re
import resource
import socket
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from support.service import Process, serve

MEGABYTE = 1024 * 1024
HEAD = b"GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\n"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Process, str]]:
    process, address = serve(tmp_path_factory.mktemp("strangers"), ADREEL_LISTENERS_PER_USER="3")
    yield process, address
    process.stop()


def memory_mib(pid: int, field: str) -> float:
    found = re.search(rf"{field}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    assert found is not None
    return int(found.group(1)) / 1024


def opened(address: str) -> socket.socket:
    parts = urlsplit(address)
    return socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=20)


def sent_and_answered(address: str, first: bytes, more: bytes, megabytes: int) -> bytes:
    """Sends as much as it can, and gives what comes back."""
    with opened(address) as line:
        with suppress(OSError):
            line.sendall(first)
            for _ in range(megabytes * MEGABYTE // len(more)):
                line.sendall(more)
        with suppress(OSError):
            return line.recv(4096)
    return b""


def slowest(http: httpx.Client, count: int = 40) -> float:
    """Seconds of the slowest but one of so many requests."""
    times: list[float] = []
    for _ in range(count):
        started = time.perf_counter()
        assert http.get("/health").status_code == 200
        times.append(time.perf_counter() - started)
    return sorted(times)[-2]


@contextmanager
def held(address: str, count: int, sent: bytes) -> Generator[list[socket.socket]]:
    lines = [opened(address) for _ in range(count)]
    try:
        for line in lines:
            # One that was cut off at once is no fault of the test.
            with suppress(ConnectionError):
                line.sendall(sent)
        yield lines
    finally:
        for line in lines:
            line.close()


@pytest.mark.parametrize(
    ("first", "more"),
    [
        pytest.param(HEAD, b"x-many: 1\r\n" * 100_000, id="300 MB of headers"),
        pytest.param(HEAD + b"x: ", b"a" * MEGABYTE, id="one value of 300 MB"),
        pytest.param(b"GET /", b"a" * MEGABYTE, id="an address of 300 MB"),
    ],
)
def test_heads_without_end_cost_nothing_and_delay_no_one(
    service: tuple[Process, str], first: bytes, more: bytes
) -> None:
    process, address = service
    with httpx.Client(base_url=address, trust_env=False) as http:
        alone = slowest(http)
        before = memory_mib(process.pid, "VmHWM")
        attack = threading.Thread(target=sent_and_answered, args=(address, first, more, 300))
        attack.start()
        beside = slowest(http)
        attack.join()
        answer = sent_and_answered(address, first, more, 2)
    assert re.match(rb"HTTP/1\.1 (431|414) ", answer)
    assert memory_mib(process.pid, "VmHWM") - before < 40
    assert beside < max(1.0, 20 * alone)


def test_a_thousand_connections_that_say_nothing_or_half_delay_no_one(service: tuple[Process, str]) -> None:
    process, address = service
    before = memory_mib(process.pid, "VmRSS")
    with (
        httpx.Client(base_url=address, trust_env=False) as http,
        held(address, 500, b"") as silent,
        held(address, 500, HEAD + b"x-half: "),
    ):
        assert slowest(http) < 1
        assert memory_mib(process.pid, "VmRSS") - before < 60
        # They are ended by the service: nothing needs to be sent for that.
        silent[0].settimeout(40)
        assert silent[0].recv(1) == b""
        assert slowest(http) < 1


def test_one_user_follows_so_many_sessions_and_no_more(service: tuple[Process, str]) -> None:
    _, address = service
    session = httpx.post(f"{address}/api/sessions/create", json={}, trust_env=False).json()["session_id"]
    url = f"{address.replace('http', 'ws', 1)}/ws/{session}"
    with ExitStack() as listeners:
        # Which of the four is counted last is chance: the handshake is answered before a listener is counted.
        four = [listeners.enter_context(connect(url, proxy=None)) for _ in range(4)]
        (refused,) = [closed for closed in map(closing, reversed(four)) if closed is not None]
    assert refused.rcvd is not None
    assert (refused.rcvd.code, "close some" in refused.rcvd.reason) == (4429, True)


def closing(connection: ClientConnection) -> ConnectionClosed | None:
    """How the service closes it within 2 seconds; None where it stays open."""
    try:
        connection.recv(2)
    except ConnectionClosed as closed:
        return closed
    except TimeoutError:
        return None
    return None


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux sets the limits of another process")
def test_a_service_out_of_files_lives_and_answers_again(tmp_path: Path) -> None:
    process, address = serve(tmp_path)
    try:
        limit = len(list(Path(f"/proc/{process.pid}/fd").iterdir())) + 40
        resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (limit, limit))
        with held(address, 200, b""):
            time.sleep(0.5)
        deadline = time.monotonic() + 30
        answered = False
        while not answered and time.monotonic() < deadline:
            with suppress(httpx.TransportError):
                answered = httpx.get(f"{address}/ready", trust_env=False).status_code == 200
            time.sleep(0.2)
        assert answered, process.output
    finally:
        process.stop()
