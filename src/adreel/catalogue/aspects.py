"""Finds the aspect nearest to another, and decides whether it is near enough."""

from __future__ import annotations

from collections.abc import Sequence

from adreel.domain.films.formats import ratio_of

NEAR_ENOUGH = 0.1
"""Relative difference allowed between a model's aspect and the film's: cropping that much goes unnoticed."""


def nearest(values: Sequence[str], aspect: str) -> str:
    """Returns the first of `values` that differs least from `aspect`. Raises InputError for a malformed aspect."""
    target = ratio_of(aspect)
    return min(values, key=lambda value: abs(ratio_of(value) / target - 1))


def is_near(value: str, aspect: str) -> bool:
    """Whether cropping by `NEAR_ENOUGH` or less turns one into the other. Raises InputError for a malformed aspect."""
    return abs(ratio_of(value) / ratio_of(aspect) - 1) <= NEAR_ENOUGH
