"""The API as a process of its own, which dies at a chosen point: ``python -m crash.front PORT``, settings in the environment.

``CRASH_AT`` is one of `PLACES` and a piece of a path: the process kills itself the first time a request with a key comes there.
It touches ``CRASH_READY`` once it answers.
"""

from __future__ import annotations

import asyncio
import contextvars
import os
import sys
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

from crash import clock

if __name__ == "__main__":
    clock.install()

import uvicorn
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adreel.bootstrap.catalogues import open_catalogues
from adreel.bootstrap.core import open_core
from adreel.bootstrap.database import engine_database_url
from adreel.bootstrap.deletions import open_deletions
from adreel.bootstrap.service import ServiceContext
from adreel.bootstrap.settings import read_settings
from adreel.orchestrator.engine.client import DurableClient
from adreel.orchestrator.queue_loads import QueueLoads
from adreel.orchestrator.video_orchestrator import VideoGenerationOrchestrator
from adreel.server import build
from adreel.server.build import make_app
from adreel.services.accounts import idempotency as idempotency_service
from adreel.services.accounts.idempotency import Claim, IdempotencyService, KeptAnswer
from adreel.services.receipts import Receipt
from crash.door import ANSWERED, CLAIMED, COMMITTED, WRITTEN
from crash.worker import SIZES, die

TAKEN_OVER = timedelta(seconds=2)
_path: contextvars.ContextVar[str] = contextvars.ContextVar("path", default="")


def pass_through(place: str) -> None:
    wanted, _, path = os.environ.get("CRASH_AT", "").partition(" at ")
    if wanted == place and path in _path.get():
        die()


class DoomedService(IdempotencyService):
    async def claim(self, user_id: str, path: str, key: str, request_hash: str) -> Claim | KeptAnswer:
        claimed = await super().claim(user_id, path, key, request_hash)
        pass_through(CLAIMED)
        return claimed

    def receipt(self, claim: Claim, answer: Callable[[Any], KeptAnswer]) -> Receipt[Any]:
        keep = super().receipt(claim, answer)

        async def kept(transaction: AsyncSession, done: Any) -> None:
            await keep(transaction, done)
            pass_through(WRITTEN)
            event.listen(transaction.sync_session, "after_commit", _committed, once=True)

        return kept


def _committed(_session: object) -> None:
    pass_through(COMMITTED)


class DoomedAnswers:
    """Notes which request is at work, and may die before its answer is sent."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name for name, _ in scope.get("headers", [])}
        _path.set(scope["path"] if b"idempotency-key" in headers else "")

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200 and _path.get():
                pass_through(ANSWERED)
            await send(message)

        await self._app(scope, receive, sending)


async def main(port: int) -> None:
    settings = read_settings()
    idempotency_service.TAKEN_OVER = TAKEN_OVER
    setattr(build, "IdempotencyService", DoomedService)  # noqa: B010 (a constant for type checkers)
    async with open_core(settings) as core, AsyncExitStack() as stack:
        client = DurableClient(engine_database_url(settings))
        await client.open()
        orchestrator = VideoGenerationOrchestrator(
            core.sessions,
            core.ledger,
            core.progress,
            client,
            core.catalogue.videos,
            core.providers,
            SIZES,
            image_models=core.catalogue.images,
        )
        deletions = await stack.enter_async_context(open_deletions(core, client))
        queues, catalogues = QueueLoads(client, core.time), open_catalogues(core, client)
        context = ServiceContext(core, orchestrator, client, None, deletions, queues, catalogues)
        app = make_app(context, "127.0.0.1")
        config = uvicorn.Config(
            DoomedAnswers(app), port=port, log_level="error", access_log=False, ws="none", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 (a server tells by this flag only)
            await asyncio.sleep(0.02)
        Path(os.environ["CRASH_READY"]).touch()
        await serving


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
