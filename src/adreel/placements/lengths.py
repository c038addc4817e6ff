"""The length of a film for a placement. Pure."""

from __future__ import annotations

from typing import cast

from adreel.domain.errors import InputError
from adreel.placements.placement import Level, Operator, Placement, Rule


def film_seconds(placement: Placement, natural: float) -> float | None:
    """The length that a film of `natural` seconds has for a placement; None when it may stay as it is.

    A placement with a length of its own has exactly that. Raises InputError when the rules of the placement leave none.
    """
    if placement.seconds is not None:
        return placement.seconds
    rules = [rule for rule in placement.rules_of("seconds") if rule.level is not Level.ADVICE]
    choices = [
        value for rule in rules if rule.operator is Operator.ONE_OF for value in cast("tuple[float, ...]", rule.value)
    ]
    least = max((_least(rule) for rule in rules), default=0.0)
    most = min((_most(rule) for rule in rules), default=float("inf"))
    if least > most:
        raise InputError(f"the rules of {placement.name} allow no length; correct your own file of placements")
    if choices:
        return min((value for value in choices if least <= value <= most), key=lambda value: abs(value - natural))
    wanted = min(max(natural, least), most)
    return None if wanted == natural else wanted


def _least(rule: Rule) -> float:
    if rule.operator is Operator.AT_LEAST:
        return cast("float", rule.value)
    return cast("tuple[float, float]", rule.value)[0] if rule.operator is Operator.BETWEEN else 0.0


def _most(rule: Rule) -> float:
    if rule.operator in (Operator.AT_MOST, Operator.BELOW):
        return cast("float", rule.value)
    return cast("tuple[float, float]", rule.value)[1] if rule.operator is Operator.BETWEEN else float("inf")
