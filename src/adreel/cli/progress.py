"""Shows progress on standard error."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from decimal import Decimal

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from adreel.domain.costs.money import format_amount
from adreel.domain.work import progress as events
from adreel.domain.work.percentages import WHOLE

_LINE_SECONDS = 15.0


@contextmanager
def progress_bar() -> Generator[events.ProgressSink]:
    """A sink that shows stage, percentage and time left; without a terminal it prints lines, see `Lines`."""
    console = Console(stderr=True)
    if console.is_terminal:
        with _bar(console) as bar:
            task = bar.add_task("starting", total=WHOLE.end, note="")
            yield lambda event: bar.update(
                task, completed=event.percent, description=event.stage.value, note=_note(event)
            )
    else:
        yield Lines(console)


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description:<16}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        TextColumn("[dim]{task.fields[note]}", markup=True),
        console=console,
    )


def _note(event: events.Progress) -> str:
    return event.message if event.cost is None else f"{event.message}, ${format_amount(event.cost)} so far"


class Lines:
    """A ProgressSink for output that is kept: one line for each stage and cost, and for a new message once in `seconds`."""

    def __init__(
        self, console: Console, clock: Callable[[], float] = time.monotonic, seconds: float = _LINE_SECONDS
    ) -> None:
        self._console = console
        self._clock = clock
        self._seconds = seconds
        self._seen: set[tuple[str, Decimal | None]] = set()
        self._printed = float("-inf")
        self._message = ""

    def __call__(self, event: events.Progress) -> None:
        if (event.stage, event.cost) not in self._seen:
            self._seen.add((event.stage, event.cost))
            self._print(event, f", ${format_amount(event.cost)} so far" if event.cost else "")
        elif event.message != self._message and self._clock() - self._printed >= self._seconds:
            self._print(event, f": {event.message}")

    def _print(self, event: events.Progress, rest: str) -> None:
        self._printed, self._message = self._clock(), event.message
        self._console.print(
            f"{event.percent:3.0f} %  {event.stage.value}{rest}", markup=False, highlight=False, soft_wrap=True
        )
