"""Tests of how addresses and telephones are read aloud."""

from __future__ import annotations

import pytest

from adreel.media.speech.normalizer import read_aloud


def _said(text: str) -> str:
    return " ".join(part for word in read_aloud(text) for part in word.said)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Call 1-800-555-0199 now.", "Call one eight hundred five five five oh one nine nine now"),
        ("(212) 555-0100", "two one two five five five oh one oh oh"),
        ("555-0142", "five five five oh one four two"),
        ("+49301234567", "plus four nine three oh one two three four five six seven"),
        ("100-200 people", "one hundred to two hundred people"),
        ("www.halecoffee.com", "W W W dot hale coffee dot com"),
        ("Follow @morgen.home.", "Follow at morgen dot home"),
        ("#morgenmug", "hashtag morgen mug"),
        ("morgenmug.de/neu", "morgen mug dot D E slash neu"),
    ],
)
def test_addresses_and_telephones(written: str, said: str) -> None:
    assert _said(written) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("221 Baker St., London", "two hundred and twenty one Baker street London"),
        ("12 Ocean Dr. in Miami", "twelve Ocean drive in Miami"),
        ("5 Old Mill Rd.", "five Old Mill road"),
        ("Visit St. John. Ask Dr. Lee.", "Visit saint John Ask doctor Lee"),
    ],
)
def test_streets_are_no_saints(written: str, said: str) -> None:
    assert _said(written) == said
