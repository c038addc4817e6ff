"""Instruments of the soundfont: General MIDI programs, corrected for the tuning error of their samples."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Instrument:
    """``cents``: how far the soundfont's samples are out of tune, measured at A = 440 Hz."""

    program: int
    cents: float = 0.0
    drums: bool = False


PIANO = Instrument(0, 7)
RHODES = Instrument(4, -3)
FM_PIANO = Instrument(5, -3)
CELESTA = Instrument(8, 6)
GLOCKENSPIEL = Instrument(9)
MARIMBA = Instrument(12, 6)
NYLON_GUITAR = Instrument(24, -2)
JAZZ_GUITAR = Instrument(26, 6)
CLEAN_GUITAR = Instrument(27, -6)
MUTED_GUITAR = Instrument(28, -11)
ACOUSTIC_BASS = Instrument(32, -6)
FINGERED_BASS = Instrument(33, -6)
PICKED_BASS = Instrument(34, 9)
FRETLESS_BASS = Instrument(35, -1)
SYNTH_BASS = Instrument(38, 9)
RUBBER_BASS = Instrument(39, -6)
PIZZICATO = Instrument(45, 17)
HARP = Instrument(46, 20)
STRINGS = Instrument(48, 6)
SLOW_STRINGS = Instrument(49, 6)
CLARINET = Instrument(71)
FLUTE = Instrument(73, 8)
WHISTLE = Instrument(78, 4)
SQUARE_LEAD = Instrument(80, -6)
SAW_LEAD = Instrument(81, 6)
WARM_PAD = Instrument(89, 6)
POLYSYNTH = Instrument(90, 6)
HALO_PAD = Instrument(94, -3)
CRYSTAL = Instrument(98)
KALIMBA = Instrument(108, 6)

STANDARD_KIT = Instrument(0, drums=True)
ROOM_KIT = Instrument(8, drums=True)
BRUSH_KIT = Instrument(40, drums=True)

KICK, RIM, SNARE, CLAP, SNARE_2 = 36, 37, 38, 39, 40
LOW_TOM, HIGH_TOM = 45, 48
CLOSED_HAT, PEDAL_HAT, OPEN_HAT = 42, 44, 46
CRASH, RIDE, TAMBOURINE = 49, 51, 54
SHAKER, HIGH_BLOCK, LOW_BLOCK, TRIANGLE = 70, 76, 77, 81
