"""Who speaks a film, from the command line: ``--voice`` and ``--language``."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

import typer

from adreel.domain.errors import InputError
from adreel.domain.films.speech import HostedVoice, language_code

_ON, _OFF = "on", "off"

Voice = Annotated[
    str,
    typer.Option(
        metavar="on|off|MODEL[:VOICE]",
        help="on speaks the lines of the script over its beats, in English; a hosted speech model, such as "
        "speech-2.6-turbo:Calm_Woman, other languages too (see adreel models).",
    ),
]
Language = Annotated[
    str | None,
    typer.Option(
        metavar="CODE", help="Language of the lines for a hosted voice, such as de; by default it detects the language."
    ),
]


@dataclass(frozen=True, slots=True)
class Voicing:
    """Whether lines are spoken, and by which hosted voice; None for the offline one."""

    is_on: bool
    hosted: HostedVoice | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """The most that may be paid, in US dollars (None for the budget of the settings), and whether that needs no confirmation."""

    budget: Decimal | None = None
    is_confirmed: bool = False


def read_voicing(voice: str, language: str | None) -> Voicing:
    """Raises InputError for options that do not fit together."""
    code = None if language is None else language_code(language)
    if voice in (_ON, _OFF):
        if code not in (None, "en"):
            raise InputError(
                f"--language {language}: the offline voice speaks English; name a hosted one with --voice MODEL[:VOICE]"
            )
        return Voicing(voice == _ON)
    try:
        named = HostedVoice.parse(voice)
    except InputError as error:
        raise InputError(f"--voice: {error}; or on, or off") from error
    return Voicing(True, HostedVoice(named.model, named.voice, code))
