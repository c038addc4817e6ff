"""Luxury: slow, wide chords, piano broken over strings, deep bass, brushes that hardly touch."""

from __future__ import annotations

from adreel.media.music import instruments as i
from adreel.media.music.genre import Drumming, Fill, Genre, Lane, Layer
from adreel.media.music.theory import SCALES

LUXURY = Genre(
    name="luxury",
    bpm=(66, 84),
    ring=3.4,
    mode="major",
    tonics=(1, 3, 5, 7, 8, 10),
    progressions=(
        ("Imaj9", "IVmaj9", "vi9", "V9sus4"),
        ("Iadd9", "vi7", "IVmaj7", "Vsus4"),
        ("Imaj7", "iii7", "IVmaj9", "V9sus4"),
        ("vi9", "IVmaj9", "Iadd9", "Vsus2"),
    ),
    contrasts=(
        ("IVmaj9", "V9sus4", "iii7", "vi9"),
        ("ii9", "iii7", "IVmaj9", "Vsus4"),
        ("vi9", "iii7", "IVmaj9", "V9sus4"),
    ),
    cadences=(("IVmaj9", "V9sus4"), ("ii9", "V9sus4"), ("IVmaj9", "iv6")),
    finals=("Imaj9", "Iadd9"),
    melody_scale=SCALES["major"],
    motifs=(
        "....x---x-------",
        "x-----x-x-------",
        "x-------x---x---",
        "..x-x---x-----x-",
        "x---x---..x-x---",
    ),
    closings=("x-----x-x-------", "x---x---x-------", "x-------x-------"),
    drumming=Drumming(
        grooves=(
            (
                Lane(i.KICK, "6.........3.....", 0.6),
                Lane(i.SNARE, "....4..g....4...", 0.6),
                Lane(i.RIDE, "3...4...3...4..2", 0.5),
            ),
            (
                Lane(i.KICK, "6.......4.......", 0.6),
                Lane(i.SNARE, "....4.......4.g.", 0.6),
                Lane(i.PEDAL_HAT, "....3.......3...", 0.5),
            ),
            (
                Lane(i.KICK, "6...............", 0.6),
                Lane(i.RIM, "............4...", 0.6),
                Lane(i.SHAKER, "3.2.4.2.3.2.4.2.", 0.5),
            ),
        ),
        fills=(
            Fill(1, (Lane(i.SNARE, "............2345"),)),
            Fill(1, (Lane(i.TRIANGLE, "............4..."),)),
        ),
        crash=i.RIDE,
    ),
    layers=(
        Layer("drums", (i.BRUSH_KIT,), -27.0, reverb=0.3),
        Layer(
            "bass",
            (i.FRETLESS_BASS, i.RUBBER_BASS),
            -19.0,
            ("r---------------", "r---------f-----", "r-----------a---"),
            centre=37,
            enters=0.5,
            reverb=0.05,
        ),
        Layer(
            "arp",
            (i.PIANO,),
            -19.0,
            ("0-1-2-3-4-3-2-1-", "0-2-1-3-2-4-3-2-", "0-1-3-..2-4-3-..", "0---2-3-4---3-2-"),
            centre=58,
            spread=0.5,
            reverb=0.4,
            gate=2.2,
        ),
        Layer("pad", (i.SLOW_STRINGS, i.STRINGS), -23.0, centre=60, enters=0.4, spread=0.85, reverb=0.55),
        Layer(
            "melody",
            (i.PIANO, i.CELESTA, i.FLUTE, i.HARP),
            -19.5,
            centre=75,
            enters=0.6,
            pan=0.12,
            reverb=0.5,
            gate=1.05,
            echo=2.0,
        ),
        Layer("double", (i.HARP, i.CELESTA), -28.0, enters=0.9, pan=-0.4, reverb=0.6),
    ),
    loose=0.009,
    room=2.4,
    air=0.6,
    thump=-15.0,
)
