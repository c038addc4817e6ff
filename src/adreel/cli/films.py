"""``adreel make`` and ``adreel compose``."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adreel.cli.film_options import Json, Out, free_name, with_film_options
from adreel.domain.errors import InputError
from adreel.domain.fit import Fit

if TYPE_CHECKING:
    from adreel.domain.events import ProgressSink
    from adreel.maker import Delivery
    from adreel.studio import Studio

LOCAL = "local"
HOSTED = "replicate"
USUAL_IMAGES = 4


def _dollars(text: str) -> Decimal:
    try:
        amount = Decimal(text.removeprefix("$"))
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise typer.BadParameter(f"{text!r} is not an amount in US dollars such as 5.00")
    return amount


@with_film_options
def make(
    photos: Annotated[
        list[Path] | None, typer.Argument(help="Product photos, in the order in which they are to be seen.")
    ] = None,
    prompt: Annotated[str, typer.Option(help="What the film should feel like, in a sentence.")] = "",
    clip_seconds: Annotated[float, typer.Option(help="Length of each clip.")] = 3.0,
    engine: Annotated[
        str, typer.Option(help="local, or a hosted engine: replicate, or replicate/MODEL; see adreel models.")
    ] = LOCAL,
    images: Annotated[
        int | None,
        typer.Option(help="Images to be made of the prompt by a hosted engine; photos show it what the product is."),
    ] = None,
    image_model: Annotated[str | None, typer.Option(help="Which model makes them; see adreel models.")] = None,
    budget: Annotated[
        Decimal | None,
        typer.Option(parser=_dollars, metavar="DOLLARS", help="The most that the film may cost in all, in US dollars."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Buy without asking.")] = False,
    out: Out = None,
    as_json: Json = False,
    **film: Any,  # noqa: ANN401 (fields of FilmOptions)
) -> None:
    """Make a finished ad from product photos, or with a hosted engine from words."""
    from adreel.options import FilmOptions

    given, path, options = tuple(photos or ()), out or free_name(), FilmOptions(**film)
    provider, _, model = engine.partition("/")
    if provider == LOCAL and not model:
        _check_local(given, images, image_model)
        from adreel.maker import MakeOrder

        order = MakeOrder(given, path, prompt, clip_seconds, options)
        _deliver(lambda studio, sink: studio.make(order, sink), as_json)
        return
    if provider != HOSTED or engine.endswith("/"):
        raise InputError(f"no engine is called {engine!r}; choose {LOCAL}, {HOSTED} or {HOSTED}/MODEL (adreel models)")
    from adreel.cli.buying import buy
    from adreel.hosted.orders import HostedOrder

    count = images if images is not None else (0 if given else USUAL_IMAGES)
    buy(
        HostedOrder(given, path, prompt, clip_seconds, options, model or None, count, image_model, budget), yes, as_json
    )


@with_film_options
def compose(
    clips: Annotated[list[Path], typer.Argument(help="Video clips, in the order in which they are to be seen.")],
    fit: Annotated[Fit, typer.Option(help="How a clip of another aspect fills the frame.")] = Fit.PAD,
    out: Out = None,
    as_json: Json = False,
    **film: Any,  # noqa: ANN401 (fields of FilmOptions)
) -> None:
    """Make a finished ad from clips made elsewhere."""
    from adreel.maker import ComposeOrder
    from adreel.options import FilmOptions

    order = ComposeOrder(tuple(clips), out or free_name(), FilmOptions(fit=fit, **film))
    _deliver(lambda studio, sink: studio.compose(order, sink), as_json)


def _check_local(photos: tuple[Path, ...], images: int | None, image_model: str | None) -> None:
    """What the local engine cannot do is said before anything is begun."""
    if images or image_model or not photos:
        wanted = "give product photos" if not photos else "leave --images and --image-model out"
        raise InputError(
            f"the local engine makes clips of photos and no images: {wanted}, or name an engine that makes images "
            f'of words: --engine {HOSTED} --prompt "what the product is"'
        )


def _deliver(work: Callable[[Studio, ProgressSink], Coroutine[Any, Any, Delivery]], as_json: bool) -> None:
    import asyncio

    from adreel.cli.delivering import show
    from adreel.console import progress_bar
    from adreel.studio import Studio

    async def run() -> Delivery:
        with progress_bar() as sink:
            return await work(Studio(), sink)

    try:
        delivery = asyncio.run(run())
    except KeyboardInterrupt:
        typer.echo("adreel: stopped; clips that were finished are kept for the next try", err=True)
        raise typer.Exit(130) from None
    show(delivery, as_json)
