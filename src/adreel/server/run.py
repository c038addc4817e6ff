"""Runs the service or a worker in this process until a signal stops it."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import sys
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import Any, TypeVar

import uvicorn
import uvloop

from adreel.bootstrap.service import ServiceContext, open_service_context
from adreel.bootstrap.settings import Settings
from adreel.domain.errors import LostLeaseError
from adreel.domain.network import is_loopback
from adreel.media.process_tuning import tune_process
from adreel.routers.common.metrics import log_handler
from adreel.server.build import make_app
from adreel.server.connections.gate import Gate
from adreel.server.connections.guarded import guarded
from adreel.server.connections.limits import ConnectionLimits
from adreel.server.connections.open_files import raise_open_files
from adreel.server.exposure import login_reason
from adreel.server.listening import listening, url_of
from adreel.server.worker_metrics import serving_metrics

T = TypeVar("T")
Say = Callable[[str], None]
"""Prints a line to the terminal."""

_STOPPING = (signal.SIGINT, signal.SIGTERM)
_GRACE_SECONDS = 10
_SWITCH_SECONDS = 0.0005
_OWN_FILES = 256
"""Open files reserved for databases, stored files and pipes, in addition to the connections."""

_MIN_CONNECTIONS = 16
_MAX_MESSAGE = 4096
"""Largest WebSocket message that clients may send, in bytes; the protocol expects none."""


def run_server(settings: Settings, host: str, port: int, say: Say, *, with_worker: bool) -> None:
    """Runs the API and, if `with_worker`, a worker. Raises SetupError, StorageError, LostLeaseError."""
    _prepare_process(settings)
    run_loop(_serve(settings, host, port, say, with_worker=with_worker))


def run_worker(settings: Settings, say: Say) -> None:
    """Runs a worker without the API. Raises SetupError, StorageError, LostLeaseError."""
    _prepare_process(settings)
    run_loop(_work(settings, say))


def run_loop(work: Coroutine[Any, Any, T]) -> T:
    """Like `asyncio.run`, on uvloop, which saves a tenth of the overhead of hosted clips."""
    return uvloop.run(work)


def settle() -> None:
    """Excludes all objects loaded so far from garbage collection: scanning them would block the event loop for 0.15 s. Lets
    threads that wait for the interpreter's lock have it after half a millisecond: a small request takes the lock a dozen times,
    and each time waited for 5 ms beside drawing threads.
    """
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(_SWITCH_SECONDS)


async def _serve(settings: Settings, host: str, port: int, say: Say, *, with_worker: bool) -> None:
    with listening(host, port, "choose another --port") as listener:
        async with open_service_context(settings, with_worker=with_worker) as context:
            # The bound address, not the requested name: a name may resolve to any address.
            app = make_app(context, listener.getsockname()[0])
            settle()
            gate = Gate(_limits(settings))
            http, ws = guarded(gate)
            config = uvicorn.Config(
                app,
                http=http,
                ws=ws,
                timeout_keep_alive=gate.limits.keep_alive_seconds,
                log_config=None,
                access_log=False,
                server_header=False,
                # The setting of trusted proxies decides; uvicorn would trust every process on this machine.
                proxy_headers=False,
                timeout_graceful_shutdown=_GRACE_SECONDS,
                ws_max_size=_MAX_MESSAGE,
                ws_per_message_deflate=False,
            )
            server = _Server(config, lambda: say(_greeting(settings, host, listener)))
            await _until_done(context, server, listener)


async def _until_done(context: ServiceContext, server: uvicorn.Server, listener: socket.socket) -> None:
    """Serves until a signal arrives. Raises LostLeaseError when other processes have taken over this process's work."""
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    lease_lost = asyncio.create_task(context.lost())
    await asyncio.wait([serving, lease_lost], return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    await serving
    if lease_lost.done():
        raise _taken_over()
    lease_lost.cancel()


class _Server(uvicorn.Server):
    """Prints the greeting once it accepts requests. Signals only stop it; uvicorn itself would exit before jobs are released."""

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
    async with (
        open_service_context(settings, with_worker=True) as context,
        serving_metrics(settings, context.core.counts) as metrics,
    ):
        settle()
        say("adreel worker is ready" + (f", its metrics are at {metrics}" if metrics else ""))
        stopping, lease_lost = asyncio.create_task(stopped.wait()), asyncio.create_task(context.lost())
        await asyncio.wait([stopping, lease_lost], return_when=asyncio.FIRST_COMPLETED)
        if not stopped.is_set():
            raise _taken_over()
        lease_lost.cancel()


def _limits(settings: Settings) -> ConnectionLimits:
    """The limits of the settings, reduced so that file descriptors remain for other files."""
    room = max(_MIN_CONNECTIONS, raise_open_files() - _OWN_FILES)
    return ConnectionLimits(
        connections=min(settings.max_connections, room), per_address=settings.max_connections_per_address
    )


def _prepare_process(settings: Settings) -> None:
    tune_process()
    _configure_logs(settings)


def _configure_logs(settings: Settings) -> None:
    logging.basicConfig(level=logging.INFO, handlers=[log_handler(as_json=settings.log_json)])
    # Our own access log already has one line per request.
    for name in ("httpx", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # It warns of every malformed request: strangers could fill the disk that way.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)


def _taken_over() -> LostLeaseError:
    return LostLeaseError("other processes have taken over the work of this process; start it again")


def _greeting(settings: Settings, host: str, listener: socket.socket) -> str:
    address = listener.getsockname()[0]
    reason = login_reason(settings, address)
    access = f"login required because of {reason}" if reason else "for this machine only, without a login"
    warning = "" if is_loopback(address) or settings.public_url else "; put a proxy with https in front of it"
    return f"adreel is at {url_of(host, listener)} ({access}{warning})"
