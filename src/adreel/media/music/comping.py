"""Chord parts: pads, chord rhythms and arpeggios."""

from __future__ import annotations

from numpy.random import Generator

from adreel.media.music.form import Bar
from adreel.media.music.genre import Layer
from adreel.media.music.harmony import Harmony, Span
from adreel.media.music.score import LEFT, RIGHT, Note, pick, steps, velocity
from adreel.media.music.theory import Voicing, voice_lead

_LEVELS = {"X": 6.5, "x": 5.2, "o": 4.0}
_STRUM = 0.012
"""Beats between the strings of a strummed chord."""
_ROLL = 0.11
"""Beats between the notes of the rolled last chord."""


def pad_part(layer: Layer, bars: tuple[Bar, ...], harmony: Harmony, rng: Generator) -> list[Note]:
    """One sustained chord for each span."""
    voicings = _voicings(layer, harmony)
    notes: list[Note] = []
    for bar in bars:
        if bar.energy >= layer.enters:
            for span in harmony.within(bar):
                voicing = voicings[harmony.index(span.start)]
                notes += _struck(voicing, span.start, span.beats * layer.gate, 4.0 + 2.0 * bar.energy, rng)
    return notes + _struck(voicings[-1], harmony.final.start, harmony.final.beats, 6.0, rng)


def comp_part(layer: Layer, bars: tuple[Bar, ...], harmony: Harmony, rng: Generator) -> list[Note]:
    """Rhythmic chords; bars of low energy play only the accents."""
    voicings = _voicings(layer, harmony)
    main, other = pick(rng, layer.patterns), pick(rng, layer.patterns)
    notes: list[Note] = []
    for bar in bars:
        if bar.energy < layer.enters:
            continue
        for onset, duration, symbol in _strikes(other if bar.section == "B" else main, bar, harmony):
            span = harmony.at(onset)
            length = min(duration * layer.gate, span.end - onset)
            level = _LEVELS[symbol] * (0.8 + 0.2 * bar.energy)
            notes += _struck(voicings[harmony.index(onset)], onset, length, level, rng)
    return notes + _struck(voicings[-1], harmony.final.start, harmony.final.beats, 6.5, rng, _ROLL / 2)


def arp_part(layer: Layer, bars: tuple[Bar, ...], harmony: Harmony, rng: Generator) -> list[Note]:
    """Broken chords; the last chord is rolled upwards and rings."""
    voicings = _voicings(layer, harmony)
    main, other = pick(rng, layer.patterns), pick(rng, layer.patterns)
    notes: list[Note] = []
    for bar in bars:
        if bar.energy < layer.enters:
            continue
        for step in steps(other if bar.section == "B" else main, bar.beats):
            onset = bar.start + step.onset
            pitch, channel = _tone(voicings[harmony.index(onset)], int(step.symbol))
            level = (5.8 if step.onset % 1 == 0 else 4.8) * (0.8 + 0.2 * bar.energy)
            notes.append(Note(onset, step.duration * layer.gate, pitch, velocity(level, rng), channel))
    last = [_tone(voicings[-1], i) for i in range(len(voicings[-1]) + 1)]
    return notes + [
        Note(harmony.final.start + i * _ROLL, harmony.final.beats - i * _ROLL, pitch, velocity(5.5, rng), channel)
        for i, (pitch, channel) in enumerate(last)
    ]


def _voicings(layer: Layer, harmony: Harmony) -> tuple[Voicing, ...]:
    return voice_lead(tuple(span.chord for span in harmony.spans), layer.centre)


def _strikes(pattern: str, bar: Bar, harmony: Harmony) -> list[tuple[float, float, str]]:
    """The pattern's strokes for the bar's energy, plus one where the film begins or the chord changes."""
    played = "X" if bar.energy < 0.4 else "Xxo"
    strikes = [(bar.start + s.onset, s.duration, s.symbol) for s in steps(pattern, bar.beats) if s.symbol in played]
    onsets = {onset for onset, _, _ in strikes}
    spans = harmony.within(bar)
    due = spans if bar.start == 0 else spans[1:]
    changes: list[Span] = [span for span in due if span.start not in onsets]
    return sorted(strikes + [(span.start, 1.0, "X") for span in changes])


def _struck(
    voicing: Voicing, onset: float, length: float, level: float, rng: Generator, strum: float = _STRUM
) -> list[Note]:
    return [
        Note(onset + i * strum, max(0.1, length - i * strum), pitch, velocity(level, rng), (LEFT, RIGHT)[i % 2])
        for i, pitch in enumerate(voicing)
    ]


def _tone(voicing: Voicing, number: int) -> tuple[int, int]:
    octave, place = divmod(number, len(voicing))
    return voicing[place] + 12 * octave, (LEFT, RIGHT)[place % 2]
