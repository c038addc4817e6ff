"""Arranges a piece from a genre, a length and a seed: the notes of every layer, in beats. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from adreel.media.music.comping import arp_part, comp_part, pad_part
from adreel.media.music.form import Bar, plan_bars
from adreel.media.music.genre import Genre, Layer, Role
from adreel.media.music.harmony import Harmony, harmonise
from adreel.media.music.instruments import Instrument
from adreel.media.music.melody import doubled, echoed, melody_part
from adreel.media.music.rhythm import Strokes, bass_part, drum_part
from adreel.media.music.score import Note, pick
from adreel.media.music.tempo import NO_CUES, Cues, Tempo, fit_tempo
from adreel.media.music.theory import Key

_ACCOMPANIMENT: dict[Role, Callable[[Layer, tuple[Bar, ...], Harmony, np.random.Generator], list[Note]]] = {
    "bass": bass_part,
    "pad": pad_part,
    "comp": comp_part,
    "arp": arp_part,
}


@dataclass(frozen=True, slots=True)
class Part:
    """A layer of the band with the instrument chosen for it and the notes it plays."""

    layer: Layer
    instrument: Instrument
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """An arranged piece; its last chord falls on beat ``tempo.beats``."""

    genre: Genre
    tempo: Tempo
    bars: tuple[Bar, ...]
    harmony: Harmony
    parts: tuple[Part, ...]


def arrange(genre: Genre, seconds: float, seed: int, cues: Cues = NO_CUES) -> Piece:
    """Arranges a piece of ``seconds`` seconds whose beats meet the cues. Deterministic."""
    rng = np.random.default_rng(_seeds(seed, 0))
    slow, fast = genre.bpm
    preferred = rng.uniform(slow + 0.2 * (fast - slow), fast - 0.2 * (fast - slow))
    tempo = fit_tempo(seconds, genre.bpm, preferred, genre.ring, cues)
    bars = plan_bars(tempo.beats, tempo.tag)
    key = Key(pick(rng, genre.tonics), genre.mode)
    harmony = harmonise(genre, key, bars, tempo.ring_beats, rng)
    strokes = _strokes(tempo, harmony.final.start, cues)
    parts: list[Part] = []
    for number, layer in enumerate(genre.layers):
        own = np.random.default_rng(_seeds(seed, number + 1))
        parts.append(_part(genre, layer, bars, harmony, strokes, parts, own))
    return Piece(genre, tempo, bars, harmony, tuple(parts))


def _strokes(tempo: Tempo, end: float, cues: Cues) -> Strokes:
    strong = _beats(tempo, cues.strong)
    cuts = tuple(beat for beat in _beats(tempo, cues.cuts) if beat not in (*strong, tempo.accent) and beat < end)
    return Strokes(end, tempo.accent, tuple(beat for beat in strong if beat != tempo.accent), cuts)


def _beats(tempo: Tempo, moments: tuple[float, ...]) -> tuple[int, ...]:
    return tuple(beat for beat in map(tempo.met, moments) if beat is not None)


def _seeds(seed: int, stream: int) -> list[int]:
    return [seed % 2**64, stream]


def _part(
    genre: Genre,
    layer: Layer,
    bars: tuple[Bar, ...],
    harmony: Harmony,
    strokes: Strokes,
    before: list[Part],
    rng: np.random.Generator,
) -> Part:
    instrument = pick(rng, layer.instruments)
    if layer.role in _ACCOMPANIMENT:
        notes = _ACCOMPANIMENT[layer.role](layer, bars, harmony, rng)
    elif layer.role == "drums":
        notes = drum_part(genre.drumming, bars, strokes, rng)
    elif layer.role == "melody":
        notes = melody_part(genre, layer, bars, harmony, rng)
    else:
        tune = next(part.notes for part in before if part.layer.role == "melody")
        notes = doubled(tune, bars, layer.enters)
    if layer.echo:
        notes = echoed(notes, layer.echo, harmony.final.start)
    return Part(layer, instrument, tuple(notes))
