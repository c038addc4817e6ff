"""``adreel script``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from adreel.cli.film_options import with_options
from adreel.cli.script_options import request_of, script_parameters, take_script_options

_HEADING = """The script of an ad. Edit it, then make the film from the folder of this file:
  adreel make --script FILE"""


@with_options(script_parameters())
def script(
    photos: Annotated[list[Path], typer.Argument(help="Product photos or folders of them.")],
    name: Annotated[str | None, typer.Option(help="Product name.")] = None,
    cta: Annotated[str | None, typer.Option(help='Call to action, for the end card; "" for no end card.')] = None,
    prompt: Annotated[str, typer.Option(help="The mood of the film, in a sentence.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of TOML.")] = False,
    **options: Any,  # noqa: ANN401 (fields of ScriptOptions)
) -> None:
    """Write the script of an ad to standard output, to be edited and made with adreel make --script."""
    from adreel.agents.script import write_script
    from adreel.domain.scripts.ad_format.writing import to_json, to_toml

    request = request_of(take_script_options(options), photos, name, cta, prompt)
    ad = write_script(request)
    typer.echo(to_json(ad) if as_json else to_toml(ad, _HEADING), nl=False)
