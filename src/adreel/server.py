"""Runs the service in this process until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import Any, TypeVar

import uvicorn
import uvloop

from adreel.bootstrap.service import Desk, is_loopback, make_app, needs_login, open_desk
from adreel.domain.errors import LostLeaseError, SetupError
from adreel.routers.logs import log_handler
from adreel.settings import Settings

T = TypeVar("T")
Say = Callable[[str], None]
"""Tells the person at the terminal."""

_STOPPING = (signal.SIGINT, signal.SIGTERM)
_GRACE_SECONDS = 10
_BACKLOG = 2048
_MAX_MESSAGE = 4096
"""Bytes that a listener may send: it has nothing to say."""


def run_server(settings: Settings, host: str, port: int, say: Say, *, with_worker: bool) -> None:
    """API and, unless told otherwise, a worker. Raises SetupError, StorageError, and LostLeaseError."""
    _configure_logs(settings)
    run_loop(_serve(settings, host, port, say, with_worker=with_worker))


def run_worker(settings: Settings, say: Say) -> None:
    """A worker alone. Raises SetupError, StorageError, and LostLeaseError."""
    _configure_logs(settings)
    run_loop(_work(settings, say))


def run_loop(work: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` on the event loop of the service: libuv's, which takes a tenth off what hosted clips cost."""
    return uvloop.run(work)


def settle() -> None:
    """What is loaded by now stays: to look through it for garbage each time would hold the event loop up for 0.15 s."""
    gc.collect()
    gc.freeze()


async def _serve(settings: Settings, host: str, port: int, say: Say, *, with_worker: bool) -> None:
    with _listening(host, port) as door:
        async with open_desk(settings, with_worker=with_worker) as desk:
            app = make_app(desk, host)
            settle()
            config = uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=_GRACE_SECONDS,
                ws_max_size=_MAX_MESSAGE,
                ws_per_message_deflate=False,
            )
            server = _Server(config, lambda: say(_greeting(settings, host, door)))
            await _until_done(desk, server, door)


async def _until_done(desk: Desk, server: uvicorn.Server, door: socket.socket) -> None:
    """Serves until a signal comes, or until others have taken over this process's work."""
    serving = asyncio.create_task(server.serve(sockets=[door]))
    losing = asyncio.create_task(desk.lost())
    await asyncio.wait([serving, losing], return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    await serving
    if losing.done():
        raise _taken_over()
    losing.cancel()


class _Server(uvicorn.Server):
    """Greets once it answers. Signals make it stop and no more: its own way would end the process before work is put down."""

    def __init__(self, config: uvicorn.Config, greet: Callable[[], None]) -> None:
        super().__init__(config)
        self._greet = greet

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._greet()

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        loop = asyncio.get_running_loop()
        for name in _STOPPING:
            loop.add_signal_handler(name, self.handle_exit, name, None)
        try:
            yield
        finally:
            for name in _STOPPING:
                loop.remove_signal_handler(name)


async def _work(settings: Settings, say: Say) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in _STOPPING:
        loop.add_signal_handler(name, stopped.set)
    async with open_desk(settings, with_worker=True) as desk:
        settle()
        say("adreel worker is ready")
        stopping, losing = asyncio.create_task(stopped.wait()), asyncio.create_task(desk.lost())
        await asyncio.wait([stopping, losing], return_when=asyncio.FIRST_COMPLETED)
        if not stopped.is_set():
            raise _taken_over()
        losing.cancel()


def _configure_logs(settings: Settings) -> None:
    logging.basicConfig(level=logging.INFO, handlers=[log_handler(as_json=settings.log_json)])
    # One line for each request is the access log's business, which is ours.
    for name in ("httpx", "alembic", "uvicorn.error"):
        logging.getLogger(name).setLevel(logging.WARNING)


def _taken_over() -> LostLeaseError:
    return LostLeaseError("others have taken over the work of this process; it must be started again")


def _listening(host: str, port: int) -> socket.socket:
    """A socket that accepts connections once the app is ready. Raises SetupError."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        door = socket.create_server((host, port), family=family, backlog=_BACKLOG)
        # asyncio does this for sockets that it opens itself only. Without it every answer on a kept connection waits 40 ms
        # for the client's acknowledgement of the answer's head.
        door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return door
    except OSError as error:
        raise SetupError(f"cannot listen on {host}:{port}: {error.strerror or error}; choose another --port") from error


def _greeting(settings: Settings, host: str, door: socket.socket) -> str:
    port = door.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    who = "people log in" if needs_login(settings, host) else "for this machine only, nobody needs to log in"
    warning = "" if is_loopback(host) or settings.public_url else "; put a proxy with https before it"
    return f"adreel is at http://{shown}:{port} ({who}{warning})"
