"""``adreel batch``."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adreel.cli.amounts import dollars as in_dollars
from adreel.cli.film_options import SPOKEN, For, with_film_options
from adreel.domain.errors import InputError, PhotoError

if TYPE_CHECKING:
    from adreel.feeds.batches.planning import BatchOrder, ScriptSource
    from adreel.feeds.batches.summary import BatchEvent, BatchResult, Summary
    from adreel.feeds.sources import FeedSource
    from adreel.studio.hosted_batch import BatchEngine
    from adreel.studio.studio import Studio

_SHOWN_PROBLEMS = 10
LOCAL = "local"


class Encoder(StrEnum):
    """How films of a batch are encoded."""

    STANDARD = "standard"
    FAST = "fast"


@with_film_options("name", "cta", "intro_seconds", "fit", *SPOKEN)
def batch(
    source: Annotated[
        str,
        typer.Argument(
            help="A table (CSV, TSV, XLSX), feed (Merchant XML, products.json) or product page, or its address."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder of the films, the report and the state; it is created.")],
    script: Annotated[
        Path | None,
        typer.Option(help="A template: a script with slots such as {title:40} and {price}.", metavar="FILE"),
    ] = None,
    recipe: Annotated[
        str | None, typer.Option(help="Without a template: the recipe of the ads, or auto for what suits each product.")
    ] = None,
    text_style: Annotated[str | None, typer.Option(help="With --recipe: style of the text.")] = None,
    seconds: Annotated[
        float | None, typer.Option(help="With --recipe: length of the films, end card included.")
    ] = None,
    cta: Annotated[str | None, typer.Option(help='With --recipe: call to action; "" for no end card.')] = None,
    prompt: Annotated[str, typer.Option(help="With --recipe: the mood of the films, in a sentence.")] = "",
    clip_seconds: Annotated[float, typer.Option(help="Usual length of a beat of a template without a length.")] = 3.0,
    where: Annotated[
        list[str] | None,
        typer.Option(
            help="Only products for which this holds, such as price>=20 or brand=Morgen; may be given several times."
        ),
    ] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Only so many products from the beginning of the feed.")
    ] = None,
    column: Annotated[
        list[str] | None,
        typer.Option(
            help="The column of a field, as title=Bezeichnung, where the usual names do not fit.",
            metavar="FIELD=COLUMN",
        ),
    ] = None,
    currency: Annotated[
        str | None, typer.Option(help="Currency of prices without one, such as EUR.", metavar="CODE")
    ] = None,
    remote_photos: Annotated[
        bool,
        typer.Option(
            "--remote-photos", help="Download photos from the addresses in the feed: you confirm that you may use them."
        ),
    ] = False,
    base_url: Annotated[
        str | None,
        typer.Option(
            help="Where the folder will be found on the web: writes the feed back with the addresses of the films."
        ),
    ] = None,
    delete_gone: Annotated[
        bool,
        typer.Option("--delete-gone", help="Delete films of products that left the feed; by default they are marked."),
    ] = False,
    placements: For = None,
    engine: Annotated[
        str, typer.Option(help="local, or a hosted engine as of adreel make, whose clips are bought.")
    ] = LOCAL,
    budget: Annotated[
        Decimal | None,
        typer.Option(
            parser=in_dollars,
            metavar="DOLLARS",
            help="With a hosted engine: the most that the batch may cost in all its runs, in US dollars.",
        ),
    ] = None,
    encoder: Annotated[
        Encoder, typer.Option(help="fast encodes in two thirds of the time, for about a quarter more bytes.")
    ] = Encoder.STANDARD,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be made, what it costs and takes; draw three stills.")
    ] = False,
    **film: Any,  # noqa: ANN401 (fields of FilmOptions)
) -> None:
    """Make a film for each product of a feed or table; afterwards only what changed.

    The same command again makes new and changed films, and goes on where it was stopped. Rows with errors are listed in
    problems.csv and do not stop the others; then the exit code is 1.
    """
    from adreel.domain.films.film_options import FilmOptions
    from adreel.feeds.batches.conditions import read_condition
    from adreel.feeds.batches.planning import BatchOrder
    from adreel.feeds.sources import FeedSource

    order = BatchOrder(
        out=out,
        script=_template(script, recipe, text_style, seconds, cta, prompt),
        film=FilmOptions(**film),
        clip_seconds=clip_seconds,
        limit=limit,
        conditions=tuple(map(read_condition, where or ())),
        remote_photos=remote_photos,
        base_url=base_url,
        delete_gone=delete_gone,
        fast=encoder is Encoder.FAST,
    )
    feed = FeedSource(source, _columns(column or ()), currency)
    names, hosted = tuple(placements or ()), _hosted(engine, budget)
    result = _preview(feed, order, names, hosted) if dry_run else _run(feed, order, names, hosted)
    _report(result.summary, out, dry_run)
    if result.summary.errors:
        raise typer.Exit(1)


def _template(
    script: Path | None, recipe: str | None, style: str | None, seconds: float | None, cta: str | None, prompt: str
) -> ScriptSource:
    """Raises InputError unless there is exactly one of a template and a recipe."""
    from adreel.catalogue import recipes
    from adreel.domain.ad import EndCard
    from adreel.feeds.scripts.recipe import RecipeScript
    from adreel.feeds.scripts.template import read_template

    if (script is None) == (recipe is None):
        raise InputError("give either --script with a template, or --recipe with the name of a recipe or auto")
    if script is None:
        name = None if recipe in (None, "auto") else recipes.recipe(recipe or "").name
        return RecipeScript(name, style, seconds, EndCard(cta), prompt)
    given = {"--text-style": style, "--seconds": seconds, "--cta": cta, "--prompt": prompt or None}
    for flag, value in given.items():
        if value is not None:
            raise InputError(f"{flag} goes with --recipe; the template says this itself")
    try:
        return read_template(script.read_text(encoding="utf-8-sig"), str(script))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {script}: {error}") from error


def _columns(given: list[str] | tuple[str, ...]) -> Mapping[str, str]:
    pairs = [text.partition("=") for text in given]
    wrong = next(
        (text for text, (field, sign, name) in zip(given, pairs, strict=True) if not (field and sign and name)), None
    )
    if wrong is not None:
        raise InputError(f"--column {wrong}: write the field, =, and the name of its column, as title=Bezeichnung")
    return {field.strip(): name for field, _, name in pairs}


def _studio() -> Studio:
    from adreel.media.process_tuning import tune_process
    from adreel.studio.studio import Studio

    tune_process()
    return Studio()


def _hosted(engine: str, budget: Decimal | None) -> BatchEngine | None:
    """Raises InputError for an unknown engine, and for a hosted one without a budget."""
    from adreel.providers.registry import providers
    from adreel.studio.hosted_batch import BatchEngine

    name, slash, model = engine.partition("/")
    if engine == LOCAL:
        if budget is not None:
            raise InputError("the local engine costs nothing: leave out --budget, or name a hosted one with --engine")
        return None
    if name not in providers() or (slash and not model):
        raise InputError(
            f"unknown engine {engine!r}; choose {LOCAL} or one of {', '.join(providers())} (adreel models)"
        )
    if budget is None:
        raise InputError("clips of a hosted engine are bought: give the most that the batch may cost with --budget")
    return BatchEngine(name, model or None, budget)


def _preview(
    feed: FeedSource, order: BatchOrder, placements: tuple[str, ...], engine: BatchEngine | None
) -> BatchResult:
    result = asyncio.run(_studio().preview_batch(feed, order, placements, engine))
    typer.echo("this is a dry run: nothing was made")
    if result.hosts:
        typer.echo(f"  photos at {', '.join(result.hosts[:3])}: with --remote-photos you confirm that you may use them")
    for path in result.samples:
        typer.echo(f"  sample: {path}")
    return result


def _run(feed: FeedSource, order: BatchOrder, placements: tuple[str, ...], engine: BatchEngine | None) -> BatchResult:
    try:
        result = asyncio.run(_ran(feed, order, placements, engine))
    except KeyboardInterrupt:
        typer.echo("adreel: stopped; the same command goes on where it was", err=True)
        raise typer.Exit(130) from None
    except PhotoError as error:
        raise PhotoError(f"{error} with --remote-photos") from error
    typer.echo(f"{len(result.made)} films made in {order.out / 'films'}; see {order.out / 'report.html'}")
    return result


async def _ran(
    feed: FeedSource, order: BatchOrder, placements: tuple[str, ...], engine: BatchEngine | None
) -> BatchResult:
    studio = _studio()
    if engine is None:
        return await studio.run_batch(feed, order, _show, placements)
    async with studio:
        return await studio.run_batch(feed, order, _show, placements, engine)


def _show(event: BatchEvent) -> None:
    ended = "" if event.error is None else f": {event.error}"
    typer.echo(f"[{event.done}/{event.total}] {event.id}{ended}", err=True)


def _report(summary: Summary, out: Path, dry_run: bool) -> None:
    from itertools import islice

    from adreel.domain.costs.money import dollars
    from adreel.feeds.batches.problems import NAME, read_problems

    typer.echo(
        f"  {summary.new} new, {summary.changed} changed, {summary.unchanged} unchanged, {summary.gone} left the feed; "
        f"{summary.errors} errors, {summary.notes} notes"
    )
    if dry_run:
        typer.echo(
            f"  {summary.film_seconds:.0f} s of film, cost {dollars(summary.cost)}, about {_duration(summary.work_seconds)}"
        )
    elif summary.cost:
        typer.echo(f"  bought for {dollars(summary.cost)}")
    for problem in islice(read_problems(out), _SHOWN_PROBLEMS):
        place = f"row {problem['row']} {problem['id']}".strip()
        typer.echo(f"  {problem['kind']}: {place}, {problem['field'] or 'film'}: {problem['message']}", err=True)
    if summary.errors + summary.notes > _SHOWN_PROBLEMS:
        typer.echo(f"  … all {summary.errors + summary.notes} are in {out / NAME}", err=True)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"
