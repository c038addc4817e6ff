"""``adreel make`` and ``adreel compose``."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from adreel.cli.amounts import dollars
from adreel.cli.film_options import (
    SPOKEN,
    For,
    Json,
    Out,
    Overwrite,
    Passport,
    output,
    with_film_options,
    with_line_breaks,
)
from adreel.cli.locales import Locales, Version, versions_of
from adreel.cli.script_options import (
    ScriptOptions,
    read_script,
    request_of,
    script_parameters,
    script_photos,
    take_script_options,
    was_given,
)
from adreel.cli.voicing import Language, Payment, Voicing, read_voicing
from adreel.domain.errors import InputError
from adreel.domain.films.captions import Captions
from adreel.domain.films.film import Fit
from adreel.providers.registry import providers, usual_provider

if TYPE_CHECKING:
    from adreel.agents.film_orders import ComposeOrder, Delivery, MakeOrder
    from adreel.domain.ad import Ad
    from adreel.domain.films.film_options import FilmOptions
    from adreel.domain.work.progress import ProgressSink
    from adreel.studio.studio import Studio

LOCAL = "local"


USUAL_IMAGES = 4


def _engines() -> str:
    """What --engine takes, for a message."""
    named = [LOCAL, *(choice for name in providers() for choice in (name, f"{name}/MODEL"))]
    return f"{', '.join(named[:-1])} or {named[-1]}"


def _engine_help() -> str:
    names = ", ".join(providers())
    return f"local, or a hosted engine: {names}, or {usual_provider().name}/MODEL; see adreel models."


@with_film_options("fit", also=script_parameters())
def make(
    context: typer.Context,
    photos: Annotated[
        list[Path] | None, typer.Argument(help="Product photos or folders of them, in playing order.")
    ] = None,
    prompt: Annotated[str, typer.Option(help="The mood of the film, in a sentence.")] = "",
    clip_seconds: Annotated[float, typer.Option(help="Length of each clip.")] = 3.0,
    engine: Annotated[str, typer.Option(help=_engine_help())] = LOCAL,
    images: Annotated[
        int | None,
        typer.Option(
            help="Number of images that a hosted engine generates from the prompt; photos show it the product."
        ),
    ] = None,
    image_model: Annotated[str | None, typer.Option(help="The model that generates them; see adreel models.")] = None,
    budget: Annotated[
        Decimal | None,
        typer.Option(
            parser=dollars, metavar="DOLLARS", help="The most that the film may cost in total, in US dollars."
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Buy without confirmation.")] = False,
    script: Annotated[
        Path | None,
        typer.Option(help="A script written by adreel script; - for standard input.", metavar="FILE", allow_dash=True),
    ] = None,
    language: Language = None,
    locales: Locales = None,
    placements: For = None,
    out: Out = None,
    overwrite: Overwrite = False,
    passport: Passport = True,
    as_json: Json = False,
    **film: Any,  # noqa: ANN401 (fields of FilmOptions and ScriptOptions)
) -> None:
    """Make a finished ad from product photos, or from text with a hosted engine."""
    from adreel.domain.films.film import IntroStyle
    from adreel.domain.films.film_options import FilmOptions

    words = take_script_options(film)
    paths, options = tuple(photos or ()), FilmOptions(**with_line_breaks(film))
    path, existing = output(out, overwrite, draft=options.draft)
    provider, _, model = engine.partition("/")
    is_local = provider == LOCAL and not model
    if is_local:
        _check_local(paths if script is None else (script,), images, image_model)
    elif provider not in providers() or engine.endswith("/"):
        raise InputError(f"unknown engine {engine!r}; choose {_engines()} (adreel models)")
    elif placements:
        raise InputError(
            "--for: films for placements are made by the local engine, and by adreel compose from bought clips"
        )
    texts = {name: getattr(options, name) for name in ("name", "cta") if was_given(context, name)}
    voicing = read_voicing(options.voice, language)
    options = replace(options, voice=voicing.option)
    ad, paths = script_of(script, words, paths, texts, prompt, spoken=options.speaks)
    if ad is not None and options.intro_style is IntroStyle.PLAIN and was_given(context, "intro_seconds"):
        raise InputError("--intro-seconds: a film of a script has no plain intro card, its first beat opens the film")
    _check_spoken(ad, options, placements)
    versions = versions_of(ad, locales, language)
    if voicing.is_recorded and len(versions) > 1:
        raise InputError(
            f"--voice {options.voice}: a recording speaks one language; make the film of each --locale by itself, from a "
            "script in its language"
        )
    if is_local:
        from adreel.agents.film_orders import MakeOrder

        local = MakeOrder(
            paths,
            path,
            prompt,
            clip_seconds,
            options,
            existing,
            brand=words.kit(),
            passport=passport,
        )
        _make_locally(local, versions, voicing, placements, Payment(budget, yes), as_json)
        return
    from adreel.cli.buying import buy
    from adreel.studio.hosted_order import HostedOrder

    count = images if images is not None else (0 if paths else USUAL_IMAGES)
    chosen = (options, model or None, count, image_model, budget, provider, existing)
    order = HostedOrder(paths, path, prompt, clip_seconds, *chosen, passport, None, words.kit())
    buy(order, versions, voicing, yes, as_json)


def _make_locally(
    local: MakeOrder,
    versions: Sequence[Version],
    voicing: Voicing,
    placements: Sequence[str] | None,
    payment: Payment,
    as_json: bool,
) -> None:
    """Makes the films of an order in all languages, each for all placements."""
    orders = [replace(local, script=version.ad, out=version.out(local.out)) for version in versions]
    costs = [Decimal(0)] * len(orders)
    if voicing.hosted is not None:
        from adreel.cli.buying import with_bought_lines
        from adreel.studio.studio import Studio

        orders, costs = with_bought_lines(Studio(), orders, versions, voicing.hosted, payment)
    priced = zip(orders, costs, strict=True)
    placed = [(each, cost) for order, cost in priced for each in _for_placements(order, placements)]
    paid = {order.out: cost for order, cost in placed}

    async def work(studio: Studio, sink: ProgressSink, order: MakeOrder) -> Delivery:
        return replace(await studio.make(order, sink), cost_now=paid[order.out])

    _deliver(work, [order for order, _ in placed], as_json)


@with_film_options(*SPOKEN)
def compose(
    clips: Annotated[list[Path], typer.Argument(help="Video clips, in playing order.")],
    fit: Annotated[Fit, typer.Option(help="How a clip of another aspect fills the frame.")] = Fit.PAD,
    placements: For = None,
    out: Out = None,
    overwrite: Overwrite = False,
    passport: Passport = True,
    as_json: Json = False,
    **film: Any,  # noqa: ANN401 (fields of FilmOptions)
) -> None:
    """Make a finished ad from your own video clips."""
    from adreel.agents.film_orders import ComposeOrder
    from adreel.domain.films.film_options import FilmOptions

    options = FilmOptions(fit=fit, **with_line_breaks(film))
    path, existing = output(out, overwrite, draft=options.draft)
    order = ComposeOrder(tuple(clips), path, options, existing, passport=passport)
    _deliver(lambda studio, sink, order: studio.compose(order, sink), _for_placements(order, placements), as_json)


def _check_local(photos: tuple[Path, ...], images: int | None, image_model: str | None) -> None:
    """Raises InputError, before any work, for options that the local engine does not support."""
    if images or image_model or not photos:
        advice = "give product photos" if not photos else "leave out --images and --image-model"
        raise InputError(
            f"the local engine makes clips from photos and generates no images: {advice}, or use an engine that generates "
            f'images: --engine {usual_provider().name} --prompt "what the product is"'
        )


def _check_spoken(ad: Ad | None, film: FilmOptions, placements: Sequence[str] | None) -> None:
    """Raises InputError for a voice or captions of a film that has no words for them."""
    if placements and film.speaks:
        raise InputError("--voice: films for placements (--for) are made without a voice")
    if ad is None and film.captions is not Captions.OFF:
        raise InputError("--captions: captions are the words of a script; give one with --script, or facts with --fact")


def script_of(
    script: Path | None,
    words: ScriptOptions,
    photos: tuple[Path, ...],
    texts: Mapping[str, str | None],
    prompt: str,
    *,
    spoken: bool = False,
) -> tuple[Ad | None, tuple[Path, ...]]:
    """The script of a film, read or written, and its photos; None and the photos for a film without one. `texts` are the name
    and call to action, if they are given; a film that is to be `spoken` has a script. Raises InputError."""
    if script is None:
        if not words.given and not spoken:
            return None, photos
        from adreel.agents.script import write_script

        ad = write_script(request_of(words, photos, texts.get("name"), texts.get("cta"), prompt, spoken=spoken))
        return ad, tuple(map(Path, ad.photos))
    own = tuple(each for each in words.given if each != "--brand-kit")
    if own:
        raise InputError(f"{', '.join(own)}: the script says this already; change it there, or leave out --script")
    ad = _with_texts(read_script(script), texts)
    return ad, photos or script_photos(ad, script)


def _with_texts(ad: Ad, texts: Mapping[str, str | None]) -> Ad:
    """The script with the name and call to action of the command line, where they are given."""
    if "name" in texts:
        ad = replace(ad, product=texts["name"] or "")
    return replace(ad, end=replace(ad.end, cta=texts["cta"] or None)) if "cta" in texts else ad


Order = TypeVar("Order", "MakeOrder", "ComposeOrder")


def _for_placements(order: Order, names: Sequence[str] | None) -> list[Order]:
    """One order for each placement; the order itself without any. Raises InputError for an unknown placement."""
    if not names:
        return [order]
    from adreel.agents.placement_plan import out_for
    from adreel.bootstrap.checks import open_checker
    from adreel.bootstrap.settings import read_settings

    chosen = open_checker(read_settings()).chosen(names)
    return [replace(order, placement=each, out=out_for(order.out, each, len(chosen))) for each in chosen]


def _deliver(
    work: Callable[[Studio, ProgressSink, Order], Coroutine[Any, Any, Delivery]], orders: Sequence[Order], as_json: bool
) -> None:
    import asyncio

    from adreel.cli.delivering import show_all
    from adreel.cli.progress import progress_bar
    from adreel.media.process_tuning import tune_process
    from adreel.studio.studio import Studio

    tune_process()

    async def run() -> list[Delivery]:
        studio, made = Studio(), list["Delivery"]()
        for order in orders:
            with progress_bar() as sink:
                made.append(await work(studio, sink, order))
        return made

    try:
        deliveries = asyncio.run(run())
    except KeyboardInterrupt:
        typer.echo("adreel: stopped; finished clips are kept for the next try", err=True)
        raise typer.Exit(130) from None
    show_all(deliveries, as_json)
