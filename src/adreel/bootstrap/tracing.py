"""Opens the tracer of the settings. Imports OpenTelemetry only where traces are on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit, urlunsplit

from adreel.bootstrap.settings import Settings
from adreel.domain.errors import SetupError
from adreel.domain.work.tracing import NO_TRACES, Tracer

_TRACES_PATH = "/v1/traces"
"""The path of OTLP over HTTP for traces."""


@asynccontextmanager
async def open_tracer(settings: Settings) -> AsyncGenerator[Tracer]:
    """The tracer of this process; spans that have ended are sent at the end of the block. Raises SetupError."""
    if settings.traces is None:
        yield NO_TRACES
        return
    endpoint = traces_address(settings.traces)
    try:
        from adreel.bootstrap.open_telemetry import open_telemetry
    except ModuleNotFoundError as error:
        message = (
            "traces are on, but OpenTelemetry is not installed: pip install adreel[traces], or unset ADREEL_TRACES"
        )
        raise SetupError(message) from error
    tracer = open_telemetry(endpoint)
    try:
        yield tracer
    finally:
        await asyncio.to_thread(tracer.close)


def traces_address(endpoint: str) -> str:
    """The address of a collector for traces: an endpoint without a path gets the usual one. Raises SetupError."""
    try:
        parts = urlsplit(endpoint)
        # Reading the port checks it.
        is_usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise _not_usable() from error
    if not is_usable:
        raise _not_usable()
    path = parts.path if parts.path.strip("/") else _TRACES_PATH
    return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))


def _not_usable() -> SetupError:
    # Without the value, which may have credentials.
    return SetupError("ADREEL_TRACES is no address of a collector; write it as http://127.0.0.1:4318")
