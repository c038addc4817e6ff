"""Notes to sound: one layer at a time through the soundfont, events placed to the sample."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import numpy.typing as npt
import tinysoundfont

from adreel.domain.errors import SetupError
from adreel.domain.formats import SAMPLE_RATE
from adreel.media.music.arrange import Part
from adreel.media.music.form import Tempo
from adreel.media.music.genre import Genre
from adreel.media.music.score import CENTRE, LEFT, RIGHT, Note

Samples = npt.NDArray[np.float32]

SOUNDFONT = "soundfont/sonivox.sf2"
_HEADROOM_DB = -12.0
_PAN_CONTROLLER = 10
_DRUM_LOOSENESS = 0.35
"""Drummers keep closer time than the rest of the band, by this factor."""


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """Sound a key (``velocity`` above zero) or let it go, at a sample."""

    sample: int
    velocity: int
    channel: int
    pitch: int


def swung(beat: float, swing: float, unit: float) -> float:
    """Move the off-beat step of each pair of ``unit`` beats to ``swing`` of the pair; 0.5 leaves it where it is."""
    pair, place = divmod(beat, 2 * unit)
    turn = 2 * unit * swing
    bent = place / unit * turn if place < unit else turn + (place - unit) / unit * (2 * unit - turn)
    return pair * 2 * unit + bent


def perform(part: Part, genre: Genre, tempo: Tempo, rng: np.random.Generator) -> list[Event]:
    """When each key goes down and up, with swing and human timing; in the order of playing, releases first."""
    loose = genre.loose * (_DRUM_LOOSENESS if part.instrument.drums else 1.0)
    end = round((tempo.beats * tempo.seconds_per_beat + tempo.ring) * SAMPLE_RATE)
    events: list[Event] = []
    for note in part.notes:
        on, off = _times(note, genre, tempo)
        shift = float(np.clip(rng.normal(0.0, loose), -2 * loose, 2 * loose))
        start = min(max(0, round((on + shift) * SAMPLE_RATE)), end - 1)
        stop = min(max(start + 1, round((off + shift) * SAMPLE_RATE)), end)
        events += [Event(start, note.velocity, note.channel, note.pitch), Event(stop, 0, note.channel, note.pitch)]
    return sorted(events)


def _times(note: Note, genre: Genre, tempo: Tempo) -> tuple[float, float]:
    on = swung(note.start, genre.swing, genre.swing_unit) * tempo.seconds_per_beat
    return on, on + note.duration * tempo.seconds_per_beat


class Band:
    """The soundfont, loaded once for the layers of a piece.

    Raises SetupError when the soundfont is not installed.
    """

    def __init__(self) -> None:
        source = files("adreel.assets") / SOUNDFONT
        try:
            font = source.read_bytes()
        except FileNotFoundError as error:
            raise SetupError(f"the soundfont {SOUNDFONT} is missing from the package; install adreel again") from error
        self._synth = tinysoundfont.Synth(gain=_HEADROOM_DB, samplerate=SAMPLE_RATE)
        self._synth.sfload(font)

    def play(self, part: Part, events: list[Event], samples: int) -> Samples:
        """The sound of a part alone, (samples, 2), not yet levelled."""
        self._tune(part)
        sound = np.zeros((samples, 2), np.float32)
        at = 0
        for event in events:
            self._render(sound[at : event.sample])
            at = event.sample
            if event.velocity:
                self._synth.noteon(event.channel, event.pitch, event.velocity)
            else:
                self._synth.noteoff(event.channel, event.pitch)
        self._render(sound[at:])
        self._hush()
        return sound

    def _tune(self, part: Part) -> None:
        spread = part.layer.spread
        for channel, side in ((CENTRE, 0.0), (LEFT, -spread), (RIGHT, spread)):
            self._synth.program_change(channel, part.instrument.program, part.instrument.drums)
            self._synth.set_tuning(channel, -part.instrument.cents / 100)
            self._synth.control_change(channel, _PAN_CONTROLLER, round(64 + 63 * side))

    def _render(self, target: Samples) -> None:
        if len(target):
            self._synth.generate_simple(len(target), target.data.cast("B"))

    def _hush(self) -> None:
        """Let no voice of this layer sound in the next: cut all and play out what the cut leaves."""
        self._synth.sounds_off()
        self._render(np.zeros((SAMPLE_RATE // 10, 2), np.float32))
