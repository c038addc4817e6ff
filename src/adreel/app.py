"""The app: routes, what surrounds them, and what runs beside them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.cors import CORSMiddleware

from adreel.intake import PhotoIntake
from adreel.routers import (
    account,
    auth,
    choices,
    examples,
    generation,
    health,
    media,
    models,
    previews,
    progress,
    sessions,
    webhooks,
)
from adreel.routers.guards import BodyLimitMiddleware, GuardMiddleware, Visitors
from adreel.routers.idempotency import REPLAYED
from adreel.routers.metrics import Metrics
from adreel.routers.middleware import REQUEST_ID, RequestMiddleware
from adreel.routers.options import AppOptions
from adreel.routers.problems import add_handlers
from adreel.routers.schemas.problems import FieldProblem
from adreel.routers.schemas.problems import Problem as ProblemBody
from adreel.routers.services import Services
from adreel.services.idempotency_service import IdempotencyService
from adreel.version import __version__
from adreel.web import login, pages
from adreel.web.routes import add_error_page

OPENAPI_PATH = "/api/openapi.json"
_TIDY_SECONDS = 3600.0
_ROUTERS = (auth, account, sessions, generation, models, choices, previews, examples, media, health, progress, webhooks)
_log = logging.getLogger("adreel.api")


def create_app(services: Services, options: AppOptions) -> FastAPI:
    """The API over these services. Nothing is opened or started before the app's lifespan begins."""
    app = FastAPI(
        title="adreel",
        version=__version__,
        summary="Product photos in, finished video ads out.",
        openapi_url=OPENAPI_PATH,
        # FastAPI's own pages load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan,
        generate_unique_id_function=_operation_id,
    )
    app.state.services, app.state.options, app.state.metrics = services, options, Metrics()
    app.state.readiness = health.Readiness(services.checks)
    app.state.intake = PhotoIntake(services.sessions, services.storage, services.make_id, options.decoders)
    for module in (*_ROUTERS, login, pages):
        app.include_router(module.router)
    add_handlers(app)
    add_error_page(app)
    _surround(app, services, options)
    _document(app)
    return app


def _surround(app: FastAPI, services: Services, options: AppOptions) -> None:
    """Innermost first."""
    app.add_middleware(BodyLimitMiddleware, options=options)
    if options.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(options.allowed_origins),
            allow_methods=["GET", "HEAD", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "Range", REQUEST_ID],
            expose_headers=[REQUEST_ID, REPLAYED, "Retry-After", "ETag", "Content-Range"],
        )
    app.add_middleware(GuardMiddleware, visitors=Visitors(options))
    app.add_middleware(RequestMiddleware, metrics=app.state.metrics, make_id=services.make_id, https=options.https)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncGenerator[None]:
    services: Services = app.state.services
    stopped = asyncio.Event()
    async with services.running():
        tidying = asyncio.create_task(_tidy(services.idempotency, stopped))
        try:
            yield
        finally:
            # Told, not cancelled: a transaction that is under way ends as it should.
            stopped.set()
            await tidying


async def _tidy(idempotency: IdempotencyService, stopped: asyncio.Event) -> None:
    """Forgets answers that were kept long enough, now and every hour."""
    while not stopped.is_set():
        try:
            await idempotency.forget_expired()
        except Exception as error:  # noqa: BLE001 (an untidy database is no reason to stop; it is tried again)
            _log.warning("kept answers could not be tidied: %s: %s", type(error).__name__, error)
        with suppress(TimeoutError):
            async with asyncio.timeout(_TIDY_SECONDS):
                await stopped.wait()


def _operation_id(route: APIRoute) -> str:
    return route.name


def _document(app: FastAPI) -> None:
    """Adds to the OpenAPI document what FastAPI does not know: the body of every problem."""
    plain = app.openapi

    def described() -> dict[str, Any]:
        document = plain()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        if "Problem" not in schemas:
            template = "#/components/schemas/{model}"
            problem = ProblemBody.model_json_schema(mode="serialization", ref_template=template)
            problem.pop("$defs", None)
            schemas["Problem"] = problem
            schemas["FieldProblem"] = FieldProblem.model_json_schema(mode="serialization", ref_template=template)
        return document

    app.openapi = described
