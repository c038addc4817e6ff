"""How words are spoken, on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from adreel.domain.errors import InputError

Pronounced = Annotated[
    list[str] | None,
    typer.Option(
        "--pronounce",
        metavar="WORD=SOUND",
        help='How a word is spoken: "Hale=hail", or with phonemes "Hale=/hˈAl/"; may be given several times.',
    ),
]


def pronunciations_of(given: Sequence[str] | None) -> dict[str, str]:
    """Reads WORD=SOUND. Raises InputError for anything else."""
    found: dict[str, str] = {}
    for each in given or ():
        word, sign, said = each.partition("=")
        if not sign or not word.strip() or not said.strip():
            raise InputError(f"--pronounce {each!r} is not WORD=SOUND, such as Hale=hail")
        found[word.strip()] = said.strip()
    return found
