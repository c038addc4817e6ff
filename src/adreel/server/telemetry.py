"""Switches FastAPI's own telemetry off."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # Older versions of FastAPI have no telemetry, and ignore the option.
    from fastapi.telemetry import TelemetryConfig

NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
"""It would follow any client's ``traceparent``, and send paths, queries with signatures, and messages of exceptions, wherever
variables of the environment say. Requests are recorded by `routers.middleware`."""
