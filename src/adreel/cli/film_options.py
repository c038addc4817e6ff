"""The options that every command which makes a film has, in one place."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from adreel.domain.film import Transition

Out = Annotated[Path | None, typer.Option(help="Where the film goes (.mp4). By default ad.mp4, ad-2.mp4, … here.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object about the film on standard output.")]


def _options(  # the signature is all that is wanted of it
    name: Annotated[
        str | None, typer.Option(help="Product name, for the intro card; without it there is no intro card.")
    ] = None,
    cta: Annotated[str, typer.Option(help='Call to action, for the outro card; "" for no outro card.')] = "Shop now",
    aspect: Annotated[str, typer.Option(help="16:9, 9:16, 1:1 or 4:5.")] = "16:9",
    music: Annotated[
        str | None, typer.Option(help="A genre (upbeat, chill, energetic, luxury, playful), a file, or none.")
    ] = None,
    color: Annotated[str | None, typer.Option(help="Colour of the cards, #RRGGBB.")] = None,
    font: Annotated[str | None, typer.Option(help="Font of the cards: a family's name or a TTF/OTF file.")] = None,
    intro_seconds: Annotated[float, typer.Option(help="Length of the intro card; 0 for none.")] = 1.0,
    outro_seconds: Annotated[float, typer.Option(help="Length of the outro card; 0 for none.")] = 1.0,
    transition: Annotated[Transition, typer.Option(help="Between clips and cards.")] = Transition.CUT,
    seed: Annotated[
        int, typer.Option(min=0, max=2**31 - 1, help="Another seed gives another take and other music.")
    ] = 0,
) -> None:
    """Fields of `FilmOptions` as the command line has them."""


def with_film_options(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the options of a film behind its own. It takes them as keywords: they are fields of `FilmOptions`."""
    own = inspect.signature(command, eval_str=True).parameters.values()
    shared = inspect.signature(_options, eval_str=True).parameters.values()
    parameters = [*(each for each in own if each.kind is not inspect.Parameter.VAR_KEYWORD), *shared]

    @functools.wraps(command)
    def run(**given: Any) -> None:  # noqa: ANN401 (what typer has read)
        command(**given)

    vars(run).pop("__wrapped__")
    vars(run)["__signature__"] = inspect.Signature(parameters)
    run.__annotations__ = {each.name: each.annotation for each in parameters}
    return run


def free_name() -> Path:
    """The first of ad.mp4, ad-2.mp4, … that does not exist in the current folder."""
    number = 1
    while (path := Path("ad.mp4" if number == 1 else f"ad-{number}.mp4")).exists():
        number += 1
    return path
