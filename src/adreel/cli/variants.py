"""``adreel variants``."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adreel.cli.film_options import SPOKEN, with_film_options, with_line_breaks
from adreel.cli.script_options import script_parameters, take_script_options, was_given
from adreel.domain.errors import InputError

if TYPE_CHECKING:
    from adreel.variants.result import VariantsResult
    from adreel.variants.running import VariantEvent, VariantsOrder
    from adreel.variants.variant import Axis


@with_film_options("fit", *SPOKEN, also=script_parameters())
def variants(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="Folder of the films and their table; it is created.")],
    photos: Annotated[
        list[Path] | None, typer.Argument(help="Product photos or folders of them, in playing order.")
    ] = None,
    count: Annotated[int, typer.Option(help="Number of films.")] = 6,
    vary: Annotated[
        str | None,
        typer.Option(
            help="What they differ in: hook, shot, pace, style, music, format; all but the last by default.",
            metavar="AXIS,AXIS",
        ),
    ] = None,
    prompt: Annotated[str, typer.Option(help="The mood of the films, in a sentence.")] = "",
    clip_seconds: Annotated[float, typer.Option(help="Usual length of a beat of a script without a length.")] = 3.0,
    script: Annotated[
        Path | None,
        typer.Option(help="A script written by adreel script; - for standard input.", metavar="FILE", allow_dash=True),
    ] = None,
    engine: Annotated[
        str, typer.Option(help="local, or the hosted engine whose clips adreel make has bought for this script.")
    ] = "local",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the variants in the folder.")] = False,
    **film: Any,  # noqa: ANN401 (fields of FilmOptions and ScriptOptions)
) -> None:
    """Make films of one product that differ enough to be tried against each other.

    Films differ in what opens them (words and shot), pace, text style and music. Their first three seconds are compared, and
    near-twins are left out by name. variants.html shows them with their distances, variants.json has them for programs.
    """
    from adreel.agents.film_orders import MakeOrder
    from adreel.agents.output import Existing
    from adreel.cli.films import script_of
    from adreel.domain.films.film_options import FilmOptions
    from adreel.variants.running import VariantsOrder

    words = take_script_options(film)
    options = FilmOptions(**with_line_breaks(film))
    texts = {name: getattr(options, name) for name in ("name", "cta") if was_given(context, name)}
    ad, paths = script_of(script, words, tuple(photos or ()), texts, prompt)
    if ad is None:
        raise InputError("variants are made of a script: give --script, or facts about the product with --fact")
    existing = Existing.REPLACE if overwrite else Existing.REFUSE
    base = MakeOrder(paths, out / "base.mp4", prompt, clip_seconds, options, existing, ad, brand=words.kit())
    hosted = None if engine == "local" else _hosted(engine)
    _report(_made(VariantsOrder(base, out, count, _axes(vary)), hosted), out)


def _hosted(engine: str) -> str:
    """Raises InputError for an unknown engine."""
    from adreel.providers.registry import providers

    if engine.partition("/")[0] not in providers() or engine.endswith("/"):
        raise InputError(f"unknown engine {engine!r}; choose local or one of {', '.join(providers())} (adreel models)")
    return engine


def _axes(text: str | None) -> tuple[Axis, ...]:
    from adreel.variants.variant import USUAL_AXES, Axis

    if text is None:
        return USUAL_AXES
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in tuple(Axis)]
    if unknown or not names:
        raise InputError(f"--vary {text}: choose some of {', '.join(Axis)}")
    return tuple(axis for axis in Axis if axis in names)


def _made(order: VariantsOrder, engine: str | None) -> VariantsResult:
    from adreel.media.process_tuning import tune_process

    tune_process()
    try:
        return asyncio.run(_run(order, engine))
    except KeyboardInterrupt:
        typer.echo("adreel: stopped; finished clips are kept for the next try", err=True)
        raise typer.Exit(130) from None


async def _run(order: VariantsOrder, engine: str | None) -> VariantsResult:
    from adreel.studio.studio import Studio

    studio = Studio()
    if engine is None:
        return await studio.make_variants(order, _show)
    async with studio:
        return await studio.make_variants(order, _show, engine)


def _show(event: VariantEvent) -> None:
    left_out = "" if event.refused is None else f" left out: {event.refused.reason}"
    typer.echo(f"[{event.kept}/{event.count}] {event.name}{left_out}", err=True)


def _report(result: VariantsResult, out: Path) -> None:
    for each in result.kept:
        like = f", {each.distance.whole:.2f} from {each.nearest}" if each.distance else ""
        typer.echo(f"{each.path}  {each.seconds:.1f} s{like}")
    typer.echo(f"{len(result.kept)} variants, {len(result.refused)} candidates left out; see {out / 'variants.html'}")
