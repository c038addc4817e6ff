"""``adreel say``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adreel.agents.output import Existing
from adreel.domain.errors import InputError
from adreel.domain.films.captions import Captions

if TYPE_CHECKING:
    from adreel.domain.films.narration import SpokenLine

_USUAL = Path("line.wav")


def say(
    text: Annotated[str, typer.Argument(help="The line, in English.")],
    out: Annotated[
        Path | None,
        typer.Option(help="Output file (.wav). By default line.wav, line-2.wav, … in the current folder."),
    ] = None,
    pronounce: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WORD=SOUND",
            help='How a word is spoken: "Hale=hail", or with phonemes "Hale=/hˈAl/"; may be given several times.',
        ),
    ] = None,
    speed: Annotated[float, typer.Option(help="How much faster than usual the line is spoken, 1 to 1.15.")] = 1.0,
    captions: Annotated[
        Captions, typer.Option(help="file writes captions of the line beside it: NAME.srt and NAME.vtt.")
    ] = Captions.OFF,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the output file when it exists.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object with the seconds of each word on standard output.")
    ] = False,
) -> None:
    """Speak a line of English into a WAV file, with the offline voice."""
    import asyncio

    from adreel.agents.speaking import SayOrder
    from adreel.media.process_tuning import tune_process
    from adreel.studio.studio import Studio

    tune_process()
    existing = Existing.NUMBER if out is None else Existing.REPLACE if overwrite else Existing.REFUSE
    order = SayOrder(text, out or _USUAL, _pronunciations(pronounce or ()), speed, existing, captions)
    line = asyncio.run(Studio().say(order))
    typer.echo(_as_json(line) if as_json else f"{line.sound}: {line.seconds:.2f} s, {len(line.times)} words")


def _pronunciations(given: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in given:
        word, sign, said = each.partition("=")
        if not sign or not word.strip() or not said.strip():
            raise InputError(f"--pronounce {each!r} is not WORD=SOUND, such as Hale=hail")
        found[word.strip()] = said.strip()
    return found


def _as_json(line: SpokenLine) -> str:
    import json

    from adreel.media.speech.voice import VOICE

    words = [{"text": word.text, "start": round(word.start, 3), "end": round(word.end, 3)} for word in line.times]
    voice = {"name": VOICE.name, "version": VOICE.version, "sha256": VOICE.sha256, "synthetic": VOICE.is_synthetic}
    spoken = {"sound": str(line.sound), "seconds": round(line.seconds, 3), "words": words, "voice": voice}
    return json.dumps(spoken, ensure_ascii=False)
