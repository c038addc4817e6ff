"""Is it alive, is it ready, what does it do: for whoever runs the service."""

from __future__ import annotations

import asyncio
import hmac
import logging
import time
from collections.abc import Callable, Mapping

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from adreel.domain.errors import AuthError
from adreel.routers.deps import Credentials, MetricsDep, OptionsDep, ServicesDep
from adreel.routers.metrics import CONTENT_TYPE
from adreel.routers.options import AppOptions
from adreel.routers.problems import Problem, problems
from adreel.routers.schemas.service import Health, Ready
from adreel.routers.services import Check

router = APIRouter(tags=["service"])

_CHECK_SECONDS = 5.0
_RETRY_SECONDS = 5
_KEPT_SECONDS = 1.0
_log = logging.getLogger("adreel.api")


@router.get("/health", responses=problems())
async def get_health() -> Health:
    """The process lives. Asks nothing of anything else."""
    return Health(status="ok")


class Readiness:
    """Runs the checks, but once a second at most: anybody may ask, and some of them write to a disk."""

    def __init__(self, checks: Mapping[str, Check], clock: Callable[[], float] = time.monotonic) -> None:
        self._checks = checks
        self._clock = clock
        self._turn = asyncio.Lock()
        self._looked: float | None = None
        self._found: dict[str, str] = {}

    async def look(self) -> dict[str, str]:
        """Each check by name: ``ok`` or ``failed``."""
        async with self._turn:
            if self._looked is None or self._clock() - self._looked >= _KEPT_SECONDS:
                passed = await asyncio.gather(*[_passes(name, check) for name, check in self._checks.items()])
                self._found = {name: "ok" if ok else "failed" for name, ok in zip(self._checks, passed, strict=True)}
                self._looked = self._clock()
            return self._found


@router.get("/ready", response_model=Ready, responses=problems())
async def get_ready(request: Request) -> Ready | Response:
    """Everything that the service needs is there; else 503 and what is not."""
    readiness: Readiness = request.app.state.readiness
    checks = await readiness.look()
    failed = [name for name, state in checks.items() if state != "ok"]
    if failed:
        detail = f"not ready: {', '.join(failed)}; the log says why"
        headers = {"retry-after": str(_RETRY_SECONDS)}
        return Problem(503, "not-ready", detail, headers, checks=checks, retry_after=_RETRY_SECONDS)
    return Ready(status="ready", checks=checks)


@router.get(
    "/metrics",
    responses={
        **problems(401, 404),
        200: {"description": "Figures for Prometheus", "content": {"text/plain": {"schema": {"type": "string"}}}},
    },
    response_class=Response,
)
async def get_metrics(
    services: ServicesDep, options: OptionsDep, metrics: MetricsDep, credentials: Credentials
) -> Response:
    """Figures for Prometheus. Where people log in, with the metrics token only."""
    _check_metrics_token(options, credentials.credentials if credentials else None)
    return Response(metrics.text(await services.usage.usage()), media_type=CONTENT_TYPE)


def _check_metrics_token(options: AppOptions, given: str | None) -> None:
    wanted = options.metrics_token
    if wanted is None and not options.auth_required:
        return
    if wanted is None:
        raise HTTPException(404, "metrics are not served without a metrics token")
    if given is None or not hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace")):
        raise AuthError("send the metrics token as Authorization: Bearer …")


async def _passes(name: str, check: Check) -> bool:
    try:
        async with asyncio.timeout(_CHECK_SECONDS):
            await check()
    except Exception as error:  # noqa: BLE001 (whatever is wrong, the answer is that it is not ready)
        _log.warning("not ready: %s: %s: %s", name, type(error).__name__, error)
        return False
    return True
