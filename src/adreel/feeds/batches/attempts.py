"""The films that runs of a batch have begun and finished, line by line: what a kill cost, and that no film was made twice.

`attempts.csv` begins anew with the first run after one that went through to its end.
"""

from __future__ import annotations

import csv
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TextIO

NAME = "attempts.csv"
_HEADER = ("time", "film", "event")
_TAIL_BYTES = 200


class Attempt(StrEnum):
    BEGUN = "begun"
    FINISHED = "finished"
    FAILED = "failed"
    ENDED = "ended"
    """The run went through to its end; no film."""


class AttemptLog:
    """Appends lines; each is handed to the system at once, so that it outlives the process. Opened by `attempt_log`."""

    def __init__(self, file: TextIO, clock: Callable[[], datetime]) -> None:
        self._file = file
        self._writer = csv.writer(file)
        self._clock = clock
        self._lock = threading.Lock()

    def note(self, attempt: Attempt, film: str = "") -> None:
        """`film` is the name of the film's file without its ending."""
        with self._lock:
            self._writer.writerow((self._clock().isoformat(timespec="milliseconds"), film, attempt.value))
            self._file.flush()


@contextmanager
def attempt_log(folder: Path, clock: Callable[[], datetime]) -> Generator[AttemptLog]:
    """The log of a run in a batch's folder, which goes on from that of a run that broke off."""
    path = folder / NAME
    goes_on = path.is_file() and not _has_ended(path)
    with path.open("a" if goes_on else "w", encoding="utf-8", newline="") as file:
        if not goes_on:
            csv.writer(file).writerow(_HEADER)
        yield AttemptLog(file, clock)


def read_attempts(folder: Path) -> list[tuple[str, Attempt]]:
    """The films and what became of them, in the order of the lines; a line that a kill cut off is left out."""
    path = folder / NAME
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file) if len(row) == len(_HEADER)]
    return [(film, Attempt(event)) for _, film, event in rows[1:] if event in tuple(Attempt)]


def _has_ended(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        return file.read().rstrip().endswith(f",{Attempt.ENDED.value}".encode())
