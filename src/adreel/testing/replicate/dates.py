"""The header Date of every answer, by the stand-in's own clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from adreel.testing.replicate.clock import http_date

if TYPE_CHECKING:
    from adreel.testing.replicate.world import World


class Dates:
    """Serve with ``date_header=False``: the server's own would be the machine's."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self._app = app
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                clock = self._world.clock
                date = http_date(clock.shown(clock.now())).encode()
                message["headers"] = [*message.get("headers", ()), (b"date", date)]
            await send(message)

        await self._app(scope, receive, dated if scope["type"] == "http" else send)
