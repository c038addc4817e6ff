"""``adreel script``."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adreel.cli.amounts import dollars
from adreel.cli.film_options import with_options
from adreel.cli.script_options import request_of, script_parameters, take_script_options
from adreel.domain.errors import InputError

if TYPE_CHECKING:
    from adreel.domain.ad import Ad
    from adreel.domain.scripts.ad_request import AdRequest
    from adreel.domain.sessions.session import SessionEvent

_HEADING = """The script of an ad. Edit it, then make the film from the folder of this file:
  adreel make --script FILE"""


class Writer(StrEnum):
    """Who writes a script."""

    RULES = "rules"
    MODEL = "model"


@with_options(script_parameters())
def script(
    photos: Annotated[list[Path], typer.Argument(help="Product photos or folders of them.")],
    name: Annotated[str | None, typer.Option(help="Product name.")] = None,
    cta: Annotated[str | None, typer.Option(help='Call to action, for the end card; "" for no end card.')] = None,
    prompt: Annotated[str, typer.Option(help="The mood of the film, in a sentence.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of TOML.")] = False,
    writer: Annotated[
        Writer,
        typer.Option(help="Who writes: rules, free; or a language model, which needs an account and costs a little."),
    ] = Writer.RULES,
    budget: Annotated[
        Decimal | None,
        typer.Option(parser=dollars, metavar="DOLLARS", help="The most that the model may cost, in US dollars."),
    ] = None,
    **options: Any,  # noqa: ANN401 (fields of ScriptOptions)
) -> None:
    """Write the script of an ad to standard output, to be edited and made with adreel make --script."""
    from adreel.agents.script import write_script
    from adreel.domain.scripts.ad_format.writing import to_json, to_toml

    if budget is not None and writer is Writer.RULES:
        raise InputError("--budget: rules cost nothing; add --writer model, or leave it out")
    request = request_of(take_script_options(options), photos, name, cta, prompt)
    ad = write_script(request) if writer is Writer.RULES else _by_model(request, budget)
    typer.echo(to_json(ad) if as_json else to_toml(ad, _HEADING), nl=False)


def _by_model(request: AdRequest, budget: Decimal | None) -> Ad:
    """Lets a language model write; says on standard error when rules did. Raises InputError without an account."""
    import asyncio
    import logging

    from adreel.media.process_tuning import tune_process
    from adreel.studio.studio import Studio

    logging.getLogger("adreel.providers.planning.script_director").setLevel(logging.ERROR)
    tune_process()

    async def written() -> Ad:
        async with Studio() as studio:
            return await studio.generate_script(request, budget=budget, on_event=_warn)

    return asyncio.run(written())


def _warn(event: SessionEvent) -> None:
    if event.data.get("warning"):
        typer.echo(f"adreel: {event.data['warning']}", err=True)
