"""``adreel say``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adreel.agents.output import Existing
from adreel.cli.pronunciations import Pronounced, pronunciations_of
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
    pronounce: Pronounced = None,
    brand_kit: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="A brand kit, kept by adreel brand, with pronunciations of its words."),
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
    order = SayOrder(text, out or _USUAL, _said(brand_kit, pronounce), speed, existing, captions)
    line = asyncio.run(Studio().say(order))
    typer.echo(_as_json(line) if as_json else f"{line.sound}: {line.seconds:.2f} s, {len(line.times)} words")


def _said(brand_kit: str | None, given: Sequence[str] | None) -> dict[str, str]:
    """The pronunciations of a brand kit, and those of the command line, which have precedence."""
    if brand_kit is None:
        return pronunciations_of(given)
    from adreel.bootstrap.brands import open_brands

    own = {word.casefold(): said for word, said in pronunciations_of(given).items()}
    return {**{word.casefold(): said for word, said in open_brands().get(brand_kit).pronunciations}, **own}


def _as_json(line: SpokenLine) -> str:
    import json

    from adreel.media.speech.voice import VOICE

    words = [{"text": word.text, "start": round(word.start, 3), "end": round(word.end, 3)} for word in line.times]
    voice = {"name": VOICE.name, "version": VOICE.version, "sha256": VOICE.sha256, "synthetic": VOICE.is_synthetic}
    spoken = {"sound": str(line.sound), "seconds": round(line.seconds, 3), "words": words, "voice": voice}
    return json.dumps(spoken, ensure_ascii=False)
