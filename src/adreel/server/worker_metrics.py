"""The metrics of a worker without an API, at an address of their own. They follow the rules of the API's ``/metrics``."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Annotated
from urllib.parse import urlsplit

import uvicorn
from fastapi import FastAPI, Security
from fastapi.responses import Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from adreel.bootstrap.remedies import setting
from adreel.bootstrap.settings import Settings
from adreel.domain.errors import SetupError
from adreel.domain.network import is_loopback
from adreel.domain.work.work_counts import WorkCounts
from adreel.routers.common.guards import GuardMiddleware, HostOriginPolicy
from adreel.routers.common.metrics import CONTENT_TYPE
from adreel.routers.common.options import AppOptions
from adreel.routers.common.problems import add_handlers
from adreel.routers.common.usage_metrics import work_metrics
from adreel.routers.health import check_metrics_token
from adreel.server.listening import listening, url_of
from adreel.server.telemetry import NO_TELEMETRY

_NAME, _TOKEN = setting("worker_metrics"), setting("metrics_token")
_GRACE_SECONDS = 1
_MOST_AT_ONCE = 16

_Credentials = Annotated[HTTPAuthorizationCredentials | None, Security(HTTPBearer(auto_error=False))]


def metrics_app(counts: WorkCounts, options: AppOptions) -> FastAPI:
    """Serves ``/metrics`` and nothing else."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, telemetry=NO_TELEMETRY)

    @app.get("/metrics")
    async def get_metrics(credentials: _Credentials) -> Response:  # pyright: ignore[reportUnusedFunction] (a route)
        check_metrics_token(options, credentials.credentials if credentials else None)
        return Response(work_metrics(counts), media_type=CONTENT_TYPE)

    add_handlers(app)
    app.add_middleware(GuardMiddleware, policy=HostOriginPolicy(options))
    return app


@asynccontextmanager
async def serving_metrics(settings: Settings, counts: WorkCounts) -> AsyncGenerator[str | None]:
    """Serves the metrics during the block; gives their address, None where the settings name none. Raises SetupError."""
    if settings.worker_metrics is None:
        yield None
        return
    host, port = split_address(settings.worker_metrics)
    with listening(host, port, f"choose another {_NAME}") as listener:
        options = _options(settings, listener.getsockname()[0])
        server = _Server(_config(metrics_app(counts, options)))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield f"{url_of(host, listener)}/metrics"
        finally:
            server.should_exit = True
            await serving


def split_address(text: str) -> tuple[str, int]:
    """Host and port of an address such as ``127.0.0.1:9100``. Raises SetupError."""
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or port is None or any(character in text for character in "/?#@"):
        raise SetupError(f"{_NAME}={text} is no address with a port; write it as 127.0.0.1:9100")
    return host, port


def _options(settings: Settings, address: str) -> AppOptions:
    """`address` is the one that was bound: a name may resolve to any."""
    token = None if settings.metrics_token is None else settings.metrics_token.get_secret_value()
    if token is None and not is_loopback(address):
        raise SetupError(f"{_NAME} lets other machines read the metrics: set {_TOKEN}, or serve them at 127.0.0.1")
    return AppOptions(auth_required=token is not None, metrics_token=token)


def _config(app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        limit_concurrency=_MOST_AT_ONCE,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


class _Server(uvicorn.Server):
    """Leaves signals to the worker."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield
