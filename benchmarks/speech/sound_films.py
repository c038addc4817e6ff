"""The sound of 20 films that speak: clips with and without sound, music of a file, composed, or none, cuts and crossfades."""

from __future__ import annotations

import wave
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from adreel.domain.films.clip import Segment
from adreel.domain.films.film import AudioConfig, SpokenPart, Transition
from adreel.domain.films.formats import SAMPLE_RATE, SAMPLES_PER_FRAME, FrameSize
from adreel.media.music import GENRES
from adreel.media.timeline import Item, Timeline

Floats = npt.NDArray[np.float32]

_CLIP, _INTRO, _CARD = 105, 30, 60
_LINES = (
    ("Good morning, mug.", "It holds 350 ml.", "Just $24.90, order yours."),
    ("Bad light makes long evenings longer.", "One charge lasts 40 hours.", "Yours from $129."),
    ("Some days end on a mountain.", "It carries 18 L.", "Pack light."),
    ("Your commute called.", "Fold them, and go.", "Save 25% today."),
)
_BEDS = (
    ("no music", None),
    ("file, quiet", 0.02),
    ("file, clipping loud", 1.0),
    ("composed", "genre"),
)
_CLIP_SOUNDS = ("none", "room", "street", "loud talk", "one clip of three")


@dataclass(frozen=True, slots=True)
class SoundFilm:
    """What the soundtrack of a film is made from; `joints` are frames at which sound begins, ends or changes."""

    name: str
    timeline: Timeline
    clips: tuple[tuple[int, Segment], ...]
    audio: AudioConfig
    seed: int


def sound_films(folder: Path, count: int = 20) -> Iterator[SoundFilm]:
    """Every kind of clip sound over every kind of music; half of the films fade, the genres take turns."""
    for number in range(count):
        sound, (bed, what) = _CLIP_SOUNDS[number % 5], _BEDS[number % 4]
        transition = Transition.CROSSFADE if number % 2 else Transition.CUT
        clips = tuple(Item(f"clip_{place}", _CLIP) for place in (1, 2, 3))
        timeline = Timeline((Item("intro", _INTRO), *clips, Item("card", _CARD, closing=True)), transition)
        genre = GENRES[number % len(GENRES)]
        starts = timeline.starts[1:4]
        speech = tuple(SpokenPart(line, start + 6) for line, start in zip(_LINES[number % 4], starts, strict=True))
        audio = AudioConfig(speech=speech)
        if what == "genre":
            audio = AudioConfig(genre=genre, speech=speech)
        elif isinstance(what, float):
            audio = AudioConfig(file=_music_file(folder / f"music-{what}.wav", what), speech=speech)
        segments = tuple(_segments(folder, sound, starts))
        label = f"{sound}; {bed}{f' {genre}' if what == 'genre' else ''}; {transition.value}"
        yield SoundFilm(label, timeline, segments, audio, number)


def _segments(folder: Path, sound: str, starts: Sequence[int]) -> Iterator[tuple[int, Segment]]:
    if sound == "none":
        return
    for place, start in enumerate(starts):
        if place and sound == "one clip of three":
            return
        path = folder / f"{sound.replace(' ', '-')}-{place}.wav"
        if not path.exists():
            _write(path, _clip_sound(sound, place))
        yield start, Segment(path.stem, path, path, _CLIP, FrameSize(320, 180), "", 0, 0)


def _clip_sound(sound: str, place: int) -> Floats:
    """Stereo sound of a clip that is cut out of a longer one: it neither begins nor ends in silence."""
    random, length = np.random.default_rng(place), _CLIP * SAMPLES_PER_FRAME
    noise = random.normal(0, 1, (length, 2)).astype(np.float32)
    time = np.arange(length) / SAMPLE_RATE
    if sound == "room":
        return noise * np.float32(0.003)
    if sound in ("street", "one clip of three"):
        hum = 0.25 * np.cos(2 * np.pi * (70 + 13 * place) * time)
        return (_brown(noise) * 0.5 + hum[:, None]).astype(np.float32)
    # Syllables of a buzz between 300 Hz and 3 kHz, as loud as a clip can be.
    syllables = 0.55 + 0.45 * np.cos(2 * np.pi * 4 * time)
    buzz = np.sum([np.cos(2 * np.pi * (150 + 20 * place) * step * time) / step for step in range(1, 20)], axis=0)
    talk = 0.6 * syllables * buzz / np.abs(buzz).max()
    return (talk[:, None] + 0.01 * noise).astype(np.float32)


def _brown(noise: Floats) -> Floats:
    """Noise that falls towards high frequencies, with peaks of 1."""
    spectrum = np.fft.rfft(noise, axis=0)
    spectrum /= np.maximum(np.arange(len(spectrum)), 200)[:, None] ** 0.7
    sound = np.fft.irfft(spectrum, len(noise), axis=0)
    return (sound / np.abs(sound).max()).astype(np.float32)


def _music_file(path: Path, level: float) -> Path:
    """Five seconds of chords with a beat, which the film repeats; at level 1 the peaks are cut off."""
    if path.exists():
        return path
    time = np.arange(5 * SAMPLE_RATE) / SAMPLE_RATE
    chord = sum(
        np.sin(2 * np.pi * hertz * time) + 0.5 * np.sin(4 * np.pi * hertz * time)
        for hertz in (220, 277.2, 329.6, 880, 1760)
    )
    beat = np.exp(-((time * 2) % 1) * 6)
    noise = np.random.default_rng(1).normal(0, 1, len(time)) * np.exp(-((time * 4) % 1) * 30)
    sound = (0.4 + 0.6 * beat) * np.asarray(chord) / 4 + 0.6 * noise
    _write(path, np.repeat((1.6 * level * sound)[:, None], 2, axis=1).astype(np.float32))
    return path


def _write(path: Path, samples: Floats) -> None:
    whole = np.clip(np.rint(samples * 32767), -32768, 32767).astype("<i2")
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes(whole.tobytes())
