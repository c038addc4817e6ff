"""Every error that a person can cause has one class, one line, an exit code and an HTTP status."""

from __future__ import annotations

import pytest

from adreel.domain.errors import (
    AdreelError,
    BudgetError,
    CancelledError,
    GenerationError,
    InputError,
    LimitError,
    NotFoundError,
    PhotoError,
)


@pytest.mark.parametrize(
    ("error", "exit_code", "status"),
    [(InputError, 2, 422), (PhotoError, 2, 422), (NotFoundError, 2, 404), (CancelledError, 130, 409)],
)
def test_an_error_knows_how_each_door_shows_it(error: type[AdreelError], exit_code: int, status: int) -> None:
    """The command line exits with the code, the API answers with the status: neither door has a table of its own."""
    assert (error.exit_code, error.http_status) == (exit_code, status)
    assert issubclass(error, AdreelError)


def test_a_refused_budget_is_payment_required() -> None:
    """402 tells a client that the same request may pass with a larger budget."""
    assert BudgetError.http_status == 402


def test_the_exit_code_says_whether_anything_was_done() -> None:
    """2: refused, nothing was rendered or bought. 1: work failed."""
    assert (BudgetError.exit_code, LimitError.exit_code, InputError.exit_code) == (2, 2, 2)
    assert GenerationError.exit_code == 1
