"""Log lines that can be put together by request: a line each, as text or JSON."""

from __future__ import annotations

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

request_id: ContextVar[str] = ContextVar("adreel_request_id", default="-")
"""The request that is being answered here and now."""

_FIELDS = ("method", "path", "route", "status", "ms", "client")


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, request, message, and what the access log knows."""

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
        return json.dumps(line)


class RequestFilter(logging.Filter):
    """Gives every record the id of its request."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request = request_id.get()
        return True


def log_handler(*, as_json: bool) -> logging.Handler:
    """A handler to standard error that tells the request of each line."""
    handler = logging.StreamHandler()
    handler.addFilter(RequestFilter())
    text = logging.Formatter("%(asctime)s %(levelname)s %(name)s [%(request)s] %(message)s")
    handler.setFormatter(JsonFormatter() if as_json else text)
    return handler
