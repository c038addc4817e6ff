from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adreel.domain.scripts.claims.sheet import TruthSheet
from adreel.domain.scripts.claims.tokens import bare
from adreel.domain.scripts.reading_time import count_words
from adreel.providers.planning.fact_lines import Line, LineKind, fact_lines, ranked, shortened


def short(text: str, most: float, kind: LineKind = LineKind.STATEMENT) -> str | None:
    sheet = TruthSheet((text,))
    return shortened(Line(text, kind), most, lambda form: not any(sheet.unsupported(form)))


def test_facts_become_sentences_of_their_kind() -> None:
    lines = fact_lines(
        ["- Holds 350 ml. Made in Portugal!", "Cold coffee?", "“So good. So warm.” – Ana", "Holds 350 ml."]
    )
    assert [(line.text, line.kind) for line in lines] == [
        ("Holds 350 ml.", LineKind.STATEMENT),
        ("Made in Portugal!", LineKind.STATEMENT),
        ("Cold coffee?", LineKind.QUESTION),
        ("“So good. So warm.” – Ana", LineKind.QUOTE),
    ]


def test_numbers_come_first_then_what_is_said_in_few_words() -> None:
    facts = ["Washable", "A handle for four fingers", "Weighs 300 g"]
    assert [line.text for line in ranked(fact_lines(facts))] == [
        "Weighs 300 g",
        "A handle for four fingers",
        "Washable",
    ]


@pytest.mark.parametrize(
    ("text", "most", "expected"),
    [
        ("It holds 350 ml.", 6, "Holds 350 ml"),
        ("hand-glazed stoneware", 6, "Hand-glazed stoneware"),
        ("iPhone holder", 6, "iPhone holder"),
        ("Er hält 350 ml.", 6, "Er hält 350 ml"),
        ("Keeps coffee hot for 2 hours (measured at 20 °C)", 7, "Keeps coffee hot for 2 hours"),
        ("Hand-glazed stoneware, made in Portugal", 3, "Made in Portugal"),
        ("The handle fits four fingers because we made it wider", 6, "The handle fits four fingers"),
        ("Keeps coffee hot for up to 2 hours and is dishwasher safe", 8, "Keeps coffee hot for up to 2 hours"),
        # What would say more than the fact, or nothing whole, is not shown.
        ("Keeps coffee hot for up to 2 hours and is dishwasher safe", 4, None),
        ("If you register, 5-year guarantee", 4, None),
        ("Dishwasher safe, but only in the top rack", 4, None),
        ("Between 2 and 4 hours of warmth", 3, None),
        ("No lead, glue or dyes", 3, "No lead"),
        ("Without plastic, glue or dyes", 3, "Without plastic"),
        ("Made of the same clay and glaze as our bowls", 4, None),
        ("Hot for 2 hours and never bitter", 5, None),
    ],
)
def test_a_line_is_shortened_to_a_part_that_is_true(text: str, most: float, expected: str | None) -> None:
    assert short(text, most) == expected


def test_a_quotation_keeps_its_marks_and_whole_sentences() -> None:
    text = "“The mug I reach for. I bought two more.” – Ana, Porto"
    assert short(text, 12, LineKind.QUOTE) == text
    assert short(text, 9, LineKind.QUOTE) == "“The mug I reach for. I bought two more.”"
    assert short(text, 6, LineKind.QUOTE) == "“The mug I reach for.”"
    assert short(text, 4, LineKind.QUOTE) is None


_ODD = (
    "no",
    "2",
    "hours",
    "hot",
    ",",
    "and",
    "never",
    "without",
    "if",
    "it",
    "is",
    "–",
    ":",
    "(",
    ")",
    "up",
    "to",
    "safe.",
)
_words = st.lists(st.sampled_from(_ODD), max_size=14)


@given(_words, st.integers(1, 10))
def test_whatever_the_fact_a_form_is_short_enough_and_made_of_its_words(words: list[str], most: int) -> None:
    for line in fact_lines([" ".join(words)]):
        form = short(line.text, most, line.kind)
        if form is not None:
            assert count_words(form) <= most
            assert set(bare(form).split()) <= set(bare(line.text).split())
            assert list(TruthSheet((line.text,)).unsupported(form)) == []
