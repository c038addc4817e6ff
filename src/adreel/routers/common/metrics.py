"""Metrics for Prometheus and structured logs.

Each app has its own registry; labels have few values, whatever clients request. Log records carry the request's id, with traces
also the ids of trace and span, and are written one a line, as text or JSON.
"""

from __future__ import annotations

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from adreel.domain.redaction import without_credentials
from adreel.domain.work.tracing import current_ids
from adreel.domain.work.usage import Usage
from adreel.domain.work.work_counts import WorkCounts
from adreel.routers.common.usage_metrics import UsageCollector, WorkCollector

CONTENT_TYPE = CONTENT_TYPE_LATEST
UNMATCHED = "unmatched"

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


def method_label(method: str) -> str:
    """An HTTP method, or "other" for one that a client made up."""
    return method if method in _METHODS else "other"


class Metrics:
    """`counts` counts the work of this process."""

    def __init__(self, counts: WorkCounts) -> None:
        registry = CollectorRegistry()
        self._registry = registry
        self._requests = Counter(
            "adreel_http_requests",
            "Requests by route, method and status",
            ["route", "method", "status"],
            registry=registry,
        )
        self._seconds = Histogram(
            "adreel_http_request_seconds",
            "Time until the answer was sent",
            ["route", "method"],
            buckets=_BUCKETS,
            registry=registry,
        )
        self.listeners = Gauge("adreel_ws_listeners", "WebSockets that are listening", registry=registry)
        self.events = Counter("adreel_ws_events", "Events delivered to listeners", registry=registry)
        self.dropped = Counter("adreel_ws_dropped", "Listeners dropped for being slow", registry=registry)
        self._usage = UsageCollector()
        registry.register(self._usage)
        registry.register(WorkCollector(counts))

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """`route` is a route's template, never a path."""
        label = method_label(method)
        self._requests.labels(route, label, str(status)).inc()
        self._seconds.labels(route, label).observe(seconds)

    def text(self, usage: Usage) -> bytes:
        self._usage.usage = usage
        return generate_latest(self._registry)


request_id: ContextVar[str] = ContextVar("adreel_request_id", default="-")
"""Id of the request that the current task answers."""

_FIELDS = ("trace_id", "span_id", "method", "path", "route", "status", "ms", "client")


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, request, message, the ids of trace and span where there are any, and the
    fields of the access log."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "request": getattr(record, "request", "-"),
            "message": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps({name: _clean(value) for name, value in line.items()})


class TextFormatter(logging.Formatter):
    """One line of text for each record, with credentials removed: drivers and clients put URLs into their errors."""

    def format(self, record: logging.LogRecord) -> str:
        return without_credentials(super().format(record))


def _clean(value: object) -> object:
    return without_credentials(value) if isinstance(value, str) else value


class RequestFilter(logging.Filter):
    """Gives every record the id of its request, and the ids of its trace and span where traces are on."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request = request_id.get()
        ids = current_ids()
        if ids is not None:
            record.trace_id, record.span_id = ids
        return True


def log_handler(*, as_json: bool) -> logging.Handler:
    """A handler to standard error that adds the request's id to each line."""
    handler = logging.StreamHandler()
    handler.addFilter(RequestFilter())
    text = TextFormatter("%(asctime)s %(levelname)s %(name)s [%(request)s] %(message)s")
    handler.setFormatter(JsonFormatter() if as_json else text)
    return handler
