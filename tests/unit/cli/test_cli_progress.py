from __future__ import annotations

from decimal import Decimal
from io import StringIO

from rich.console import Console

from adreel.cli.progress import Lines
from adreel.domain.work.percentages import ProgressStage
from adreel.domain.work.progress import Progress


def test_lines_say_each_stage_and_cost_at_once_and_messages_now_and_then() -> None:
    out, times = StringIO(), [0.0]
    lines = Lines(Console(file=out, width=40), clock=lambda: times[0], seconds=15)
    for times[0], percent, message, cost in (
        (0.0, 22, "Planning scenes", "0"),
        (10.0, 24, "Waiting for a machine at Replicate: clip 1 (10 s so far)", "0"),
        (16.0, 25, "Replicate is making clip 1: 34 % (16 s so far)", "0"),
        (17.0, 26, "Replicate is making clip 1: 36 % (17 s so far)", "0"),
        (18.0, 90, "Clip 1 of 1 is ready", "0.11"),
        (60.0, 90, "Clip 1 of 1 is ready", "0.11"),
    ):
        lines(Progress(ProgressStage.CLIPS, percent, message, Decimal(cost)))
    assert out.getvalue().splitlines() == [
        " 22 %  making clips",
        " 25 %  making clips: Replicate is making clip 1: 34 % (16 s so far)",
        " 90 %  making clips, $0.11 so far",
    ]
