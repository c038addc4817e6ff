"""The mark of a purchase in a prompt: white space, so that an order whose answer was lost is found again by it."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

BITS = 32
_MARK = re.compile(rf"\n([ \t]{{{BITS}}})\n")
_ONE, _ZERO = "\t", " "


def mark(seed: int) -> str:
    """A seed written as 32 spaces and tabs on a line of their own: the model sees an empty line, we see the order."""
    bits = f"{seed:0{BITS}b}"
    return "\n" + bits.replace("1", _ONE).replace("0", _ZERO) + "\n"


def marked_seed(text: str) -> int | None:
    """The seed that `mark` wrote into a text."""
    found = _MARK.search(text)
    return int(found[1].replace(_ONE, "1").replace(_ZERO, "0"), 2) if found else None


def marker_in(given: Mapping[str, object], fields: Collection[str]) -> int | None:
    """The mark in one of the text fields of a model's input, whichever has it."""
    values = (given.get(field) for field in fields)
    marks = (marked_seed(value) for value in values if isinstance(value, str))
    return next((mark for mark in marks if mark is not None), None)


def marked_line(text: str, seed: int) -> str:
    """A line to be spoken, with the mark behind its words, where nothing is spoken any more. White space within the words is
    folded, so that no line can carry a mark of its own."""
    return f"{' '.join(text.split())}{mark(seed)}"
