"""Speaks a line into a file, with the offline voice."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from math import ceil
from pathlib import Path

from adreel.agents.captioning import check_caption_files, write_caption_files
from adreel.agents.output import Existing, check_target, delivered
from adreel.domain.errors import InputError
from adreel.domain.films.captions import Captions
from adreel.domain.films.formats import FPS, SAMPLE_RATE
from adreel.domain.films.narration import SpokenLine
from adreel.media.captions.cue import spoken_cues
from adreel.media.speech.line_voice import LineVoice, Speech, check_speed
from adreel.media.speech.normalizer import Pronunciations
from adreel.media.speech.voice import SPEECH_VERSION, VOICE, check_line, offline_voice
from adreel.media.speech.wav import write_wav

_SUFFIX = ".wav"


@dataclass(frozen=True, slots=True)
class SayOrder:
    """A line to speak into the file `out` (.wav), 1 to 1.15 times as fast as the voice usually speaks; by `speaker`, None for the
    offline voice.

    `pronunciations` say how words are spoken, in any case: as English letters ("hail") or as phonemes ("/hˈAl/"). With `captions`
    the words become files beside the sound, which have its name and .srt and .vtt.
    """

    text: str
    out: Path
    pronunciations: Pronunciations = field(default_factory=dict[str, str])
    speed: float = 1.0
    existing: Existing = Existing.REFUSE
    captions: Captions = Captions.OFF
    speaker: LineVoice | None = None

    @property
    def said(self) -> Pronunciations:
        """The pronunciations by word in small letters."""
        return {word.casefold(): said for word, said in self.pronunciations.items()}

    @property
    def digest(self) -> str:
        """The hash of all that the sound is made from."""
        speaker = self.speaker
        voice = VOICE.sha256 if speaker is None else [asdict(speaker.record), speaker.language]
        made_from = [SPEECH_VERSION, voice, self.text, sorted(self.said.items()), self.speed]
        return sha256(json.dumps(made_from).encode()).hexdigest()


async def speak(order: SayOrder) -> SpokenLine:
    """Speaks a line. Raises InputError (TextError) for a line that the voice cannot speak or a file that cannot be written,
    before anything is spoken; StorageError, SetupError."""
    await asyncio.to_thread(check_say, order)
    speech = await asyncio.to_thread(_spoken, order)

    async def write(path: Path) -> None:
        await asyncio.to_thread(write_wav, path, speech.samples)

    path = await delivered(order.out, order.existing, write)
    if order.captions.in_files:
        frames = ceil(len(speech.samples) * FPS / SAMPLE_RATE)
        await write_caption_files(path, spoken_cues(speech.words, frames), order.existing)
    return SpokenLine(path, order.digest, len(speech.samples), speech.words, order.speed)


def _spoken(order: SayOrder) -> Speech:
    if order.speaker is not None:
        return order.speaker.say(order.text, speed=order.speed)
    return offline_voice().say(order.text, order.said, order.speed)


def check_say(order: SayOrder) -> None:
    """Raises InputError (TextError) for a line that the voice cannot speak, or a file that cannot be written."""
    if order.out.suffix.lower() != _SUFFIX:
        raise InputError(f"{order.out} does not end in {_SUFFIX}, which is what a line is written as")
    check_target(order.out, order.existing)
    if order.captions not in (Captions.OFF, Captions.FILE):
        raise InputError(
            f"{order.out} is sound, which has neither a text track nor a picture; choose captions as files"
        )
    if order.captions.in_files:
        check_caption_files(order.out, order.existing)
    check_speed(order.speed)
    if order.speaker is None:
        check_line(order.text, order.said)
    elif order.pronunciations:
        raise InputError("pronunciations are those of the offline voice; for another one write the words as they sound")
    else:
        order.speaker.check(order.text)
