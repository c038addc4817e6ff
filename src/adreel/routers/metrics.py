"""Figures for Prometheus. Each app has its own registry; labels have few values, whatever is asked for."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from adreel.services.usage_service import Usage

CONTENT_TYPE = CONTENT_TYPE_LATEST
UNMATCHED = "unmatched"

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Metrics:
    def __init__(self) -> None:
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
        self._jobs = Gauge("adreel_jobs_under_way", "Sessions in which work is under way", registry=registry)
        self._spent = Gauge("adreel_spent_usd", "US dollars spent by all accounts", registry=registry)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """`route` is a route's template, never a path."""
        known = method if method in _METHODS else "other"
        self._requests.labels(route, known, str(status)).inc()
        self._seconds.labels(route, known).observe(seconds)

    def text(self, usage: Usage) -> bytes:
        self._jobs.set(usage.jobs_under_way)
        self._spent.set(float(usage.spent))
        return generate_latest(self._registry)
