"""The definition of a genre: the choices from which a seed selects. Data only; the genres are in ``genres``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from adreel.media.music.instruments import Instrument
from adreel.media.music.theory import Mode

Role = Literal["drums", "bass", "pad", "comp", "arp", "melody", "double"]
Progression = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Lane:
    """One drum of a groove: ``pattern`` holds loudness digits 1-9, or ``g`` for an optional ghost note."""

    key: int
    pattern: str
    enters: float = 0.0


@dataclass(frozen=True, slots=True)
class Fill:
    """Drums that replace all but the kick in the last ``beats`` of a bar."""

    beats: int
    lanes: tuple[Lane, ...]


@dataclass(frozen=True, slots=True)
class Drumming:
    grooves: tuple[tuple[Lane, ...], ...]
    fills: tuple[Fill, ...]
    crash: int | None
    """Drum struck where a phrase begins at high energy and with the last chord."""


@dataclass(frozen=True, slots=True)
class Layer:
    """An instrument of the band.

    ``patterns``: rhythms to choose from (bass: ``r`` root, ``R`` its octave, ``f`` fifth, ``t`` third, ``a`` approach to
    the next chord; comp: ``X`` accent, ``x``, ``o`` soft; arp: digits count chord tones upwards).
    ``level``: loudness of the layer while it plays, dBFS RMS. ``enters``: energy of a bar from which it plays.
    ``pan`` and ``spread``: -1 to 1, and how far alternate voices lie left and right of it. ``reverb``: part sent to the
    room. ``gate``: part of its written length a note sounds. ``echo``: beats after which a softer repeat follows.
    ``duck``: part by which the kick pushes the layer down.
    """

    role: Role
    instruments: tuple[Instrument, ...]
    level: float
    patterns: tuple[str, ...] = ()
    centre: int = 60
    enters: float = 0.0
    pan: float = 0.0
    spread: float = 0.0
    reverb: float = 0.2
    gate: float = 1.0
    echo: float = 0.0
    duck: float = 0.0


@dataclass(frozen=True, slots=True)
class Genre:
    """``bpm``: the tempo range. ``ring``: seconds of the last chord. ``swing``: where the off-beat
    step of a pair falls (0.5 is straight); ``swing_unit``: length of that step in beats. ``loose``: standard deviation of
    human timing, seconds. ``room``: reverberation time, seconds. ``thump``: level of the tone laid
    under each kick, dBFS. ``air``: lift of the treble, 0.4 is 3 dB.
    """

    name: str
    bpm: tuple[float, float]
    ring: float
    mode: Mode
    tonics: tuple[int, ...]
    progressions: tuple[Progression, ...]
    contrasts: tuple[Progression, ...]
    cadences: tuple[tuple[str, ...], ...]
    finals: tuple[str, ...]
    melody_scale: tuple[int, ...]
    motifs: tuple[str, ...]
    closings: tuple[str, ...]
    drumming: Drumming
    layers: tuple[Layer, ...]
    swing: float = 0.5
    swing_unit: float = 0.5
    loose: float = 0.006
    room: float = 1.2
    thump: float = -20.0
    air: float = 0.4
