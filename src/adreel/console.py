"""Progress on the terminal, on standard error."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from decimal import Decimal

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from adreel.domain import events
from adreel.domain.money import tidy


@contextmanager
def progress_bar() -> Generator[events.ProgressSink]:
    """A sink that draws stage, percentage and time left; on a stream that is no terminal, one line for each stage and cost."""
    console = Console(stderr=True)
    if console.is_terminal:
        with _bar(console) as bar:
            task = bar.add_task("starting", total=100.0, note="")
            yield lambda event: bar.update(
                task, completed=event.percent, description=event.stage.value, note=_note(event)
            )
    else:
        yield _lines(console)


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
    return event.message if event.cost is None else f"{event.message}, ${tidy(event.cost)} so far"


def _lines(console: Console) -> events.ProgressSink:
    seen: set[tuple[str, Decimal | None]] = set()

    def sink(event: events.Progress) -> None:
        if (event.stage, event.cost) not in seen:
            seen.add((event.stage, event.cost))
            spent = "" if not event.cost else f", ${tidy(event.cost)} so far"
            console.print(f"{event.percent:3.0f} %  {event.stage.value}{spent}", markup=False, highlight=False)

    return sink
