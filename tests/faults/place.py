"""What a run has of its own: a provider, a database, flows, and a door for webhooks. All runs share one process and one cache."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from types import SimpleNamespace

import uvicorn
from fastapi import FastAPI

from adreel.billing.webhooks import Webhooks
from adreel.providers.common.provider_time import AskedTime, ProviderTime
from adreel.providers.common.webhooks import WebhookSecret
from adreel.providers.planning.fallback import DEFAULT_ORDER
from adreel.providers.replicate.client import open_client
from adreel.providers.replicate.webhooks import ReplicateWebhooks
from adreel.routers import webhooks
from adreel.routers.common.problems import add_handlers
from adreel.testing.replicate.clock import Clock
from adreel.testing.replicate.journal import Journal
from adreel.testing.replicate.server import create_app
from adreel.testing.replicate.world import Addresses, Rules, World
from support.hosted import POLICY, Shop, opened_shop

HOST = "127.0.0.1"


@asynccontextmanager
async def opened_place(folder: Path, database_url: str, shared: Path, seed: int) -> AsyncGenerator[tuple[Shop, World]]:
    """A shop that buys everything of a provider of its own."""
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(_provider(seed))
        clock = ProviderTime()
        opened = open_client("any", base_url=world.addresses.api, policy=POLICY, provider_time=clock)
        client = await stack.enter_async_context(opened)
        outputs = world.addresses.outputs.removeprefix("http://")
        shop = await stack.enter_async_context(opened_shop(folder, database_url, client, outputs, folder))
        shop.provider_time = clock
        shop.writers = DEFAULT_ORDER
        shop.flows = shop.worker(str(shared))
        yield shop, world


@asynccontextmanager
async def hooked(shop: Shop, world: World) -> AsyncGenerator[None]:
    """Within the block the provider is asked for webhooks."""

    async def unasked() -> str:
        raise AssertionError("the secret is known")

    times = AskedTime(shop.provider_time, unasked, shop.clock)
    hooks = Webhooks(
        {"replicate": ReplicateWebhooks(WebhookSecret(unasked, world.webhook_secret).get, times.now)},
        shop.ledger,
        shop.bell,
    )
    app = FastAPI()
    app.state.services = SimpleNamespace(webhooks=hooks)
    app.include_router(webhooks.router)
    add_handlers(app)
    with _listening() as door:
        shop.webhook = f"http://{HOST}:{door.getsockname()[1]}/api/webhooks/replicate"
        async with _served(app, door):
            yield


@asynccontextmanager
async def _provider(seed: int) -> AsyncGenerator[World]:
    with _listening() as api, _listening() as outputs:
        addresses = Addresses(f"{_address(api)}/v1", _address(outputs))
        rules = Rules(starting=0.02, processing=0.1, creates_per_minute=60_000, others_per_minute=60_000, alike=True)
        world = World(addresses, seed, Journal(None), Clock(), rules)
        async with _served(create_app(world), api, outputs):
            yield world


@asynccontextmanager
async def _served(app: FastAPI, *doors: socket.socket) -> AsyncGenerator[None]:
    config = uvicorn.Config(app, log_level="critical", access_log=False, http="h11", ws="none", date_header=False)
    config.timeout_graceful_shutdown = 1
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve(list(doors)))
    while not server.started:  # noqa: ASYNC110 (a server tells by this flag only)
        await asyncio.sleep(0.005)
    try:
        yield
    finally:
        server.should_exit = True
        await serving


def _listening() -> closing[socket.socket]:
    return closing(socket.create_server((HOST, 0), backlog=256))


def _address(door: socket.socket) -> str:
    return f"http://{HOST}:{door.getsockname()[1]}"
