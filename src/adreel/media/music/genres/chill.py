"""Chill: slow, swung, electric piano in sevenths and ninths, soft drums, a tune with echo."""

from __future__ import annotations

from adreel.media.music import instruments as i
from adreel.media.music.genre import Drumming, Fill, Genre, Lane, Layer
from adreel.media.music.theory import PENTATONIC

CHILL = Genre(
    name="chill",
    bpm=(75, 92),
    ring=2.6,
    mode="major",
    tonics=(0, 2, 3, 5, 7, 10),
    progressions=(
        ("Imaj9", "vi9", "ii9", "V9sus4"),
        ("Imaj7", "iii7", "vi9", "IVmaj7"),
        ("Imaj9", "IVmaj7", "iii7", "vi7"),
        ("IVmaj7", "iii7", "ii9", "Imaj9"),
    ),
    contrasts=(
        ("vi9", "ii9", "V9sus4", "Imaj9"),
        ("IVmaj9", "iii7", "vi9", "V9sus4"),
        ("ii9", "iii7", "IVmaj7", "V9sus4"),
    ),
    cadences=(("ii9", "V9sus4"), ("IVmaj9", "iv6"), ("IVmaj7", "V9sus4")),
    finals=("Imaj9", "Imaj7"),
    melody_scale=PENTATONIC["major"],
    motifs=(
        "..x---x-x---....",
        "x--x----..x-x---",
        "....x-x--x--x---",
        "x-----x-x-x-....",
        "..x-x--x----x-x-",
    ),
    closings=("x--x----x-------", "..x-x---x-------", "x-----x---------"),
    drumming=Drumming(
        grooves=(
            (
                Lane(i.KICK, "8.....g.6.5.....", 0.4),
                Lane(i.SNARE, "....6.......6..g", 0.6),
                Lane(i.RIM, "....4.......4...", 0.0),
                Lane(i.CLOSED_HAT, "4.2.4.3.4.2.4.32"),
            ),
            (
                Lane(i.KICK, "8..5......6.....", 0.4),
                Lane(i.SNARE, "....6..g.g..6...", 0.6),
                Lane(i.CLOSED_HAT, "3.4.3.4.3.4.3.4."),
                Lane(i.SHAKER, "..1...2...1...2.", 0.7),
            ),
            (
                Lane(i.KICK, "8......57.......", 0.4),
                Lane(i.RIM, "....6.......6.g.", 0.0),
                Lane(i.SNARE, "....4.......5...", 0.8),
                Lane(i.CLOSED_HAT, "42323.4.42323.4."),
                Lane(i.OPEN_HAT, "..............3.", 0.7),
            ),
        ),
        fills=(
            Fill(1, (Lane(i.SNARE, ".............354"), Lane(i.RIM, "............5..."))),
            Fill(2, (Lane(i.SNARE, "..........4..5.4"), Lane(i.OPEN_HAT, "..............4."))),
        ),
        crash=None,
    ),
    layers=(
        Layer("drums", (i.ROOM_KIT,), -19.0, reverb=0.12),
        Layer(
            "bass",
            (i.FINGERED_BASS, i.FRETLESS_BASS, i.ACOUSTIC_BASS),
            -17.5,
            ("r-----r-..f-----", "r--r----..r---a-", "r---..f-r-----a-", "r-------..r-R-a-"),
            centre=38,
            enters=0.4,
            reverb=0.03,
            gate=0.92,
            duck=0.25,
        ),
        Layer(
            "comp",
            (i.RHODES, i.FM_PIANO),
            -18.0,
            ("X-----x---------", "X---------x-----", "X--x------x---..", "..X-----..x-----"),
            centre=60,
            spread=0.7,
            reverb=0.3,
            duck=0.15,
        ),
        Layer("pad", (i.WARM_PAD, i.HALO_PAD), -28.0, centre=62, enters=0.55, spread=0.9, reverb=0.5, duck=0.3),
        Layer(
            "arp",
            (i.NYLON_GUITAR, i.JAZZ_GUITAR),
            -26.0,
            ("..0-..2-..3-2-..", "0-....2-1-....3-", "......3-2-1-2-.."),
            centre=64,
            enters=0.84,
            pan=-0.6,
            reverb=0.35,
            gate=1.0,
        ),
        Layer(
            "melody",
            (i.NYLON_GUITAR, i.JAZZ_GUITAR, i.KALIMBA, i.FLUTE),
            -18.5,
            centre=74,
            enters=0.7,
            pan=0.2,
            reverb=0.4,
            echo=1.5,
        ),
    ),
    swing=0.58,
    swing_unit=0.25,
    loose=0.009,
    room=1.5,
    air=1.1,
    thump=-11.0,
)
