"""``adreel say``."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from adreel.agents.output import Existing
from adreel.cli.amounts import dollars
from adreel.cli.pronunciations import Pronounced, pronunciations_of
from adreel.cli.voicing import Language, read_voicing
from adreel.domain.errors import InputError
from adreel.domain.films.captions import Captions

if TYPE_CHECKING:
    from adreel.domain.films.narration import SpokenLine, VoiceRecord

_USUAL = Path("line.wav")


def say(
    text: Annotated[str, typer.Argument(help="The line; in English for the offline voice.")],
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
    voice: Annotated[
        str,
        typer.Option(
            metavar="on|MODEL[:VOICE]",
            help="A hosted speech model instead of the offline voice, such as speech-2.6-turbo:Calm_Woman (see adreel models).",
        ),
    ] = "on",
    language: Language = None,
    budget: Annotated[
        Decimal | None,
        typer.Option(parser=dollars, metavar="DOLLARS", help="The most that a hosted voice may cost, in US dollars."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Buy without confirmation.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the output file when it exists.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object with the seconds of each word on standard output.")
    ] = False,
) -> None:
    """Speak a line into a WAV file: in English with the offline voice, in other languages with a hosted one."""
    import asyncio
    from dataclasses import replace

    from adreel.agents.speaking import SayOrder
    from adreel.media.process_tuning import tune_process
    from adreel.media.speech.voice import VOICE
    from adreel.studio.studio import Studio

    tune_process()
    existing = Existing.NUMBER if out is None else Existing.REPLACE if overwrite else Existing.REFUSE
    order = SayOrder(text, out or _USUAL, _said(brand_kit, pronounce), speed, existing, captions)
    studio, voicing, cost = Studio(), read_voicing(voice, language), ""
    if not voicing.is_on or voicing.is_recorded:
        raise InputError(f"--voice {voice}: there is nothing to speak; leave it out, or name a hosted voice")
    if voicing.hosted is not None:
        from adreel.agents.speaking import check_say
        from adreel.cli.buying import buy_lines
        from adreel.domain.costs.money import format_amount

        plan = asyncio.run(studio.estimate_lines([(voicing.hosted, [text])], budget))
        order = replace(order, speaker=plan.voices[0])
        check_say(order)
        bought = buy_lines(studio, plan, yes)
        cost = f", ${format_amount(bought.cost_now(0))}"
    line = asyncio.run(studio.say(order))
    speaker = VOICE if order.speaker is None else order.speaker.record
    typer.echo(
        _as_json(line, speaker) if as_json else f"{line.sound}: {line.seconds:.2f} s, {len(line.times)} words{cost}"
    )


def _said(brand_kit: str | None, given: Sequence[str] | None) -> dict[str, str]:
    """The pronunciations of a brand kit, and those of the command line, which have precedence."""
    if brand_kit is None:
        return pronunciations_of(given)
    from adreel.bootstrap.brands import open_brands

    own = {word.casefold(): said for word, said in pronunciations_of(given).items()}
    return {**{word.casefold(): said for word, said in open_brands().get(brand_kit).pronunciations}, **own}


def _as_json(line: SpokenLine, by: VoiceRecord) -> str:
    import json

    words = [{"text": word.text, "start": round(word.start, 3), "end": round(word.end, 3)} for word in line.times]
    voice = {"name": by.name, "version": by.version, "sha256": by.sha256, "synthetic": by.is_synthetic}
    voice |= {"provider": by.provider} if by.provider else {}
    spoken = {"sound": str(line.sound), "seconds": round(line.seconds, 3), "words": words, "voice": voice}
    return json.dumps(spoken, ensure_ascii=False)
