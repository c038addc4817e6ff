"""Puts the stand-in together and serves it on two loopback ports: the API's and the output host's."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from adreel.testing.replicate import api, control, files
from adreel.testing.replicate.admission import Allowance
from adreel.testing.replicate.clock import Clock
from adreel.testing.replicate.dates import Dates
from adreel.testing.replicate.journal import Journal
from adreel.testing.replicate.problems import BrokenConnection, Problem, broken_answer, problem_answer
from adreel.testing.replicate.webhooks import deliver_forever
from adreel.testing.replicate.world import Addresses, Rules, World

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Options:
    """How to start. Port 0 takes any that is free; `state` None keeps nothing over a restart.

    `seed` None: that of the state, or a random one, so that a restart repeats no id.
    """

    port: int = 0
    output_port: int = 0
    state: Path | None = None
    seed: int | None = None


def create_app(world: World) -> FastAPI:
    """The application around a state."""

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncGenerator[None]:
        postman = asyncio.create_task(deliver_forever(world))
        yield
        postman.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await postman

    app = FastAPI(title="Stand-in for Replicate", lifespan=lifespan)
    app.state.world = world
    app.state.allowance = Allowance()
    for part in (api, files, control):
        app.include_router(part.router)
    app.add_middleware(Dates, world=world)
    app.add_exception_handler(Problem, problem_answer)
    app.add_exception_handler(BrokenConnection, broken_answer)
    return app


async def serve(options: Options, announce: Callable[[str], None]) -> None:
    """Serves until SIGINT or SIGTERM. `announce` receives the address once it answers."""
    with _listen(options.port) as api_socket, _listen(options.output_port) as output_socket:
        addresses = Addresses(f"{_address(api_socket)}/v1", _address(output_socket))
        journal = Journal(options.state)
        seed = journal.seed() if options.seed is None else options.seed
        world = World(addresses, seed, journal, Clock(), Rules())
        # A call that is being slow on request must not hold up the end.
        config = uvicorn.Config(
            create_app(world),
            log_level="critical",
            http="h11",
            ws="none",
            timeout_graceful_shutdown=1,
            date_header=False,
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[api_socket, output_socket]))
        await _started(server, serving)
        announce(_address(api_socket))
        await serving


async def _started(server: uvicorn.Server, serving: asyncio.Task[None]) -> None:
    while True:
        if server.started or serving.done():
            return
        await asyncio.sleep(0.01)


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Connections inherit it: an answer's body does not wait for the other side to have acknowledged its header.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    listener.bind((HOST, port))
    return listener


def _address(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}"
