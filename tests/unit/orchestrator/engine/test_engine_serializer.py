from __future__ import annotations

from decimal import Decimal

import pytest

from adreel.domain.errors import (
    AdreelError,
    BudgetError,
    BusyError,
    InternalError,
    PhotoError,
    StorageError,
    ThrottledError,
)
from adreel.orchestrator.engine.serializer import JsonSerializer, plain

KINDS = [
    PhotoError("too small"),
    ThrottledError("wait", 2.5),
    BusyError("later", 30),
    StorageError("no such key", retryable=False),
    BudgetError("account", Decimal("1.20"), Decimal("0.10"), Decimal(5)),
]


def kept(value: object) -> object:
    serializer = JsonSerializer()
    return serializer.deserialize(serializer.serialize(value))


@pytest.mark.parametrize("error", KINDS, ids=lambda error: type(error).__name__)
def test_an_error_is_kept_with_its_kind_its_words_and_its_numbers(error: AdreelError) -> None:
    again = kept(error)
    assert isinstance(again, AdreelError)
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)
    assert (again.http_status, again.exit_code, again.retryable) == (
        error.http_status,
        error.exit_code,
        error.retryable,
    )


def test_other_errors_are_kept_without_their_words() -> None:
    again = kept(KeyError("token-123"))
    assert isinstance(again, InternalError)
    assert "token-123" not in str(again)
    assert "KeyError" in str(again)


def test_an_error_of_a_kind_that_is_no_more_keeps_its_words() -> None:
    again = JsonSerializer().deserialize('{"__error__":{"type":"OldError","message":"as it was","attributes":{}}}')
    assert type(again) is InternalError
    assert str(again) == "as it was"


def test_orders_and_results_are_kept_as_they_are() -> None:
    order = {"args": [{"clips": [1, 2.5, None, True, "ü"]}], "kwargs": {}}
    assert kept(order) == order


@pytest.mark.parametrize("value", [object(), {1, 2}, float("nan"), Decimal(1)], ids=["object", "set", "nan", "decimal"])
def test_what_json_cannot_keep_is_refused_by_name(value: object) -> None:
    with pytest.raises(InternalError, match="the step returned"):
        plain("the step", value)


def test_plain_is_what_comes_back_after_a_crash() -> None:
    assert plain("step", {"pair": (1, 2)}) == {"pair": [1, 2]}
