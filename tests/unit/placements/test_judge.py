from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adreel.placements.judge import Outcome, judge
from adreel.placements.loader import load_placements
from adreel.placements.measurements import Measurements
from adreel.placements.placement import Level, Operator, Placement, Rule, RuleValue, Source
from support.measured import GOOD

SOURCE = Source("a page", "2026-11")


def verdict(
    found: Measurements, field: str, operator: str, value: RuleValue, tolerance: float | None = None
) -> Outcome:
    rule = Rule(field, Operator(operator), value, Level.REJECT, SOURCE, tolerance)
    return judge(found, Placement("p", "P", "16:9", (rule,))).verdicts[0].outcome


@pytest.mark.parametrize(
    ("field", "operator", "value", "right", "wrong"),
    [
        ("seconds", "at_most", 6, {"seconds": 6.0}, {"seconds": 6.034}),
        ("seconds", "at_least", 6, {"seconds": 6.0}, {"seconds": 5.9}),
        ("seconds", "between", (6, 45), {"seconds": 44.9}, {"seconds": 5.9}),
        ("seconds", "one_of", (15, 30), {"seconds": 14.98}, {"seconds": 14.9}),
        ("frame_rate", "one_of", (29.97,), {"frame_rate": 30000 / 1001}, {"frame_rate": 30.0}),
        ("frame_rate", "one_of", (24, 30), {"frame_rate": 30.0}, {"frame_rate": 24000 / 1001}),
        ("frame_rate", "below", 30, {"frame_rate": 30000 / 1001}, {"frame_rate": 30.0}),
        ("bytes", "below", 500, {"bytes": 499}, {"bytes": 500}),
        ("loudness", "within", (-24, 2), {"loudness": -22.0}, {"loudness": -21.9}),
        ("container", "one_of", ("mp4", "mov"), {"container": "mov"}, {"container": "webm"}),
        ("constant_rate", "is", True, {"constant_rate": True}, {"constant_rate": False}),
        ("size", "covers_one_of", ("540x960", "960x540"), {"width": 960, "height": 540}, {"width": 900, "height": 540}),
        (
            "size",
            "portrait_one_of",
            ("1080x1920",),
            {"width": 1080, "height": 1920},
            {"width": 1000, "height": 1920},
        ),
        ("aspect", "aspect_one_of", ("9:16",), {"width": 1081, "height": 1920}, {"width": 1100, "height": 1920}),
        ("aspect", "aspect_between", ("1:2", "191:100"), {"width": 1080}, {"width": 2080}),
        ("bars", "at_most", 0, {"bars_left": 0}, {"bars_left": 1}),
    ],
)
def test_a_rule_holds_on_its_own_side_only(
    field: str, operator: str, value: RuleValue, right: dict[str, Any], wrong: dict[str, Any]
) -> None:
    assert verdict(replace(GOOD, **right), field, operator, value) is Outcome.PASSED
    assert verdict(replace(GOOD, **wrong), field, operator, value) is Outcome.FAILED


def test_the_tolerance_of_an_aspect_is_that_of_its_rule() -> None:
    tall = replace(GOOD, width=1085, height=1920)
    assert verdict(tall, "aspect", "aspect_one_of", ("9:16",), 0.01) is Outcome.PASSED
    assert verdict(tall, "aspect", "aspect_one_of", ("9:16",)) is Outcome.FAILED


def test_rules_about_sound_do_not_apply_to_a_film_without_any() -> None:
    mute = replace(GOOD, has_audio=False, audio_streams=0, audio_codec=None, loudness=None, silent=None)
    assert verdict(mute, "audio_codec", "one_of", ("aac",)) is Outcome.NOT_APPLICABLE
    assert verdict(mute, "loudness", "within", (-24, 2)) is Outcome.NOT_APPLICABLE
    assert verdict(mute, "has_audio", "is", True) is Outcome.FAILED


def test_what_is_not_known_is_not_passed() -> None:
    assert verdict(GOOD, "text_points", "at_least", 30) is Outcome.NOT_CHECKED


def test_the_worst_broken_rule_decides() -> None:
    bumper = load_placements()["youtube-bumper"]
    assert judge(replace(GOOD, seconds=6.0), bumper).worst is None
    assert judge(GOOD, bumper).worst is Level.REJECT
    feed = judge(GOOD, load_placements()["meta-feed"])
    assert (feed.worst, feed.refused) == (Level.ADVICE, False)


def test_a_disputed_rule_says_so() -> None:
    size = next(v for v in judge(GOOD, load_placements()["meta-feed"]).verdicts if v.rule.disputed_by)
    assert size.failed
    assert size.asked == "at least 1440x1800"
    assert "1080" in size.rule.disputed_by
