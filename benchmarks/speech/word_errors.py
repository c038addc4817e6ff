"""How far a transcript differs from what should be said: words aligned, with the time of each. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from adreel.media.speech.normalizer import read_aloud


@dataclass(frozen=True, slots=True)
class Step:
    """A pair of an alignment: places in the two sequences, None where one has no word."""

    expected: int | None
    heard: int | None


def plain_words(text: str) -> list[str]:
    """The words of a text in small letters, numbers written out, without punctuation; letters in a row are one word."""
    said = [part for word in read_aloud(text) for part in word.said]
    parts = [re.sub(r"[^a-z0-9']", "", part.lower()).strip("'") for each in said for part in re.split(r"[-\s]", each)]
    return list(_letters_joined([part for part in parts if part]))


def _letters_joined(words: Sequence[str]) -> Iterator[str]:
    run = ""
    for word in [*words, ""]:
        if len(word) == 1:
            run += word
            continue
        if run:
            yield run
        run = ""
        if word:
            yield word


def aligned(expected: Sequence[str], heard: Sequence[str]) -> list[Step]:
    """The alignment with the fewest words replaced, missing or added (Levenshtein)."""
    cost = [
        [row + column if not row * column else 0 for column in range(len(heard) + 1)]
        for row in range(len(expected) + 1)
    ]
    for row in range(1, len(expected) + 1):
        for column in range(1, len(heard) + 1):
            other = expected[row - 1] != heard[column - 1]
            cost[row][column] = min(
                cost[row - 1][column - 1] + other, cost[row - 1][column] + 1, cost[row][column - 1] + 1
            )
    return list(_path(cost, expected, heard))[::-1]


def _path(cost: Sequence[Sequence[int]], expected: Sequence[str], heard: Sequence[str]) -> Iterator[Step]:
    row, column = len(expected), len(heard)
    while row or column:
        here = cost[row][column]
        if row and column and here == cost[row - 1][column - 1] + (expected[row - 1] != heard[column - 1]):
            row, column = row - 1, column - 1
            yield Step(row, column)
        elif row and here == cost[row - 1][column] + 1:
            row -= 1
            yield Step(row, None)
        else:
            column -= 1
            yield Step(None, column)


def errors(expected: Sequence[str], heard: Sequence[str]) -> int:
    return sum(
        step.expected is None or step.heard is None or expected[step.expected] != heard[step.heard]
        for step in aligned(expected, heard)
    )


def misread(expected: Sequence[str], heard: Sequence[str]) -> list[tuple[str, str]]:
    """Runs of words that differ: what should be said, what was heard."""
    runs: list[tuple[list[str], list[str]]] = []
    open_run = False
    for step in aligned(expected, heard):
        wanted = "" if step.expected is None else expected[step.expected]
        got = "" if step.heard is None else heard[step.heard]
        if wanted == got:
            open_run = False
            continue
        if not open_run:
            runs.append(([], []))
            open_run = True
        runs[-1][0].extend([wanted] if wanted else [])
        runs[-1][1].extend([got] if got else [])
    return [(" ".join(wanted), " ".join(got)) for wanted, got in runs]
