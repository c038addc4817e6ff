"""Answers that are not what was hoped for: problem documents, and connections that break."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send


class Problem(Exception):  # noqa: N818
    """Becomes an answer of type application/problem+json."""

    def __init__(self, status: int, title: str, detail: str, **more: object) -> None:
        super().__init__(detail)
        self.status = status
        self.body = {"title": title, "detail": detail, "status": status, **more}

    @property
    def headers(self) -> Mapping[str, str]:
        wait = self.body.get("retry_after")
        return {} if wait is None else {"retry-after": str(wait)}


class BrokenConnection(Exception):  # noqa: N818
    """The connection is closed without an answer."""


async def problem_answer(_request: Request, problem: Exception) -> Response:
    """Handles Problem."""
    if not isinstance(problem, Problem):
        raise problem
    return JSONResponse(problem.body, problem.status, dict(problem.headers), media_type="application/problem+json")


async def broken_answer(_request: Request, _error: Exception) -> Response:
    """Handles BrokenConnection."""
    return Dropped()


def _transport(receive: Receive) -> Any:  # noqa: ANN401
    """The connection below: the server keeps it where its `receive` is a method of."""
    return getattr(receive, "__self__").transport  # noqa: B009


class Dropped(Response):
    """Closes the connection without a word."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        _transport(receive).abort()


class CutShort(Response):
    """Promises all of its content, sends half and closes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        body = bytes(self.body)
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        # The half must be on its way before the end: closing at once could overtake it.
        await asyncio.sleep(0.05)
        _transport(receive).close()
