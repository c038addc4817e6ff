"""Judges a measured film by the rules of a placement. Pure: the same values and rules always give the same verdicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

from adreel.domain.films.formats import ratio_of
from adreel.placements.measurements import FIELDS, Measurements
from adreel.placements.placement import Level, Operator, Placement, Rule
from adreel.placements.zones import Outcome, ZoneVerdict, judge_zone

_RATE = 0.005
"""Frames per second by which a rate may differ from a listed one: 29.97 stands for 30000/1001, and 23.976 is not 24."""

_DECIBELS = 0.05
"""LU: figures are read to a tenth."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of one rule. `measured` and `asked` are for people."""

    rule: Rule
    outcome: Outcome
    measured: str
    asked: str

    @property
    def failed(self) -> bool:
        return self.outcome is Outcome.FAILED


@dataclass(frozen=True, slots=True)
class Judgement:
    """All verdicts on one film for one placement, in the order of the rules; `zone` is that on its words."""

    placement: Placement
    verdicts: tuple[Verdict, ...]
    zone: ZoneVerdict | None = None

    @property
    def worst(self) -> Level | None:
        """The gravest level at which a rule is broken; None for a film that fits."""
        broken = {verdict.rule.level for verdict in self.verdicts if verdict.failed}
        if self.zone is not None and self.zone.outcome is Outcome.FAILED:
            broken.add(Level.ADVICE)
        return next((level for level in Level if level in broken), None)

    @property
    def refused(self) -> bool:
        """Whether the film is rejected or not eligible."""
        return self.worst in (Level.REJECT, Level.INELIGIBLE)


def judge(found: Measurements, placement: Placement) -> Judgement:
    """Compares a film with every rule of a placement."""
    verdicts = tuple(_verdict(found, rule) for rule in placement.rules)
    return Judgement(placement, verdicts, judge_zone(found, placement.safe_zone))


def _verdict(found: Measurements, rule: Rule) -> Verdict:
    value = getattr(found, rule.field)
    asked = asked_words(rule)
    if value is None:
        missing = Outcome.NOT_APPLICABLE if _needs_sound(rule) and not found.has_audio else Outcome.NOT_CHECKED
        reason = "no sound" if missing is Outcome.NOT_APPLICABLE else "not known of this file"
        if rule.field in _OF_WORDS and found.words is not None:
            missing, reason = Outcome.NOT_APPLICABLE, "no words"
        return Verdict(rule, missing, reason, asked)
    passed = _COMPARE[rule.operator](found, rule, value)
    return Verdict(rule, Outcome.PASSED if passed else Outcome.FAILED, shown(rule.field, value), asked)


_OF_WORDS = frozenset({"text_pixels", "text_points"})


def _needs_sound(rule: Rule) -> bool:
    return rule.field.startswith(("audio_", "sound_")) or rule.field in ("loudness", "true_peak", "silent")


def _one_of(_found: Measurements, rule: Rule, value: object) -> bool:
    if rule.field == "frame_rate":
        return any(abs(cast("float", value) - rate) <= _RATE for rate in _numbers(rule))
    if rule.field == "seconds":
        return any(_same_length(_found, seconds) for seconds in _numbers(rule))
    return value in cast("tuple[object, ...]", rule.value)


def _same_length(found: Measurements, seconds: float) -> bool:
    """To the frame: a length may not be a whole number of frames at every rate."""
    return abs(found.seconds - seconds) <= _frame(found)


def _frame(found: Measurements) -> float:
    """Length of a frame in seconds. Files round their times to milliseconds."""
    return (1 / found.frame_rate if found.frame_rate else 0.0) + 0.001


def _at_least(found: Measurements, rule: Rule, value: object) -> bool:
    return cast("float", value) >= _number(rule) - _slack(found, rule)


def _at_most(found: Measurements, rule: Rule, value: object) -> bool:
    return cast("float", value) <= _number(rule) + _slack(found, rule)


def _below(_found: Measurements, rule: Rule, value: object) -> bool:
    slack = _RATE if rule.field == "frame_rate" else 0.0
    return cast("float", value) < _number(rule) - slack


def _between(found: Measurements, rule: Rule, value: object) -> bool:
    low, high = _numbers(rule)
    slack = _slack(found, rule)
    return low - slack <= cast("float", value) <= high + slack


