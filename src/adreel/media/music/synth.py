"""Synthesis: renders notes through the soundfont, one layer at a time, with sample-accurate events."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from adreel.domain.errors import SetupError
from adreel.domain.films.formats import SAMPLE_RATE
from adreel.media.music.arrange import Part
from adreel.media.music.genre import Genre
from adreel.media.music.score import CENTRE, LEFT, RIGHT, Note
from adreel.media.music.synthesizer import Synthesizer
from adreel.media.music.tempo import Tempo

Samples = npt.NDArray[np.float32]

SOUNDFONT = "soundfont/sonivox.sf2"
_HEADROOM_DB = -12.0
_DRUM_LOOSENESS = 0.35
"""Factor of the timing deviation of drums, which is smaller than that of the rest of the band."""


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """A note-on (``velocity`` above zero) or note-off at a sample."""

    sample: int
    velocity: int
    channel: int
    pitch: int


def swung(beat: float, swing: float, unit: float) -> float:
    """Moves the off-beat step of each pair of ``unit`` beats to ``swing`` of the pair; 0.5 is straight."""
    pair, place = divmod(beat, 2 * unit)
    turn = 2 * unit * swing
    bent = place / unit * turn if place < unit else turn + (place - unit) / unit * (2 * unit - turn)
    return pair * 2 * unit + bent


def perform(part: Part, genre: Genre, tempo: Tempo, rng: np.random.Generator) -> list[Event]:
    """The note-on and note-off events with swing and humanised timing, in time order, note-offs first."""
    loose = genre.loose * (_DRUM_LOOSENESS if part.instrument.drums else 1.0)
    end = round(tempo.seconds(tempo.beats + tempo.ring_beats) * SAMPLE_RATE)
    events: list[Event] = []
    for note in part.notes:
        on, off = _times(note, genre, tempo)
        shift = float(np.clip(rng.normal(0.0, loose), -2 * loose, 2 * loose))
        start = min(max(0, round((on + shift) * SAMPLE_RATE)), end - 1)
        stop = min(max(start + 1, round((off + shift) * SAMPLE_RATE)), end)
        events += [Event(start, note.velocity, note.channel, note.pitch), Event(stop, 0, note.channel, note.pitch)]
    return sorted(events)


def _times(note: Note, genre: Genre, tempo: Tempo) -> tuple[float, float]:
    start = swung(note.start, genre.swing, genre.swing_unit)
    return tempo.seconds(start), tempo.seconds(start + note.duration)


class Band:
    """The soundfont, loaded once for the layers of a piece.

    Raises SetupError when the soundfont or the synthesizer is not installed.
    """

    def __init__(self) -> None:
        source = files("adreel.assets") / SOUNDFONT
        try:
            font = source.read_bytes()
        except FileNotFoundError as error:
            raise SetupError(f"the soundfont {SOUNDFONT} is missing from the package; install adreel again") from error
        self._synth = Synthesizer(font, SAMPLE_RATE, _HEADROOM_DB)

    def play(self, part: Part, events: list[Event], samples: int) -> Samples:
        """The sound of a part alone, (samples, 2), not yet levelled."""
        self._tune(part)
        sound = np.zeros((samples, 2), np.float32)
        at = 0
        for event in events:
            self._synth.render(sound[at : event.sample])
            at = event.sample
            if event.velocity:
                self._synth.note_on(event.channel, event.pitch, event.velocity)
            else:
                self._synth.note_off(event.channel, event.pitch)
        self._synth.render(sound[at:])
        self._hush()
        return sound

    def _tune(self, part: Part) -> None:
        spread = part.layer.spread
        for channel, side in ((CENTRE, 0.0), (LEFT, -spread), (RIGHT, spread)):
            self._synth.program(channel, part.instrument.program, drums=part.instrument.drums)
            self._synth.tune(channel, -part.instrument.cents / 100)
            self._synth.pan(channel, side)

    def _hush(self) -> None:
        """Keeps voices of this layer out of the next one: stops all sounds and renders their release."""
        self._synth.stop()
        self._synth.render(np.zeros((SAMPLE_RATE // 10, 2), np.float32))
