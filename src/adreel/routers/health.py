"""Liveness, readiness and metrics, for operators."""

from __future__ import annotations

import asyncio
import hmac
import logging
import time
from collections.abc import Callable, Mapping

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from adreel.domain.errors import AdreelError, AuthError
from adreel.routers.common.deps import Credentials, MetricsDep, OptionsDep, ServicesDep
from adreel.routers.common.metrics import CONTENT_TYPE
from adreel.routers.common.options import AppOptions
from adreel.routers.common.problems import Problem, problems
from adreel.routers.common.services import Check
from adreel.routers.schemas.service import Health, Ready

router = APIRouter(tags=["service"])

_CHECK_SECONDS = 5.0
_RETRY_SECONDS = 5
_CACHE_SECONDS = 1.0
_log = logging.getLogger("adreel.api")


@router.get("/health", responses=problems())
async def get_health() -> Health:
    """Reports that the process is alive. Checks no dependency."""
    return Health(status="ok")


class Readiness:
    """Runs the checks, at most once a second: the route is public, and some checks write to the disk."""

    def __init__(
        self,
        checks: Mapping[str, Check],
        describe: Callable[[AdreelError], str] = str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._checks = checks
        self._describe = describe
        self._clock = clock
        self._lock = asyncio.Lock()
        self._checked_at: float | None = None
        self._results: dict[str, str] = {}

    async def check(self) -> dict[str, str]:
        """The result of each check by name: ``ok`` or ``failed``."""
        async with self._lock:
            if self._checked_at is None or self._clock() - self._checked_at >= _CACHE_SECONDS:
                passed = await asyncio.gather(*[self._passes(name, check) for name, check in self._checks.items()])
                self._results = {name: "ok" if ok else "failed" for name, ok in zip(self._checks, passed, strict=True)}
                self._checked_at = self._clock()
            return self._results

    async def _passes(self, name: str, check: Check) -> bool:
        try:
            async with asyncio.timeout(_CHECK_SECONDS):
                await check()
        except Exception as error:  # noqa: BLE001 (any failure means not ready)
            reason = self._describe(error) if isinstance(error, AdreelError) else str(error)
            _log.warning("not ready: %s: %s: %s", name, type(error).__name__, reason)
            return False
        return True


@router.get("/ready", response_model=Ready, responses=problems())
async def get_ready(request: Request) -> Ready | Response:
    """Reports that all dependencies work; otherwise 503 with the failed checks."""
    readiness: Readiness = request.app.state.readiness
    checks = await readiness.check()
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
        200: {"description": "Metrics for Prometheus", "content": {"text/plain": {"schema": {"type": "string"}}}},
    },
    response_class=Response,
)
async def get_metrics(
    services: ServicesDep, options: OptionsDep, metrics: MetricsDep, credentials: Credentials
) -> Response:
    """Returns metrics for Prometheus. With authentication on, requires the metrics token."""
    check_metrics_token(options, credentials.credentials if credentials else None)
    return Response(metrics.text(await services.usage.usage()), media_type=CONTENT_TYPE)


def check_metrics_token(options: AppOptions, token: str | None) -> None:
    """Raises AuthError for a wrong token; HTTPException when other machines reach the service and there is none."""
    expected = options.metrics_token
    if expected is None and not options.auth_required:
        return
    if expected is None:
        raise HTTPException(404, "metrics are not served without a metrics token")
    if token is None or not hmac.compare_digest(expected.encode(), token.encode("utf-8", "replace")):
        raise AuthError("send the metrics token as Authorization: Bearer …")
