"""``adreel check``, ``adreel placements`` and ``adreel verify``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adreel.cli.tables import table
from adreel.domain.errors import InputError

if TYPE_CHECKING:
    from adreel.placements.checking import FilmChecker, FilmReport, Mended
    from adreel.placements.judge import Judgement
    from adreel.placements.measurements import Measurements
    from adreel.placements.placement import Placement

_MEGABYTE = 1000**2
_UNREADABLE = 3

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]
Films = Annotated[list[Path], typer.Argument(help="Film files, of adreel or of any other maker.")]


def check(
    films: Films,
    placements: Annotated[
        list[str] | None, typer.Option("--for", help="A placement, see adreel placements; may be given several times.")
    ] = None,
    repair: Annotated[
        Path | None,
        typer.Option(help="Write the film with everything mended that can be without inventing, for one placement."),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the mended file when it exists.")] = False,
    as_json: Json = False,
) -> None:
    """Check films against the rules of placements, each with its source, and mend them.

    Exit status: 0 the films fit, 1 but for advice, 2 one is refused, 3 one cannot be read.
    """
    checker = _checker()
    names = placements or []
    checker.chosen(names)
    if repair is not None:
        _repair(checker, films, names, repair, overwrite, as_json)
        return
    reports = [checker.check(film, names) for film in films]
    _show(reports, as_json)
    raise typer.Exit(max(report.grade for report in reports))


def _checker() -> FilmChecker:
    from adreel.bootstrap.checks import open_checker
    from adreel.bootstrap.settings import read_settings

    return open_checker(read_settings())


def _show(reports: list[FilmReport], as_json: bool) -> None:
    if as_json:
        import json

        typer.echo(json.dumps({"films": [report.to_json() for report in reports]}, ensure_ascii=False))
        return
    typer.echo("\n\n".join("\n".join(report_lines(report)) for report in reports))


def report_lines(report: FilmReport) -> Iterator[str]:
    """A report as lines of text: what was measured, then a table for each placement."""
    if report.measured is None:
        yield f"{report.film}: cannot be read: {report.error}"
        return
    yield f"{report.film}: {_summary(report.measured)}"
    for judgement in report.judgements:
        yield ""
        yield from judgement_lines(judgement)


def judgement_lines(judgement: Judgement) -> Iterator[str]:
    """The verdicts for one placement: a line for each rule, with its source and the day on which it was read."""
    from adreel.placements.measurements import FIELDS

    placement = judgement.placement
    yield f"{placement.name} ({placement.title}): {_RESULTS[judgement.worst]}"
    rows = [
        (
            _MARKS[verdict.outcome] if not verdict.failed else verdict.rule.level.upper(),
            FIELDS[verdict.rule.field][0],
            verdict.measured,
            verdict.asked,
            _source(verdict.rule.source.text, verdict.rule.source.seen_on),
            "; ".join(filter(None, (verdict.rule.note, _disputed(verdict.rule.disputed_by)))),
        )
        for verdict in judgement.verdicts
    ]
    if judgement.zone is not None:
        zone, outcome = judgement.zone.zone, judgement.zone.outcome
        sides = f"{zone.top} top, {zone.bottom} bottom, {zone.left} left, {zone.right} right of 1080x1920"
        source = _source(zone.source.text, zone.source.seen_on)
        mark = "ADVICE" if outcome == "failed" else _MARKS[outcome]
        measured = judgement.zone.measured
        rows.append((mark, "words clear of the zone", measured, sides, source, _disputed(zone.disputed_by)))
    yield table(("", "RULE", "MEASURED", "ASKED", "SOURCE", "NOTE"), rows)


_RESULTS = {
    None: "fits",
    "advice": "fits, with advice",
    "ineligible": "not eligible",
    "reject": "would be rejected",
}
_MARKS = {"passed": "ok", "not applicable": "-", "not checked": "-", "failed": ""}


def _source(text: str, seen_on: str) -> str:
    return f"{text}, seen {seen_on}" if seen_on else text


def _disputed(by: str) -> str:
    return f"disputed: {by}" if by else ""


def _summary(found: Measurements) -> str:
    rate = (
        ""
        if found.frame_rate is None
        else f", {found.frame_rate:.5g} fps{'' if found.constant_rate else ' (variable)'}"
    )
    sound = "no sound"
    if found.has_audio and found.loudness is not None:
        sound = f"{found.audio_codec} {found.audio_rate} Hz, {found.loudness:.1f} LUFS"
    size = f"{found.bytes / _MEGABYTE:.1f} MB"
    still = f", longest frozen stretch {found.frozen_seconds:.1f} s" if found.frozen_seconds >= 1 else ""
    first = ", index not first" if found.index_first is False else ""
    return f"{found.container}, {found.video_codec} {found.size}{rate}, {found.seconds:.3f} s, {size}, {sound}{still}{first}"


def _repair(
    checker: FilmChecker, films: list[Path], names: list[str], out: Path, overwrite: bool, as_json: bool
) -> None:
    import asyncio
    import json

    from adreel.agents.output import Existing, check_out, delivered

    if len(films) != 1 or len(names) != 1:
        raise InputError("--repair mends one film for one placement: give one file and one --for")
    existing = Existing.REPLACE if overwrite else Existing.REFUSE
    check_out(out, existing, films)
    (placement,) = checker.chosen(names)

    async def run() -> None:
        async def write(temporary: Path) -> None:
            found.append(await asyncio.to_thread(checker.mend, films[0], placement, temporary))

        paths.append(await delivered(out, existing, write))

    found, paths = list["Mended"](), list[Path]()
    try:
        asyncio.run(run())
    except InputError as error:
        typer.echo(f"adreel: {error}", err=True)
        raise typer.Exit(_UNREADABLE) from error
    mended = found[0]
    if as_json:
        from adreel.placements.checking import judgement_json

        facts = {"film": str(paths[0]), "done": mended.done, "left": mended.left}
        typer.echo(json.dumps({**facts, "placement": judgement_json(mended.judgement)}, ensure_ascii=False))
    else:
        typer.echo("\n".join([f"{paths[0]}: {_summary(mended.measured)}", *_mended_lines(mended)]))
    raise typer.Exit(_grade(mended.judgement))


def _mended_lines(mended: Mended) -> Iterator[str]:
    yield from (f"  mended: {what}" for what in mended.done)
    if not mended.done:
        yield "  nothing was to be mended"
    yield from (f"  not mended: {what}" for what in mended.left)


def _grade(judgement: Judgement) -> int:
    from adreel.placements.checking import ADVISED, FIT, REFUSED

    return REFUSED if judgement.refused else ADVISED if judgement.worst else FIT


def placements(as_json: Json = False) -> None:
    """List the placements that films can be checked and made for.

    Those of your own file (ADREEL_PLACEMENTS) are marked with *.
    """
    known = _checker().placements
    if as_json:
        import json

        typer.echo(json.dumps({"placements": [_facts(each) for each in known.values()]}, ensure_ascii=False))
        return
    rows = [_row(each) for each in known.values()]
    typer.echo(table(("NAME", "PLACEMENT", "MADE IN", "SECONDS", "RULES", "SEEN"), rows, right=frozenset({3, 4})))


def _row(placement: Placement) -> tuple[str, ...]:
    name = f"{placement.name} *" if placement.own else placement.name
    seconds = "" if placement.seconds is None else f"{placement.seconds:g}"
    seen = max((rule.source.seen_on for rule in placement.rules), default="")
    return name, placement.title, placement.aspect, seconds, str(len(placement.rules)), seen


def _facts(placement: Placement) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(placement)


def verify(films: Films, as_json: Json = False) -> None:
    """Say what the content credentials of films show.

    Exit status: 0 every film is as it was signed, 1 one was changed or has no credentials.
    """
    import json
    from dataclasses import asdict

    from adreel.bootstrap.credentials import own_root
    from adreel.bootstrap.settings import read_settings
    from adreel.provenance.reading import in_words, read_credentials

    root = own_root(read_settings())
    found = [(film, read_credentials(film, root)) for film in films]
    if as_json:
        typer.echo(json.dumps({"films": [{"film": str(film), **asdict(each)} for film, each in found]}))
    else:
        typer.echo(
            "\n".join(line for film, each in found for line in (f"{film}:", *(f"  {w}" for w in in_words(each))))
        )
    if any(each.state is None or not each.untouched for _, each in found):
        raise typer.Exit(1)
