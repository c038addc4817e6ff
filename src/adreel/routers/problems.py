"""Errors as application/problem+json (RFC 9457)."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from adreel.domain import errors
from adreel.routers.logs import request_id
from adreel.routers.schemas.common import format_amount

MEDIA_TYPE = "application/problem+json"
STORAGE_RETRY_SECONDS = 5
_MAX_ERRORS = 20
_MAX_TEXT = 300

_log = logging.getLogger("adreel.api")

_KINDS: tuple[tuple[type[errors.AdreelError], str], ...] = (
    (errors.StageError, "stage"),
    (errors.ConflictError, "conflict"),
    (errors.BudgetError, "budget"),
    (errors.NotFoundError, "not-found"),
    (errors.AuthError, "login"),
    (errors.BusyError, "busy"),
    (errors.InputError, "input"),
    (errors.GenerationError, "provider"),
    (errors.StorageError, "storage"),
    (errors.CancelledError, "cancelled"),
)

_MEANINGS: Mapping[int, str] = {
    400: "The request cannot be read, or is for a host that is not served here",
    401: "Not logged in",
    402: "The budget would be overrun; nothing was bought",
    403: "Not allowed: a link that was not signed or has expired, or a page of another origin",
    404: "Nothing of this id is there for this person",
    405: "There is no such method here",
    409: "Not possible at the stage that the session is in, or the Idempotency-Key stands for something else",
    413: "Too large",
    415: "Not of a type that is understood here",
    416: "There are no such bytes in the file",
    422: "The request cannot be used as it is",
    429: "Too many requests; `Retry-After` says how long to wait",
    500: "A mistake of ours; `instance` finds it in the logs",
    502: "A provider could not do it",
    503: "The database or the storage cannot be used just now",
}


class Problem(Response):
    """The answer to a request that failed. `kind` is the last part of the problem's type."""

    media_type = MEDIA_TYPE

    def __init__(
        self, status: int, kind: str, detail: str, headers: Mapping[str, str] | None = None, **more: object
    ) -> None:
        body = {
            "type": f"urn:adreel:problem:{kind}",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": detail,
            "instance": request_id.get(),
            **{name: value for name, value in more.items() if value is not None},
        }
        # ASCII only: half characters that came in with the request would be no UTF-8.
        super().__init__(json.dumps(body), status, headers)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """These statuses for a route's OpenAPI document, beside those that every route may answer."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": _MEANINGS[status], "content": content}
        for status in sorted({*statuses, 400, 422, 429, 500, 503})
    }


def add_handlers(app: FastAPI) -> None:
    app.add_exception_handler(errors.AdreelError, _of_ours)
    app.add_exception_handler(RequestValidationError, _of_validation)
    app.add_exception_handler(HTTPException, _of_http)


def unexpected() -> Problem:
    """Tells nothing of what went wrong: that is in the log, under the request's id."""
    return Problem(500, "internal", "something went wrong here; the log has the details under this request's id")


async def _of_ours(_request: Request, error: Exception) -> Response:
    if not isinstance(error, errors.AdreelError):
        raise TypeError(type(error).__name__)
    status = error.http_status
    if status in (500, 503):
        # Paths, hosts and addresses of ours are in these messages: the log gets them, the client does not.
        _log.error("%s: %s", type(error).__name__, error, exc_info=error)
        return _unavailable() if status == 503 else unexpected()
    return Problem(status, kind_of(error), str(error), _headers(error), **_more(error))


async def _of_validation(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise TypeError(type(error).__name__)
    found = [
        {"field": _whole(".".join(str(part) for part in fault["loc"])), "message": _whole(str(fault["msg"]))}
        for fault in error.errors()[:_MAX_ERRORS]
    ]
    first = found[0] if found else {"field": "body", "message": "cannot be used"}
    return Problem(422, "validation", f"{first['field']}: {first['message']}", errors=found)


async def _of_http(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise TypeError(type(error).__name__)
    status = error.status_code
    kind = HTTPStatus(status).phrase.lower().replace(" ", "-")
    return Problem(status, kind, str(error.detail), error.headers)


def kind_of(error: errors.AdreelError) -> str:
    return next((kind for known, kind in _KINDS if isinstance(error, known)), "refused")


def _unavailable() -> Problem:
    detail = "the database or the storage cannot be used just now; try again in a moment"
    retry = {"retry-after": str(STORAGE_RETRY_SECONDS)}
    return Problem(503, "storage", detail, retry, retry_after=STORAGE_RETRY_SECONDS)


def _headers(error: errors.AdreelError) -> dict[str, str]:
    headers: dict[str, str] = {}
    if isinstance(error, errors.AuthError):
        headers["www-authenticate"] = "Bearer"
    wait = _retry_after(error)
    if wait is not None:
        headers["retry-after"] = str(wait)
    return headers


def _more(error: errors.AdreelError) -> dict[str, object]:
    more: dict[str, object] = {"retry_after": _retry_after(error), "stage": getattr(error, "stage", None)}
    if isinstance(error, errors.BudgetError):
        more |= {"whose": error.whose, "needed": _usd(error.needed), "left": _usd(error.left), "cap": _usd(error.cap)}
    return more


def _retry_after(error: errors.AdreelError) -> int | None:
    wait = getattr(error, "retry_after", None)
    return max(1, round(wait)) if isinstance(wait, int | float) else None


def _usd(amount: Decimal) -> str:
    return format_amount(amount)


def _whole(text: str) -> str:
    return text[:_MAX_TEXT].encode("utf-8", "replace").decode()
