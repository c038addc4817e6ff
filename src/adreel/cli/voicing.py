"""Who speaks a film, from the command line: ``--voice`` and ``--language``."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from adreel.domain.errors import InputError
from adreel.domain.films.film_options import SILENT, SPEAKING
from adreel.domain.films.speech import SOUND_SUFFIXES, HostedVoice, language_code

Language = Annotated[
    str | None,
    typer.Option(
        metavar="CODE", help="Language of the lines for a hosted voice, such as de; by default it detects the language."
    ),
]


@dataclass(frozen=True, slots=True)
class Voicing:
    """Who speaks the lines of a film: `option` is its film option, `hosted` a hosted voice, None for the offline one or a
    person."""

    option: str
    hosted: HostedVoice | None = None

    @property
    def is_on(self) -> bool:
        return self.option != SILENT

    @property
    def is_recorded(self) -> bool:
        """Whether a person speaks, in a file."""
        return self.option not in (SPEAKING, SILENT)


@dataclass(frozen=True, slots=True)
class Payment:
    """The most that may be paid, in US dollars (None for the budget of the settings), and whether that needs no confirmation."""

    budget: Decimal | None = None
    is_confirmed: bool = False


def read_voicing(voice: str, language: str | None) -> Voicing:
    """Who speaks: on, off, the path of a recording, or MODEL[:VOICE]. Raises InputError for options that do not fit together."""
    code = None if language is None else language_code(language)
    if voice in (SPEAKING, SILENT):
        if code not in (None, "en"):
            raise InputError(
                f"--language {language}: the offline voice speaks English; name a hosted one with --voice MODEL[:VOICE]"
            )
        return Voicing(voice)
    if _names_recording(voice):
        if code is not None:
            raise InputError(f"--language {language}: a recording has the language that it has; leave it out")
        return Voicing(voice)
    try:
        named = HostedVoice.parse(voice)
    except InputError as error:
        raise InputError(f"--voice: {error}; or on, off, or the path of a recording") from error
    return Voicing(SPEAKING, HostedVoice(named.model, named.voice, code))


def _names_recording(voice: str) -> bool:
    """Whether a voice is the path of a file or a folder, or looks like that of a recording."""
    try:
        return bool(voice.strip()) and (Path(voice).suffix.lower() in SOUND_SUFFIXES or Path(voice).exists())
    except OSError:
        return False  # no name that a file can have
