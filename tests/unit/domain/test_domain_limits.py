from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adreel.domain.accounts.limits import (
    MEBIBYTE,
    NO_LIMITS,
    AccountLimits,
    LimitName,
    kept,
    limit_error,
    limits_of,
    mebibytes,
    parse_limit,
    require,
)
from adreel.domain.accounts.user import LOCAL_USER_ID
from adreel.domain.errors import InputError, LimitError

DEFAULTS = AccountLimits(sessions=10, jobs=2, budget=Decimal(100))


def test_an_account_has_the_defaults_but_for_what_was_set() -> None:
    overrides = {"sessions": 3, "jobs": None, "budget": "12.50", "of a later version": 7}
    assert limits_of("ann", DEFAULTS, {}) == DEFAULTS
    assert limits_of("ann", DEFAULTS, overrides) == AccountLimits(sessions=3, jobs=None, budget=Decimal("12.50"))


def test_who_need_not_log_in_has_none() -> None:
    assert limits_of(LOCAL_USER_ID, DEFAULTS, {"sessions": 1}) == NO_LIMITS


@pytest.mark.parametrize("name", LimitName)
def test_a_limit_comes_back_from_json_as_it_was(name: LimitName) -> None:
    for text in ("7", "unlimited", "0"):
        value = parse_limit(name, text)
        assert limits_of("ann", NO_LIMITS, json.loads(json.dumps({name.value: kept(value)}))).of(name) == value


@pytest.mark.parametrize("name", [LimitName.SESSIONS, LimitName.BUDGET])
@pytest.mark.parametrize("text", ["", "-1", "many", "NaN", "Infinity", "1e99", "9" * 30])
def test_what_is_no_limit_is_refused(name: LimitName, text: str) -> None:
    with pytest.raises(InputError, match=f"no limit of {name.value}"):
        parse_limit(name, text)


def test_dollars_have_cents_and_counts_have_not() -> None:
    assert parse_limit(LimitName.DOLLARS_PER_DAY, "2.50") == Decimal("2.50")
    with pytest.raises(InputError, match="whole number"):
        parse_limit(LimitName.JOBS, "2.5")


@pytest.mark.parametrize("name", LimitName)
def test_every_limit_says_how_much_and_what_to_do(name: LimitName) -> None:
    error = limit_error(name, Decimal("7.00") if name.is_money else 7)
    assert error.name == name.value
    assert "7" in str(error)
    assert "ask the operator" in str(error)


@given(st.integers(0, 100), st.integers(0, 100))
def test_as_much_as_is_allowed_may_be_had_and_no_more(limit: int, would_be: int) -> None:
    limits = AccountLimits(jobs=limit)
    if would_be <= limit:
        require(limits, LimitName.JOBS, would_be)
    else:
        with pytest.raises(LimitError):
            require(limits, LimitName.JOBS, would_be)
    require(NO_LIMITS, LimitName.JOBS, would_be)


@pytest.mark.parametrize(("size", "whole"), [(0, 0), (1, 1), (MEBIBYTE, 1), (MEBIBYTE + 1, 2)])
def test_bytes_are_rounded_up(size: int, whole: int) -> None:
    assert mebibytes(size) == whole
