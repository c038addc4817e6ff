"""Serializes inputs, results and errors for the durable engine: as JSON, never as pickled objects."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, cast

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from adreel.domain import errors
from adreel.domain.errors import AdreelError, InternalError

_log = logging.getLogger(__name__)
_ERROR = "__error__"
_DECIMAL = "__decimal__"


class JsonSerializer:
    """The engine's serializer. AdreelErrors are restored with type and attributes, other errors as InternalError.

    An error of the database itself is never stored. The engine meets one when it cannot store a result, and would then store
    the error in its place, which may succeed a moment later: the result of a paid step would be lost. Raising CancelledError
    instead leaves the workflow unchanged, to be resumed (`StrandedWork`).
    """

    def serialize(self, data: Any) -> str:  # noqa: ANN401 (the engine's interface)
        if isinstance(data, (DBAPIError, PoolTimeoutError)):
            _log.error("a result cannot be stored, its workflow is resumed later: %s", data)
            raise asyncio.CancelledError("a result cannot be stored") from data
        plain = error_to_json(data) if isinstance(data, Exception) else data
        return json.dumps(plain, separators=(",", ":"), ensure_ascii=False, allow_nan=False)

    def deserialize(self, serialized_data: str) -> Any:  # noqa: ANN401 (the engine's interface)
        data: Any = json.loads(serialized_data)
        return (
            error_from_json(cast(dict[str, Any], data[_ERROR])) if isinstance(data, dict) and _ERROR in data else data
        )

    def name(self) -> str:
        return "adreel_json"


def plain(name: str, value: Any) -> Any:  # noqa: ANN401 (any JSON)
    """`value` as it is restored after a crash. Raises InternalError when it cannot be stored as JSON."""
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise InternalError(f"{name} returned a value that JSON cannot store: {error}") from error


def error_to_json(error: Exception) -> dict[str, Any]:
    """`error_facts` marked as an error."""
    return {_ERROR: error_facts(error)}


def error_facts(error: Exception) -> dict[str, Any]:
    """An error with those of its attributes that are text, numbers or amounts of money."""
    known = error if isinstance(error, AdreelError) else unexpected("work", error)
    attributes = {key: _attribute(value) for key, value in vars(known).items() if _is_simple(value)}
    return {"type": type(known).__name__, "message": str(known), "attributes": attributes}


def error_from_json(facts: dict[str, Any]) -> AdreelError:
    """Restores the error of `error_facts`; one of an unknown type as an InternalError with the same message."""
    kind = _kinds().get(facts["type"], InternalError)
    error = kind.__new__(kind, facts["message"])
    # Not `kind.__init__`: its parameters differ by type, and the message is built already.
    Exception.__init__(error, facts["message"])
    for key, value in facts["attributes"].items():
        setattr(error, key, _restored(value))
    return error


def unexpected(name: str, error: BaseException) -> InternalError:
    """The error that replaces an unexpected one, whose text stays in the log: it may have secrets."""
    return InternalError(f"{name} failed unexpectedly ({type(error).__name__}); the log says more")


def _kinds() -> dict[str, type[AdreelError]]:
    return {kind.__name__: kind for kind in _below(AdreelError) if kind.__module__ == errors.__name__}


def _below(kind: type[AdreelError]) -> Iterator[type[AdreelError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _below(narrower)


def _is_simple(value: object) -> bool:
    return value is None or isinstance(value, (str, bool, int, float, Decimal))


def _attribute(value: object) -> object:
    return {_DECIMAL: str(value)} if isinstance(value, Decimal) else value


def _restored(value: Any) -> Any:  # noqa: ANN401 (any JSON)
    if isinstance(value, dict) and _DECIMAL in value:
        make: Callable[[str], Decimal] = Decimal
        return make(cast(str, value[_DECIMAL]))
    return value