def _within(_found: Measurements, rule: Rule, value: object) -> bool:
    target, tolerance = _numbers(rule)
    return abs(cast("float", value) - target) <= tolerance + _DECIBELS


def _slack(found: Measurements, rule: Rule) -> float:
    """A limit of a length holds to the millisecond; a shorter film than asked by less than a frame has its length."""
    if rule.field == "frame_rate":
        return _RATE
    if rule.field != "seconds":
        return 0.0
    return 0.001 if rule.operator is Operator.AT_MOST else _frame(found)


def _covers(found: Measurements, rule: Rule, _value: object) -> bool:
    return any(found.width >= width and found.height >= height for width, height in _sizes(rule))


def _portrait(found: Measurements, rule: Rule, _value: object) -> bool:
    return found.width >= found.height or (found.width, found.height) in _sizes(rule)


def _aspect_one_of(found: Measurements, rule: Rule, _value: object) -> bool:
    return any(_is_aspect(found, ratio_of(str(text)), rule.tolerance) for text in cast("tuple[str, ...]", rule.value))


def _is_aspect(found: Measurements, ratio: Fraction, tolerance: float | None) -> bool:
    """Within the tolerance of the rule; without one, within the pixel to which a size is rounded."""
    if tolerance is not None:
        return abs(float(found.aspect / ratio) - 1) <= tolerance
    return abs(found.width - found.height * ratio) <= max(1, ratio)


def _aspect_between(found: Measurements, rule: Rule, _value: object) -> bool:
    low, high = (ratio_of(str(text)) for text in cast("tuple[str, str]", rule.value))
    return low <= found.aspect <= high or any(_is_aspect(found, edge, None) for edge in (low, high))


_COMPARE: Mapping[Operator, Callable[[Measurements, Rule, object], bool]] = {
    Operator.IS: lambda _found, rule, value: value is rule.value,
    Operator.ONE_OF: _one_of,
    Operator.AT_LEAST: _at_least,
    Operator.AT_MOST: _at_most,
    Operator.BELOW: _below,
    Operator.BETWEEN: _between,
    Operator.WITHIN: _within,
    Operator.COVERS_ONE_OF: _covers,
    Operator.PORTRAIT_ONE_OF: _portrait,
    Operator.ASPECT_ONE_OF: _aspect_one_of,
    Operator.ASPECT_BETWEEN: _aspect_between,
}


def _number(rule: Rule) -> float:
    return cast("float", rule.value)


def _numbers(rule: Rule) -> Sequence[float]:
    return cast("tuple[float, ...]", rule.value)


def _sizes(rule: Rule) -> list[tuple[int, int]]:
    pairs = (str(text).split("x") for text in cast("tuple[str, ...]", rule.value))
    return [(int(width), int(height)) for width, height in pairs]


_WORDS: Mapping[Operator, str] = {
    Operator.IS: "",
    Operator.ONE_OF: "one of ",
    Operator.AT_LEAST: "at least ",
    Operator.AT_MOST: "at most ",
    Operator.BELOW: "below ",
    Operator.COVERS_ONE_OF: "at least ",
    Operator.PORTRAIT_ONE_OF: "if upright, ",
    Operator.ASPECT_ONE_OF: "",
}


def asked_words(rule: Rule) -> str:
    """What a rule asks for, in words."""
    if rule.operator is Operator.WITHIN:
        target, tolerance = _numbers(rule)
        return f"{shown(rule.field, target)}, ± {tolerance:g}"
    if rule.operator in (Operator.BETWEEN, Operator.ASPECT_BETWEEN):
        low, high = cast("tuple[object, object]", rule.value)
        first = shown("bytes" if rule.field == "bytes" else "", low)
        return f"{first} to {shown(rule.field, high)}"
    values = rule.value if isinstance(rule.value, tuple) else (rule.value,)
    choices = " or ".join(shown("", value) for value in values[:-1])
    last = shown(rule.field, values[-1])
    return f"{_WORDS[rule.operator]}{f'{choices} or {last}' if choices else last}"


_MEGABYTE = 1000**2


def shown(field: str, value: object) -> str:
    """A value for people, with the unit of its field."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Fraction):
        return f"{float(value):.4g}:1"
    if field == "bytes" and isinstance(value, int | float):
        return f"{value / _MEGABYTE:.6g} MB"
    unit = FIELDS.get(field, ("", ""))[1]
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return f"{text} {unit}".strip()
