"""The film's soundtrack: music and the clips' own sound, mixed, mastered, encoded and cached by the hash of its inputs.

Its loudness is measured once, after encoding; the digest of its packets identifies the measured sound.
"""

from __future__ import annotations

import hashlib
import json
import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from adreel.domain.errors import StorageError
from adreel.domain.films.clip import Segment
from adreel.domain.films.film import AudioConfig, SpokenPart
from adreel.domain.films.formats import to_seconds
from adreel.domain.machine_faults import fault_or
from adreel.media.audio import mix as audio
from adreel.media.audio.loudness import Loudness
from adreel.media.audio.speech_mix import RAISED_WITHOUT_MUSIC, spoken_track, with_speech
from adreel.media.cache_uses import note_use
from adreel.media.music import compose
from adreel.media.music.tempo import Cues
from adreel.media.segments import decode
from adreel.media.segments.inspect import packets_digest
from adreel.media.segments.store import file_digest
from adreel.media.speech.voice import SPEECH_VERSION, VOICE
from adreel.media.timeline import Timeline

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class SoundFile:
    """An AAC file. `digest` is the hash of its packets; `loudness` was measured on these packets, decoded."""

    path: Path
    digest: str
    loudness: Loudness


def describe(path: Path, loudness: Loudness) -> SoundFile:
    """Describes a file with its measured loudness. Raises RenderError when it cannot be read."""
    return SoundFile(path, packets_digest(decode.read_coded_sound(path)), loudness)


def write_description(sound: SoundFile, description: Path) -> None:
    """Writes the description of the file, including the file's hash. Raises OSError."""
    facts = {
        "file": file_digest(sound.path),
        "packets": sound.digest,
        "integrated": sound.loudness.integrated,
        "true_peak": sound.loudness.true_peak,
    }
    description.write_text(json.dumps(facts), encoding="utf-8")


def read_described(path: Path, description: Path) -> SoundFile | None:
    """Reads a described file; None when the description is missing or does not match the file."""
    try:
        facts = json.loads(description.read_text(encoding="utf-8"))
        if facts["file"] != file_digest(path):
            return None
        loudness = Loudness(float(facts["integrated"]), float(facts["true_peak"]))
        return SoundFile(path, str(facts["packets"]), loudness)
    except (OSError, ValueError, KeyError, TypeError):
        return None


_VERSION = "6"


class SoundtrackStore:
    """A folder of encoded soundtracks (AAC in MP4), each named by the hash of its inputs.

    A soundtrack exists once its description (``KEY.json``) does, which is written last. The description holds the loudness, so
    that it is measured once and not for every film. A file that does not match its description is made again.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def track(
        self, timeline: Timeline, clips: Sequence[tuple[int, Segment]], config: AudioConfig, seed: int
    ) -> SoundFile | None:
        """The soundtrack, exactly as long as the timeline; None without music and clip sound. Raises MusicError.

        `clips` are segments, each with its first film frame.
        """
        sounds = [audio.ClipSound(clip.sound, start, clip.frames) for start, clip in clips if clip.sound is not None]
        if not sounds and config.file is None and config.genre is None and not config.speech:
            return None
        path = self._root / f"{_key(timeline, clips, config, seed)}.m4a"
        note_use(self._root, path.stem)
        cached = read_described(path, path.with_suffix(".json"))
        if cached is not None:
            path.touch()
            return cached
        mixed = audio.mix(timeline.frames, _music(config, timeline, seed), sounds)
        if config.speech:
            has_music = config.file is not None or config.genre is not None
            raised = math.inf if has_music else RAISED_WITHOUT_MUSIC
            mixed = with_speech(mixed, spoken_track(timeline.frames, config.speech), raised)
        return None if mixed is None else self._encode(audio.master(mixed), path)

    def _encode(self, sound: audio.Mastered, path: Path) -> SoundFile:
        temporary = path.with_name(f".{path.stem}.{uuid.uuid4().hex}.json")
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            encoded = describe(path, audio.encode_aac(sound.samples, path, sound.integrated))
            write_description(encoded, temporary)
            temporary.replace(path.with_suffix(".json"))
            note_use(self._root, path.stem)
        except OSError as error:
            failed = StorageError(f"cannot write to the sound cache {self._root}: {error}")
            raise fault_or(error, self._root, failed) from error
        finally:
            temporary.unlink(missing_ok=True)
        return encoded


def _music(config: AudioConfig, timeline: Timeline, seed: int) -> npt.NDArray[np.float32] | None:
    if config.file is not None:
        return audio.fit_music(audio.load_music(config.file), timeline.frames)
    return None if config.genre is None else compose(config.genre, timeline.frames, seed, _cues(timeline, config))


def _cues(timeline: Timeline, config: AudioConfig) -> Cues:
    cuts = tuple(to_seconds(cut) for cut in timeline.cuts)
    strong = tuple(to_seconds(cut) for cut in timeline.cuts if cut in config.strong)
    return Cues(cuts, cuts[-1] if cuts and timeline.items[-1].closing else None, strong, config.bpm)


def _key(timeline: Timeline, clips: Sequence[tuple[int, Segment]], config: AudioConfig, seed: int) -> str:
    cues = _cues(timeline, config)
    music = f"file {file_digest(config.file)}" if config.file else f"genre {config.genre} {seed} {cues}"
    sounds = [(clip.key, start) for start, clip in clips if clip.sound is not None]
    facts: list[object] = [_VERSION, music, timeline.frames, sounds]
    if config.speech:
        facts.append([SPEECH_VERSION, VOICE.sha256, [_spoken_key(part) for part in config.speech]])
    text = json.dumps(facts)
    return hashlib.sha256(text.encode()).hexdigest()


def _spoken_key(part: SpokenPart) -> tuple[object, ...]:
    """What the sound of a line depends on. A line without a pronunciation keeps the key that it had before there were any."""
    if part.sound is not None:
        return ("file", file_digest(part.sound), part.span, part.start)
    return (part.text, part.start, part.speed, *([part.said] if part.said else ()))
