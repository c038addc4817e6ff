"""Checks films against placements, and mends them: reads and writes files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from adreel.domain.errors import ClipError, InputError, RenderError, ToolError
from adreel.domain.films.formats import FrameSize
from adreel.domain.films.shown_words import Words, to_plain
from adreel.domain.machine_faults import fault_or
from adreel.media.ffmpeg.process import Limits, find_ffmpeg, run
from adreel.media.words_box import add_words
from adreel.placements.commands import mend_args
from adreel.placements.judge import Judgement, Verdict, judge
from adreel.placements.loader import Placements, find_placements, load_placements
from adreel.placements.measure import measure
from adreel.placements.measurements import FIELDS, Measurements, as_json
from adreel.placements.mending import plan_mending
from adreel.placements.placement import Placement
from adreel.placements.streams import FilmFacts, read_facts
from adreel.placements.zones import Outcome, ZoneVerdict

Json = dict[str, Any]

FIT, ADVISED, REFUSED, UNREADABLE = 0, 1, 2, 3
"""How a film fits: entirely, but for advice, not, or it cannot be read."""

_SECONDS_PER_SECOND = 40.0


@dataclass(frozen=True, slots=True)
class FilmReport:
    """A checked film. `error` says why it cannot be read; then nothing was measured."""

    film: str
    measured: Measurements | None
    judgements: tuple[Judgement, ...] = ()
    error: str = ""

    @property
    def grade(self) -> int:
        """FIT, ADVISED, REFUSED or UNREADABLE, by the worst placement."""
        if self.measured is None:
            return UNREADABLE
        if any(each.refused for each in self.judgements):
            return REFUSED
        return ADVISED if any(each.worst for each in self.judgements) else FIT

    def to_json(self) -> Json:
        """The report as plain values, for programs."""
        measured = None if self.measured is None else as_json(self.measured)
        return {
            "film": self.film,
            "grade": ("fit", "advice", "refused", "unreadable")[self.grade],
            "error": self.error or None,
            "measured": measured,
            "placements": [judgement_json(each) for each in self.judgements],
        }


@dataclass(frozen=True, slots=True)
class Mended:
    """A mended film: what was `done`, and how the result is judged."""

    done: tuple[str, ...]
    measured: Measurements
    judgement: Judgement

    @property
    def left(self) -> tuple[str, ...]:
        """The rules that the mended film still breaks, in words."""
        broken = (broken_words(verdict) for verdict in self.judgement.verdicts if verdict.failed)
        return (*broken, *_covered_words(self.judgement.zone))


@dataclass(frozen=True)
class FilmChecker:
    """Measures films with `ffmpeg`. `own` is the user's file of placements; `read` reads a film's container: for files of
    strangers in a process of its own."""

    ffmpeg: Path = field(default_factory=find_ffmpeg)
    own: Path | None = None
    read: Callable[[Path], FilmFacts] = read_facts

    @cached_property
    def placements(self) -> Placements:
        """All placements by name. Raises InputError for a file of the user's own that cannot be used."""
        return load_placements(self.own)

    def chosen(self, names: Sequence[str]) -> tuple[Placement, ...]:
        """Returns the placements of these names. Raises InputError for an unknown one, and for none."""
        if not names:
            raise InputError(f"name a placement to check the film for: {', '.join(self.placements)}")
        return find_placements(self.placements, tuple(names))

    def check(self, film: Path, names: Sequence[str], shown_as: str | None = None) -> FilmReport:
        """Measures a film once and judges it for each placement. A film that cannot be read is in the report.

        Raises InputError for an unknown placement, MachineError when the machine is at fault.
        """
        chosen = self.chosen(names)
        name = shown_as or str(film)
        try:
            measured = measure(self.ffmpeg, film, self.read)
        except ClipError as error:
            return FilmReport(name, None, error=str(error).replace(str(film), name))
        return FilmReport(name, measured, tuple(judge(measured, each) for each in chosen))

    def mend(self, film: Path, placement: Placement, out: Path) -> Mended:
        """Writes the film to `out` with everything mended that can be without inventing. Raises ClipError, RenderError."""
        facts, measured = self.read(film), measure(self.ffmpeg, film, self.read)
        plan = plan_mending(measured, judge(measured, placement))
        limits = Limits(seconds=120 + _SECONDS_PER_SECOND * facts.seconds)
        try:
            run(mend_args(self.ffmpeg, film, facts, plan, out), limits=limits)
        except ToolError as error:
            raise RenderError(f"{film} cannot be mended: {error}") from error
        if measured.words is not None and plan.crop is None:
            _keep_words(out, measured, measured.words)
        mended = measure(self.ffmpeg, out, self.read)
        return Mended(plan.done, mended, judge(mended, placement))


def judgement_json(judgement: Judgement) -> Json:
    """The verdicts for one placement as plain values."""
    placement = judgement.placement
    return {
        "placement": placement.name,
        "title": placement.title,
        "level": judgement.worst,
        "rules": [_verdict_json(verdict) for verdict in judgement.verdicts],
        "safe_zone": _zone_json(judgement.zone),
    }


def _verdict_json(verdict: Verdict) -> Json:
    rule = verdict.rule
    return {
        "field": rule.field,
        "outcome": verdict.outcome,
        "level": rule.level,
        "measured": verdict.measured,
        "asked": verdict.asked,
        "source": rule.source.text,
        "seen_on": rule.source.seen_on or None,
        "note": rule.note or None,
        "disputed_by": rule.disputed_by or None,
    }


def _keep_words(out: Path, found: Measurements, words: Words) -> None:
    """Records in a mended film where its words stand, which mending does not change."""
    try:
        add_words(out, FrameSize(found.width, found.height), words)
    except OSError as error:
        raise fault_or(error, out.parent, RenderError(f"{out} cannot be written: {error}")) from error


def _zone_json(verdict: ZoneVerdict | None) -> Json | None:
    if verdict is None:
        return None
    zone = verdict.zone
    return {
        "top": zone.top,
        "bottom": zone.bottom,
        "left": zone.left,
        "right": zone.right,
        "outcome": verdict.outcome,
        "measured": verdict.measured,
        "covered": to_plain(verdict.covered),
        "source": zone.source.text,
        "seen_on": zone.source.seen_on or None,
        "disputed_by": zone.disputed_by or None,
    }


def _covered_words(verdict: ZoneVerdict | None) -> list[str]:
    if verdict is None or verdict.outcome is not Outcome.FAILED:
        return []
    source = verdict.zone.source
    seen = f", seen {source.seen_on}" if source.seen_on else ""
    return [f"advice: words are under the platform's own controls, {verdict.measured} ({source.text}{seen})"]


def broken_words(verdict: Verdict) -> str:
    """A broken rule in words, with its source."""
    rule = verdict.rule
    level = {"reject": "rejected", "ineligible": "not eligible", "advice": "advice"}[rule.level]
    seen = f", seen {rule.source.seen_on}" if rule.source.seen_on else ""
    return f"{level}: {FIELDS[rule.field][0]} is {verdict.measured}, asked: {verdict.asked} ({rule.source.text}{seen})"
