"""Errors as application/problem+json (RFC 9457)."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from decimal import Decimal
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from adreel.domain import errors
from adreel.domain.costs.money import format_amount
from adreel.domain.machine_faults import machine_fault
from adreel.domain.remedy import Remedy
from adreel.routers.common.metrics import request_id

MEDIA_TYPE = "application/problem+json"
STORAGE_RETRY_SECONDS = 5
SPACE_RETRY_SECONDS = 60
NO_SPACE = errors.NoSpaceError.http_status
_MAX_ERRORS = 20
_MAX_TEXT = 300

_log = logging.getLogger("adreel.api")

_KINDS: tuple[tuple[type[errors.AdreelError], str], ...] = (
    (errors.StageError, "stage"),
    (errors.ConflictError, "conflict"),
    (errors.BudgetError, "budget"),
    (errors.LimitError, "limit"),
    (errors.NotFoundError, "not-found"),
    (errors.AuthError, "login"),
    (errors.ForbiddenError, "forbidden"),
    (errors.BusyError, "busy"),
    (errors.InputError, "input"),
    (errors.GenerationError, "provider"),
    (errors.StorageError, "storage"),
    (errors.CancelledError, "cancelled"),
    (errors.MachineError, "machine"),
    (errors.KilledError, "killed"),
)

REQUESTS: Mapping[Remedy, str] = {Remedy.UPLOADED_IMAGES: "POST /api/sessions/{session_id}/images"}

_MEANINGS: Mapping[int, str] = {
    400: "The request is malformed, is for an unknown host, or came through a proxy to a service without a login",
    401: "Not logged in",
    402: "The budget would be exceeded; nothing was bought",
    403: "Not allowed: the link is not signed or has expired, the page is of another origin, or it needs an admin",
    404: "There is nothing with this id, or it belongs to another user",
    405: "The method is not supported",
    409: "Not possible at the session's stage, above a limit of the account, or the Idempotency-Key belongs to another request",
    413: "Too large",
    415: "The media type is not supported",
    416: "The range lies outside of the file",
    422: "The request is not valid",
    429: "Too many requests; `Retry-After` says how long to wait",
    500: "An internal error; its details are in the logs under `instance`",
    502: "The provider failed",
    503: "The database or the storage is temporarily unavailable",
    507: "The service's disk is full; nothing was started, or the request can be repeated",
}


class Problem(Response):
    """The response to a failed request. `kind` is the last part of the problem's type."""

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
        # ASCII only: lone surrogates from the request cannot be encoded as UTF-8.
        super().__init__(json.dumps(body), status, headers)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI responses for these statuses and for those that every route may return."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": _MEANINGS[status], "content": content}
        for status in sorted({*statuses, 400, 422, 429, 500, 503, 507})
    }


def add_handlers(app: FastAPI, describe: Callable[[errors.AdreelError], str] = str) -> None:
    """`describe` adds to an error what the operator can change, for the log."""

    async def adreel_error(_request: Request, error: Exception) -> Response:
        if not isinstance(error, errors.AdreelError):
            raise TypeError(type(error).__name__)
        return problem_of(error, describe)

    app.add_exception_handler(errors.AdreelError, adreel_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)


def unexpected_error(error: BaseException) -> Problem:
    """The response to an unhandled error: 507 or 503 for machine faults such as a full disk, otherwise 500."""
    fault = machine_fault(error)
    return internal_error() if fault is None else _hidden(fault.http_status)


def _hidden(status: int) -> Problem:
    if status == NO_SPACE:
        detail = "the service's disk has no room for this; try again later, or contact the operator of the service"
        retry = {"retry-after": str(SPACE_RETRY_SECONDS)}
        return Problem(status, "no-space", detail, retry, retry_after=SPACE_RETRY_SECONDS)
    return _unavailable() if status == 503 else internal_error()


def internal_error() -> Problem:
    """A 500 without details: those are in the log, under the request's id."""
    return Problem(500, "internal", "something went wrong here; the log has the details under this request's id")


def problem_of(error: errors.AdreelError, describe: Callable[[errors.AdreelError], str]) -> Problem:
    """The answer to an error. `describe` as in `add_handlers`."""
    status = error.http_status
    if status in (500, 503, 507):
        # These messages contain paths, hosts and addresses: for the log, not for the client.
        _log.error("%s: %s", type(error).__name__, describe(error), exc_info=error)
        return _hidden(status)
    return Problem(status, kind_of(error), _detail(error), _headers(error), **_more(error))


def _detail(error: errors.AdreelError) -> str:
    """The message with the request that remedies the error."""
    request = None if error.remedy is None else REQUESTS.get(error.remedy)
    return str(error) if request is None else f"{error} ({request})"


async def _validation_error(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise TypeError(type(error).__name__)
    found = [
        {"field": _valid_text(".".join(str(part) for part in fault["loc"])), "message": _valid_text(str(fault["msg"]))}
        for fault in error.errors()[:_MAX_ERRORS]
    ]
    first = found[0] if found else {"field": "body", "message": "cannot be used"}
    return Problem(422, "validation", f"{first['field']}: {first['message']}", errors=found)


async def _http_error(_request: Request, error: Exception) -> Response:
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
    if isinstance(error, errors.LimitError):
        limit = error.limit
        more |= {"limit": error.name, "allowed": _usd(limit) if isinstance(limit, Decimal) else str(limit)}
    return more


def _retry_after(error: errors.AdreelError) -> int | None:
    wait = getattr(error, "retry_after", None)
    return max(1, round(wait)) if isinstance(wait, int | float) else None


def _usd(amount: Decimal) -> str:
    return format_amount(amount)


def _valid_text(text: str) -> str:
    return text[:_MAX_TEXT].encode("utf-8", "replace").decode()
