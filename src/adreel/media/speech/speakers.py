"""Who speaks the lines of a film: the offline voice, with the pronunciations of a brand, or a person's recordings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from adreel.domain.ad import Ad, Beat
from adreel.domain.errors import InputError, RecordingError
from adreel.domain.films.narration import LineSound, TimedText
from adreel.domain.films.speech import SOUND_SUFFIXES
from adreel.domain.ports import Speaker
from adreel.media.speech.line_voice import LineVoice
from adreel.media.speech.normalizer import Pronunciations
from adreel.media.speech.recordings import line_samples, line_span, line_spans, prepared, recorded_times
from adreel.media.speech.voice import VOICE, offline_voice

_REMEMBERED = 512
"""Lines of which length and times are kept: a film's lines are timed in several rounds."""


@dataclass(frozen=True, slots=True)
class OfflineSpeaker:
    """The offline voice, as a `Speaker`. `pronunciations` say how words are spoken, see `SayOrder`."""

    pronunciations: Pronunciations = field(default_factory=dict[str, str])

    def say(self, beat: Beat, speed: float, /) -> LineSound:
        """Raises TextError for a line that is not English, and as `Voice.say` does."""
        said = said_of(self.pronunciations)
        samples, words = _timed(beat.spoken or "", said, speed)
        return LineSound(samples, words, VOICE, said=said, language="en", times_words=True)


@dataclass(frozen=True, slots=True)
class VoiceSpeaker:
    """A voice of lines of text, such as a hosted one, as a `Speaker`."""

    voice: LineVoice

    def say(self, beat: Beat, speed: float, /) -> LineSound:
        """Raises as the voice does, and InputError for one that gives a film no file of its sound, but for the offline voice."""
        voice, speech = self.voice, self.voice.say(beat.spoken or "", speed=speed)
        if speech.sound is None and voice.record != VOICE:
            raise InputError(f"the voice {voice.record.name} gives no file of its sound, of which a film is made")
        by = None if speech.sound is None else voice.record
        return LineSound(
            len(speech.samples),
            speech.words,
            by,
            speech.sound,
            language=voice.language,
            times_words=voice.times_words,
        )


def said_of(pronunciations: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Pronunciations as the offline voice looks them up, in order: words in small letters."""
    return tuple(sorted((word.casefold(), said) for word, said in pronunciations.items()))


@lru_cache(_REMEMBERED)
def _timed(text: str, said: tuple[tuple[str, str], ...], speed: float) -> tuple[int, tuple[TimedText, ...]]:
    speech = offline_voice().say(text, dict(said), speed)
    return len(speech.samples), speech.words


@dataclass(frozen=True, slots=True)
class LineFile:
    """Where the recording of a line is: the whole levelled sound of a file that adreel stored, or a span of a person's file."""

    path: Path
    span: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class RecordedSpeaker:
    """A person who recorded lines, as a `Speaker`: `files` by the name of their beat. `otherwise` speaks the others."""

    files: Mapping[str, LineFile]
    otherwise: Speaker | None = None

    def say(self, beat: Beat, speed: float, /) -> LineSound:
        """A recording has the pace that it has. Raises RecordingError for a line without one that cannot be spoken otherwise, and
        as `otherwise` does."""
        file = self.files.get(beat.name)
        if file is None and self.otherwise is not None:
            return self.otherwise.say(beat, speed)
        if file is None:
            raise RecordingError("there is no recording of its line; record it, or leave the line out")
        samples = line_samples(file.path, file.span)
        words = recorded_times(samples, beat.spoken or "")
        return LineSound(len(samples), words, sound=file.path, span=file.span)


def recorded_lines(path: Path, script: Ad) -> RecordedSpeaker:
    """The lines of a script as a person spoke them into a file, one after the other, or into a folder with a file for each beat,
    by its name.

    Raises RecordingError for a recording that cannot be used, a beat of the folder that is missing, and a file that cannot be
    parted into the lines.
    """
    spoken = [beat for beat in script.beats if beat.spoken]
    if not path.exists():
        raise RecordingError(
            f"the voice {str(path)!r} is neither on nor off, nor a recording or a folder of recordings"
        )
    if path.is_dir():
        return RecordedSpeaker({beat.name: _line_file(_named(path, beat.name)) for beat in spoken})
    recording = prepared(path)
    spans = line_spans(recording, [beat.spoken or "" for beat in spoken], path)
    return RecordedSpeaker({beat.name: LineFile(path, span) for beat, span in zip(spoken, spans, strict=True)})


def with_recordings(script: Ad, otherwise: Speaker) -> Speaker:
    """`otherwise` for all beats but those that name a recording of their own, a file of this machine. Raises RecordingError."""
    named = {beat.name: _line_file(Path(beat.recording)) for beat in script.beats if beat.spoken and beat.recording}
    return RecordedSpeaker(named, otherwise) if named else otherwise


def _line_file(path: Path) -> LineFile:
    return LineFile(path, line_span(prepared(path)))


def _named(folder: Path, beat: str) -> Path:
    """The sound of this name: words or a photo of the same name may lie beside it."""
    named = sorted(each for each in folder.iterdir() if each.stem == beat and each.is_file())
    found = [each for each in named if each.suffix.lower() in SOUND_SUFFIXES]
    if len(found) > 1:
        raise RecordingError(
            f"{folder} has both {found[0].name} and {found[1].name} for beat {beat!r}; leave one of them"
        )
    if not found:
        raise RecordingError(
            f"{folder} has no recording named {beat}, such as {beat}.wav, for the line of beat {beat!r}"
        )
    return found[0]
