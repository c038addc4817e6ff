"""Chooses variants that differ as much as possible, by what they are made of. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from adreel.variants.variant import Axis, Pace, Variant

_WEIGHTS: Mapping[Axis, float] = {
    Axis.HOOK: 0.3,
    Axis.SHOT: 0.35,
    Axis.PACE: 0.15,
    Axis.STYLE: 0.15,
    Axis.MUSIC: 0.05,
    Axis.FORMAT: 0.25,
}
"""How much of the first seconds each axis decides; the measured distance has the last word (`opening.distance`)."""

_PACES = tuple(Pace)


def unlikeness(one: Variant, other: Variant) -> float:
    """The sum of the weights of the axes in which two variants differ; neighbouring paces count half."""
    differing = sum(weight for axis, weight in _WEIGHTS.items() if one.value(axis) != other.value(axis))
    steps = abs(_PACES.index(one.pace) - _PACES.index(other.pace))
    return differing - (_WEIGHTS[Axis.PACE] / 2 if steps == 1 else 0)


def farthest_first(variants: Sequence[Variant]) -> Iterator[Variant]:
    """Yields the first variant, then each time the one that is least like all before it; of equals the one that is least like
    them altogether, then the earlier one."""
    rest = list(variants[1:])
    yield variants[0]
    nearest = [unlikeness(each, variants[0]) for each in rest]
    together = list(nearest)
    while rest:
        place = max(range(len(rest)), key=lambda at: (nearest[at], together[at], -at))
        chosen = rest.pop(place)
        del nearest[place], together[place]
        yield chosen
        for at, each in enumerate(rest):
            found = unlikeness(each, chosen)
            nearest[at] = min(nearest[at], found)
            together[at] += found
