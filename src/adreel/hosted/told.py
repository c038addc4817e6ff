"""What a session tells while it works, as progress of the whole film; and what of it must be known in the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from adreel.domain.events import HOSTED_SPANS, Progress, ProgressSink, ProgressStage
from adreel.domain.session import SessionEvent
from adreel.domain.stage import Stage

_PARTS: Mapping[Stage, tuple[ProgressStage, float, float]] = {
    Stage.IMAGE_GENERATION: (ProgressStage.IMAGES, 0, 50),
    Stage.IMAGE_SELECTION: (ProgressStage.IMAGES, 0, 50),
    Stage.CLIP_GENERATION: (ProgressStage.CLIPS, 55, 90),
    Stage.CLIP_SELECTION: (ProgressStage.CLIPS, 55, 90),
}
"""The part of the film that a session works on at a stage, and the session's percentages at which it begins and ends."""


class Told:
    """Listens to a session that has `spent` so much (US dollars) up to now.

    `failures` are the pieces that could not be made, `notes` what came otherwise, both in words.
    """

    def __init__(self, sink: ProgressSink, spent: Decimal) -> None:
        self._sink = sink
        self._percent = 0.0
        self._cost = spent
        self.failures: list[str] = []
        self.notes: list[str] = []

    def reading(self) -> None:
        self._tell(Progress(ProgressStage.READING, 0.0, "reading photos"))

    def event(self, event: SessionEvent) -> None:
        """One thing that the session tells."""
        self._cost = event.current_cost
        self.failures += event.data.get("failures") or []
        self.notes += [event.data["warning"]] if event.data.get("warning") else []
        if event.stage not in _PARTS:
            return
        stage, begin, end = _PARTS[event.stage]
        first, last = HOSTED_SPANS[stage]
        share = min(1.0, max(0.0, (event.progress - begin) / (end - begin)))
        self._tell(Progress(stage, first + (last - first) * share, event.message))

    def film(self, progress: Progress) -> None:
        """Progress of the composition, which is in percent of the whole already."""
        self._tell(progress)

    def _tell(self, progress: Progress) -> None:
        self._percent = max(self._percent, progress.percent)
        self._sink(replace(progress, percent=self._percent, cost=self._cost))
