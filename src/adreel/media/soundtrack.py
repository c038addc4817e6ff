"""The film's sound: music and the clips' own sound, mixed, mastered, encoded once and found again by its ingredients."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from adreel.domain.clip import Segment
from adreel.domain.film import AudioConfig
from adreel.media import audio
from adreel.media.music import compose
from adreel.media.segments import file_digest
from adreel.media.sound_file import SoundFile, describe, read_described, write_description
from adreel.media.timeline import Timeline

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_VERSION = "3"


class SoundtrackStore:
    """A folder of encoded soundtracks (AAC in MP4), each named by the hash of what went into it.

    A soundtrack exists once its description (``KEY.json``) does: that is written last. It says how loud the sound is, so
    that it is measured once and not for every film. A file that is not the one described is made anew.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def track(
        self, timeline: Timeline, clips: Sequence[tuple[int, Segment]], config: AudioConfig, seed: int
    ) -> SoundFile | None:
        """The soundtrack, exactly as long as the timeline; None when there is nothing to hear. Raises MusicError.

        `clips` are segments with the film frame on which each begins.
        """
        sounds = [audio.ClipSound(clip.sound, start, clip.frames) for start, clip in clips if clip.sound is not None]
        if not sounds and config.file is None and config.genre is None:
            return None
        path = self._root / f"{_key(timeline, clips, config, seed)}.m4a"
        known = read_described(path, path.with_suffix(".json"))
        if known is not None:
            path.touch()
            return known
        mixed = audio.mix(timeline.frames, _music(config, timeline.frames, seed), sounds)
        return None if mixed is None else self._encode(audio.master(mixed), path)

    def _encode(self, sound: audio.Mastered, path: Path) -> SoundFile:
        self._root.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.stem}.{uuid.uuid4().hex}.json")
        try:
            made = describe(path, audio.encode_aac(sound.samples, path, sound.integrated))
            write_description(made, temporary)
            temporary.replace(path.with_suffix(".json"))
        finally:
            temporary.unlink(missing_ok=True)
        return made


def _music(config: AudioConfig, frames: int, seed: int) -> npt.NDArray[np.float32] | None:
    if config.file is not None:
        return audio.fit_music(audio.load_music(config.file), frames)
    return None if config.genre is None else compose(config.genre, frames, seed)


def _key(timeline: Timeline, clips: Sequence[tuple[int, Segment]], config: AudioConfig, seed: int) -> str:
    music = f"file {file_digest(config.file)}" if config.file else f"genre {config.genre} {seed}"
    sounds = [(clip.key, start) for start, clip in clips if clip.sound is not None]
    text = json.dumps([_VERSION, music, timeline.frames, sounds])
    return hashlib.sha256(text.encode()).hexdigest()
