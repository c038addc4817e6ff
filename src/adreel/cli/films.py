"""``adreel make`` and ``adreel compose``."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adreel.domain.film import Transition
from adreel.domain.fit import Fit

if TYPE_CHECKING:
    from adreel.domain.events import ProgressSink
    from adreel.maker import Delivery
    from adreel.studio import Studio

Name = Annotated[str | None, typer.Option(help="Product name, for the intro card; without it there is no intro card.")]
Cta = Annotated[str, typer.Option(help='Call to action, for the outro card; "" for no outro card.')]
Aspect = Annotated[str, typer.Option(help="16:9, 9:16, 1:1 or 4:5.")]
Music = Annotated[
    str | None, typer.Option(help="A genre (upbeat, chill, energetic, luxury, playful), a file, or none.")
]
ColorOption = Annotated[str | None, typer.Option("--color", help="Colour of the cards, #RRGGBB.")]
Font = Annotated[str | None, typer.Option(help="Font of the cards: a family's name or a TTF/OTF file.")]
IntroSeconds = Annotated[float, typer.Option(help="Length of the intro card; 0 for none.")]
OutroSeconds = Annotated[float, typer.Option(help="Length of the outro card; 0 for none.")]
TransitionOption = Annotated[Transition, typer.Option("--transition", help="Between clips and cards.")]
FitOption = Annotated[Fit, typer.Option("--fit", help="How a clip of another aspect fills the frame.")]
Seed = Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Another seed gives another take and other music.")]
Out = Annotated[Path | None, typer.Option(help="Where the film goes (.mp4). By default ad.mp4, ad-2.mp4, … here.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object about the film on standard output.")]


def make(
    photos: Annotated[list[Path], typer.Argument(help="Product photos, in the order in which they are to be seen.")],
    prompt: Annotated[str, typer.Option(help="What the film should feel like, in a sentence.")] = "",
    name: Name = None,
    cta: Cta = "Shop now",
    clip_seconds: Annotated[float, typer.Option(help="Length of each clip.")] = 3.0,
    aspect: Aspect = "16:9",
    music: Music = None,
    color: ColorOption = None,
    font: Font = None,
    intro_seconds: IntroSeconds = 1.0,
    outro_seconds: OutroSeconds = 1.0,
    transition: TransitionOption = Transition.CUT,
    seed: Seed = 0,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Make a finished ad from product photos."""
    from adreel.maker import MakeOrder
    from adreel.options import FilmOptions

    film = FilmOptions(
        name=name,
        cta=cta,
        aspect=aspect,
        music=music,
        color=color,
        font=font,
        intro_seconds=intro_seconds,
        outro_seconds=outro_seconds,
        transition=transition,
        seed=seed,
    )
    order = MakeOrder(tuple(photos), out or _free_name(), prompt, clip_seconds, film)
    _deliver(lambda studio, sink: studio.make(order, sink), as_json)


def compose(
    clips: Annotated[list[Path], typer.Argument(help="Video clips, in the order in which they are to be seen.")],
    name: Name = None,
    cta: Cta = "Shop now",
    aspect: Aspect = "16:9",
    fit: FitOption = Fit.PAD,
    music: Music = None,
    color: ColorOption = None,
    font: Font = None,
    intro_seconds: IntroSeconds = 1.0,
    outro_seconds: OutroSeconds = 1.0,
    transition: TransitionOption = Transition.CUT,
    seed: Seed = 0,
    out: Out = None,
    as_json: Json = False,
) -> None:
    """Make a finished ad from clips made elsewhere."""
    from adreel.maker import ComposeOrder
    from adreel.options import FilmOptions

    film = FilmOptions(
        name=name,
        cta=cta,
        aspect=aspect,
        music=music,
        color=color,
        font=font,
        intro_seconds=intro_seconds,
        outro_seconds=outro_seconds,
        transition=transition,
        fit=fit,
        seed=seed,
    )
    order = ComposeOrder(tuple(clips), out or _free_name(), film)
    _deliver(lambda studio, sink: studio.compose(order, sink), as_json)


def _deliver(work: Callable[[Studio, ProgressSink], Coroutine[Any, Any, Delivery]], as_json: bool) -> None:
    import asyncio

    from adreel.console import progress_bar
    from adreel.report import as_json_text, as_words
    from adreel.studio import Studio

    async def run() -> Delivery:
        with progress_bar() as sink:
            return await work(Studio(), sink)

    try:
        delivery = asyncio.run(run())
    except KeyboardInterrupt:
        typer.echo("adreel: stopped; clips that were finished are kept for the next try", err=True)
        raise typer.Exit(130) from None
    typer.echo(as_json_text(delivery) if as_json else as_words(delivery))
    for error in delivery.failed:
        typer.echo(f"adreel: the film lacks a clip: {error}", err=True)
    if delivery.failed:
        raise typer.Exit(1)


def _free_name() -> Path:
    """The first of ad.mp4, ad-2.mp4, … that does not exist in the current folder."""
    number = 1
    while (path := Path("ad.mp4" if number == 1 else f"ad-{number}.mp4")).exists():
        number += 1
    return path
