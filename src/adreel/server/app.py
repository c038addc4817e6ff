"""Assembles the app: routes, middleware, background tasks, OpenAPI document."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.middleware.cors import CORSMiddleware

from adreel.routers import (
    account,
    auth,
    brands,
    checks,
    choices,
    copies,
    docs,
    drafts,
    examples,
    generation,
    health,
    jobs,
    media,
    models,
    passports,
    previews,
    progress,
    scripts,
    sessions,
    speech,
    user_files,
    user_webhooks,
    users,
    webhooks,
)
from adreel.routers.catalogue import batches, downloads, live
from adreel.routers.catalogue.schemas import CreateBatchRequest, PreviewRequest
from adreel.routers.common.guards import BodyLimitMiddleware, GuardMiddleware, HostOriginPolicy
from adreel.routers.common.idempotency import REPLAYED
from adreel.routers.common.metrics import Metrics
from adreel.routers.common.middleware import REQUEST_ID, RequestMiddleware
from adreel.routers.common.options import AppOptions
from adreel.routers.common.problems import add_handlers
from adreel.routers.common.proxies import ProxyMiddleware
from adreel.routers.common.services import Services
from adreel.routers.live.listener_places import ListenerPlaces
from adreel.routers.schemas.common import FieldProblem
from adreel.routers.schemas.common import Problem as ProblemBody
from adreel.server.telemetry import NO_TELEMETRY
from adreel.services.sessions.uploads import PhotoIntake
from adreel.version import __version__
from adreel.web import catalogue_pages, login, pages, script_pages
from adreel.web.routes import add_error_page

OPENAPI_PATH = "/api/openapi.json"
_CLEANUP_SECONDS = 3600.0
_ROUTERS = (
    auth,
    account,
    user_webhooks,
    users,
    brands,
    user_files,
    sessions,
    passports,
    checks,
    copies,
    generation,
    jobs,
    scripts,
    speech,
    models,
    choices,
    previews,
    drafts,
    examples,
    batches,
    downloads,
    media,
    health,
    live,
    progress,
    webhooks,
    docs,
)
_log = logging.getLogger("adreel.api")


def create_app(services: Services, options: AppOptions) -> FastAPI:
    """Builds the app over these services. Nothing is opened or started before its lifespan begins."""
    app = FastAPI(
        title="adreel",
        version=__version__,
        summary="Product photos in, finished video ads out.",
        openapi_url=OPENAPI_PATH,
        # FastAPI's own pages load scripts from other servers: routers/docs.py serves one that does not.
        docs_url=None,
        redoc_url=None,
        telemetry=NO_TELEMETRY,
        lifespan=_lifespan,
        generate_unique_id_function=_operation_id,
    )
    app.state.services, app.state.options, app.state.metrics = services, options, Metrics(services.counts)
    app.state.listener_places = ListenerPlaces(options.listeners_per_user, options.listeners)
    app.state.readiness = health.Readiness(services.checks, services.describe)
    app.state.intake = PhotoIntake(
        services.sessions,
        services.storage,
        services.photos,
        services.make_id,
        options.decoders,
        services.processor,
    )
    for module in (*_ROUTERS, login, pages, script_pages, catalogue_pages):
        app.include_router(module.router)
    add_handlers(app, services.describe)
    add_error_page(app)
    _add_middleware(app, services, options)
    _add_problem_schemas(app)
    return app


def _add_middleware(app: FastAPI, services: Services, options: AppOptions) -> None:
    """Adds the innermost middleware first."""
    app.add_middleware(BodyLimitMiddleware, options=options)
    if options.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(options.allowed_origins),
            allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Idempotency-Key", "Range", REQUEST_ID],
            expose_headers=[REQUEST_ID, REPLAYED, "Retry-After", "ETag", "Content-Range"],
        )
    app.add_middleware(GuardMiddleware, policy=HostOriginPolicy(options))
    app.add_middleware(
        RequestMiddleware,
        metrics=app.state.metrics,
        make_id=services.make_id,
        https=options.https,
        tracer=services.tracer,
    )
    app.add_middleware(ProxyMiddleware, networks=options.trusted_proxies)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncGenerator[None]:
    services: Services = app.state.services
    stopped = asyncio.Event()
    async with services.running(), services.watch.running():
        cleanup = asyncio.create_task(_delete_expired(services, stopped))
        try:
            yield
        finally:
            # Signalled, not cancelled: a running transaction completes.
            stopped.set()
            await cleanup


async def _delete_expired(services: Services, stopped: asyncio.Event) -> None:
    """Deletes expired idempotency answers and login attempts, now and every hour."""
    while not stopped.is_set():
        try:
            await services.idempotency.forget_expired()
            await services.auth.forget_attempts()
        except Exception as error:  # noqa: BLE001 (not fatal; it is tried again)
            _log.warning("expired rows could not be deleted: %s: %s", type(error).__name__, error)
        with suppress(TimeoutError):
            async with asyncio.timeout(_CLEANUP_SECONDS):
                await stopped.wait()


def _add_schema(schemas: dict[str, Any], body: type[BaseModel], template: str) -> None:
    """Adds a body that a route reads itself."""
    schema = body.model_json_schema(ref_template=template)
    for name, inner in schema.pop("$defs", {}).items():
        schemas.setdefault(name, inner)
    schemas[body.__name__] = schema


def _operation_id(route: APIRoute) -> str:
    return route.name


def _add_problem_schemas(app: FastAPI) -> None:
    """Adds the schema of problem bodies to the OpenAPI document, which FastAPI does not know."""
    original = app.openapi

    def extended() -> dict[str, Any]:
        document = original()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        if "Problem" not in schemas:
            template = "#/components/schemas/{model}"
            problem = ProblemBody.model_json_schema(mode="serialization", ref_template=template)
            problem.pop("$defs", None)
            schemas["Problem"] = problem
            schemas["FieldProblem"] = FieldProblem.model_json_schema(mode="serialization", ref_template=template)
            for body in (CreateBatchRequest, PreviewRequest):
                _add_schema(schemas, body, template)
        return document

    app.openapi = extended
