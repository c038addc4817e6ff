"""Command-line options of a film, generated from `FilmOptions` for every command that makes one."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import Field
from pathlib import Path
from typing import Annotated, Any

import typer

from adreel.agents.output import Existing
from adreel.domain.films.film_options import Control, FilmOption, FilmOptions, film_option_fields

Out = Annotated[
    Path | None,
    typer.Option(help="Output file (.mp4). By default ad.mp4 (ad-draft.mp4), ad-2.mp4, … in the current folder."),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace the output file when it exists.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object about the film on standard output.")]
For = Annotated[
    list[str] | None,
    typer.Option(
        "--for",
        help="Make the film for a placement, see adreel placements; several times: a film NAME-PLACEMENT.mp4 for each.",
    ),
]

Passport = Annotated[
    bool,
    typer.Option(
        "--passport/--no-passport",
        help="Write how the film was made, what to state about it and its receipt beside it: NAME.passport.json and .html.",
    ),
]


_CARD_TEXTS = frozenset({"name", "cta"})

SPOKEN = ("voice", "captions", "caption_style")
"""Options of films that have a script of their own."""

_DEFAULTS: Mapping[str, object] = {"cta": "Shop now"}
"""Defaults of the commands that differ from `FilmOptions`: an ad from the command line has a call to action."""


def option_parameters(kind: type[FilmOptions] = FilmOptions, without: Sequence[str] = ()) -> list[inspect.Parameter]:
    """Returns one keyword parameter for each option of `kind`, with the field's name, type and help, for typer."""
    return [
        inspect.Parameter(
            each.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=_DEFAULTS.get(each.name, each.default),
            annotation=_annotation(each, option),
        )
        for each, option in film_option_fields(kind)
        if each.name not in without
    ]


def _annotation(each: Field[Any], option: FilmOption) -> object:
    declared: Any = str | None if each.default is None else type(each.default)
    if option.control is Control.NUMBER:
        return Annotated[declared, typer.Option(help=option.help, min=option.minimum, max=option.maximum)]
    return Annotated[declared, typer.Option(help=option.help)]


def with_film_options(
    *without: str, also: Sequence[inspect.Parameter] = ()
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Decorator: adds the options of a film, other than those in `without`, and `also` after the command's own parameters."""
    return with_options([*option_parameters(without=without), *also])


def with_options(more: Sequence[inspect.Parameter]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Decorator: adds parameters after the command's own, which come instead of those of the same name."""

    def decorated(command: Callable[..., None]) -> Callable[..., None]:
        own = inspect.signature(command, eval_str=True).parameters.values()
        named = {each.name for each in own}
        parameters = [
            *(each for each in own if each.kind is not inspect.Parameter.VAR_KEYWORD),
            *(each for each in more if each.name not in named),
        ]

        @functools.wraps(command)
        def run(**values: Any) -> None:  # noqa: ANN401 (parsed by typer)
            command(**values)

        vars(run).pop("__wrapped__")
        vars(run)["__signature__"] = inspect.Signature(
            [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters]
        )
        run.__annotations__ = {each.name: each.annotation for each in parameters}
        return run

    return decorated


def output(out: Path | None, overwrite: bool, *, draft: bool = False) -> tuple[Path, Existing]:
    """Returns the film's file and what happens when it exists: ad.mp4, ad-2.mp4, … by default, ad-draft.mp4 for a draft."""
    if out is None:
        return Path("ad-draft.mp4" if draft else "ad.mp4"), Existing.NUMBER
    return out, Existing.REPLACE if overwrite else Existing.REFUSE


def with_line_breaks(film: Mapping[str, Any]) -> dict[str, Any]:
    r"""Replaces ``\n`` in the texts of the cards by a line break, which is awkward to type in a shell."""
    return {
        name: value.replace("\\n", "\n") if name in _CARD_TEXTS and isinstance(value, str) else value
        for name, value in film.items()
    }
