"""Composes, synthesises and mixes music for the exact length of a film."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from adreel.domain.errors import MusicError
from adreel.domain.films.formats import SAMPLE_RATE, SAMPLES_PER_FRAME, to_seconds
from adreel.media.music import mixdown
from adreel.media.music.arrange import Part, Piece, arrange
from adreel.media.music.genres import ALL
from adreel.media.music.instruments import KICK
from adreel.media.music.synth import Band, Event, perform
from adreel.media.music.tempo import NO_CUES, Cues

Samples = npt.NDArray[np.float32]

GENRES: tuple[str, ...] = tuple(ALL)
"""The genres that ``compose`` supports."""

_WIDTH = 1.35
_DRUM_CREST = 12.0
"""Decibels by which drum peaks may exceed the level of the drums."""
_ROOM_STREAM = 1000
_TIMING_STREAM = 2000


def compose(genre: str, frames: int, seed: int, cues: Cues = NO_CUES) -> Samples:
    """Music of a genre for a film of ``frames`` frames: (frames * 1600, 2), 48 kHz, within ±1, silent at its last sample.

    A beat falls on every cut of ``cues``, the strongest accent on the beginning of the end card.
    Deterministic. Raises MusicError for an unknown genre or a film without frames, SetupError when the soundfont is missing.
    """
    if genre not in ALL:
        raise MusicError(f"music genre {genre!r} is unknown; choose one of {', '.join(GENRES)}, or give a music file")
    if frames < 1:
        raise MusicError("music cannot be composed for a film without frames")
    return _mix(arrange(ALL[genre], to_seconds(frames), seed, cues), frames * SAMPLES_PER_FRAME, seed)


def _mix(piece: Piece, samples: int, seed: int) -> Samples:
    band = Band()
    played = [
        perform(part, piece.genre, piece.tempo, np.random.default_rng([seed % 2**64, _TIMING_STREAM + number]))
        for number, part in enumerate(piece.parts)
    ]
    kicks = _kicks(piece.parts, played)
    push = mixdown.push([sample for sample, _ in kicks], samples)
    mix = np.zeros((samples, 2), np.float32)
    send = np.zeros(samples, np.float32)
    for part, events in zip(piece.parts, played, strict=True):
        sound = band.play(part, events, samples)
        sound = _drum_bus(piece, part, sound, kicks) if part.instrument.drums else _channel(part, sound, push)
        mix += sound
        send += mixdown.mono(sound) * np.float32(part.layer.reverb)
    mix += mixdown.room(send, piece.genre.room, np.random.default_rng([seed % 2**64, _ROOM_STREAM]))
    mix = mixdown.brightened(mixdown.widened(mix, _WIDTH), piece.genre.air)
    mix = mixdown.swelled(mix, round(piece.tempo.seconds(piece.tempo.accent) * SAMPLE_RATE))
    return mixdown.finished(mix, round(piece.tempo.ring * SAMPLE_RATE))


def _drum_bus(piece: Piece, part: Part, sound: Samples, kicks: list[tuple[int, int]]) -> Samples:
    sound = mixdown.levelled(sound, part.layer.level)
    sound += mixdown.thumps(kicks, len(sound), piece.genre.thump)[:, None]
    return mixdown.rounded(sound, part.layer.level + _DRUM_CREST)


def _kicks(parts: tuple[Part, ...], played: list[list[Event]]) -> list[tuple[int, int]]:
    return [
        (event.sample, event.velocity)
        for part, events in zip(parts, played, strict=True)
        if part.instrument.drums
        for event in events
        if event.pitch == KICK and event.velocity
    ]


def _channel(part: Part, sound: Samples, push: npt.NDArray[np.float32]) -> Samples:
    sound = mixdown.panned(mixdown.levelled(sound, part.layer.level), part.layer.pan)
    sound *= (1 - np.float32(part.layer.duck) * push)[:, None]
    return sound
