"""How the durable engine keeps orders, results and errors: as JSON, never as pickled objects."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, cast

from adreel.domain import errors
from adreel.domain.errors import AdreelError, InternalError

_ERROR = "__error__"
_DECIMAL = "__decimal__"


class JsonSerializer:
    """The engine's serializer. Errors of ours come back with their type and attributes, others as InternalError."""

    def serialize(self, data: Any) -> str:  # noqa: ANN401 (the engine's interface)
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
    """`value` as it comes back after a crash. Raises InternalError when it cannot be kept as JSON."""
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError) as error:
        raise InternalError(f"{name} answered with what JSON cannot keep: {error}") from error


def error_to_json(error: Exception) -> dict[str, Any]:
    """`error_facts` marked as an error."""
    return {_ERROR: error_facts(error)}


def error_facts(error: Exception) -> dict[str, Any]:
    """An error with those of its attributes that are text, numbers or amounts of money."""
    ours = error if isinstance(error, AdreelError) else unexpected("work", error)
    kept = {key: _attribute(value) for key, value in vars(ours).items() if _is_simple(value)}
    return {"type": type(ours).__name__, "message": str(ours), "attributes": kept}


def error_from_json(kept: dict[str, Any]) -> AdreelError:
    """The error of `error_facts` again; of a kind that is not known any more, an InternalError of the same message."""
    kind = _kinds().get(kept["type"], InternalError)
    error = kind.__new__(kind, kept["message"])
    # Kinds differ in what they take to build their message, which is there already.
    Exception.__init__(error, kept["message"])
    for key, value in kept["attributes"].items():
        setattr(error, key, _restored(value))
    return error


def unexpected(name: str, error: BaseException) -> InternalError:
    """What is told of an error that nobody expected. Its text stays in the log: it may hold what others must not read."""
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
