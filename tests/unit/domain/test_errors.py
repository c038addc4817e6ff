"""Messages of errors that more than one module raises."""

from __future__ import annotations

from adreel.domain.errors import ExpiredError


def test_a_result_that_is_gone_says_what_it_costs_and_what_to_do() -> None:
    error = ExpiredError.of("flux-pro", "picture", "abc")
    assert str(error).startswith("flux-pro: the provider has already removed the picture of job abc")
    assert "stays paid for; try again" in str(error)
    assert not error.retryable
