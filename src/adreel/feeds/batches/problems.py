"""Problems of rows and films, as a table on the disk: memory does not grow with it."""

from __future__ import annotations

import csv
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path

from adreel.feeds.product import Problem
from adreel.services.storage.atomic import whole_file

NAME = "problems.csv"
_HEADER: tuple[str, ...] = ("row", "id", "field", "kind", "message")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell that begins so is run as a formula by programs for tables."""


class ProblemFile:
    """Writes problems; counts errors and notes."""

    def __init__(self, writer: csv.DictWriter[str]) -> None:
        self._writer = writer
        self.errors = 0
        self.notes = 0

    def add(self, problem: Problem) -> None:
        self.errors += problem.is_error
        self.notes += not problem.is_error
        kind = "error" if problem.is_error else "note"
        values = (str(problem.row), problem.id, problem.field, kind, problem.message)
        self._writer.writerow(dict(zip(_HEADER, map(_inert, values), strict=True)))


@contextmanager
def problem_file(folder: Path) -> Generator[ProblemFile]:
    """The file of one run; it takes its name when the run ends."""
    with whole_file(folder / NAME) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, _HEADER)
        writer.writeheader()
        yield ProblemFile(writer)


def read_problems(folder: Path) -> Iterator[dict[str, str]]:
    """Yields the problems of the last run."""
    path = folder / NAME
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)


def _inert(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
