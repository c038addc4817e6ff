"""Upbeat: bright pop of four chords, claps on two and four, plucks and a glockenspiel or celesta that doubles the tune."""

from __future__ import annotations

from adreel.media.music import instruments as i
from adreel.media.music.genre import Drumming, Fill, Genre, Lane, Layer
from adreel.media.music.theory import PENTATONIC

UPBEAT = Genre(
    name="upbeat",
    bpm=(110, 128),
    ring=1.9,
    mode="major",
    tonics=(0, 2, 4, 5, 7, 9),
    progressions=(
        ("I", "V", "vi", "IV"),
        ("I", "IV", "vi", "V"),
        ("I", "vi", "IV", "V"),
        ("I", "iii", "IV", "V"),
        ("Iadd9", "vi7", "IVadd9", "Vsus4"),
    ),
    contrasts=(("vi", "IV", "I", "V"), ("IV", "I", "ii", "V"), ("IV", "V", "iii", "vi")),
    cadences=(("IV", "V"), ("ii7", "V"), ("Vsus4", "V"), ("IVadd9", "V7")),
    finals=("I", "Iadd9"),
    melody_scale=PENTATONIC["major"],
    motifs=(
        "x-x-..x-x---x-x-",
        "x--x--x-..x-x-x-",
        "x-x-x--x--x-..x-",
        "..x-x-x-x--x--x-",
        "x---x-x--x-x..x-",
    ),
    closings=("x--x--x-x-------", "x-x-x---x-------", "..x-x-x-x-----x-"),
    drumming=Drumming(
        grooves=(
            (
                Lane(i.KICK, "8...7...8...7...", 0.4),
                Lane(i.CLAP, "....7.......7...", 0.5),
                Lane(i.SNARE, "....5..g....5.g.", 0.7),
                Lane(i.CLOSED_HAT, "5.3.6.3.5.3.6.34", 0.6),
                Lane(i.TAMBOURINE, "..4...4...4...4.", 0.8),
                Lane(i.SHAKER, "4.64..644.64..64"),
            ),
            (
                Lane(i.KICK, "8..6..7...6.7...", 0.4),
                Lane(i.CLAP, "....7.......7..g", 0.5),
                Lane(i.SNARE, "....5.g.....5...", 0.7),
                Lane(i.CLOSED_HAT, "5.4.5.4.5.4.5.4.", 0.6),
                Lane(i.TAMBOURINE, "....5.......5.3.", 0.8),
                Lane(i.SHAKER, "5.3.5.3.5.3.5.35"),
            ),
            (
                Lane(i.KICK, "8...7..58...7...", 0.4),
                Lane(i.CLAP, "....7.......7...", 0.5),
                Lane(i.SNARE, ".g..5..g.g..5...", 0.7),
                Lane(i.OPEN_HAT, "..4...4...4...4.", 0.75),
                Lane(i.CLOSED_HAT, "5.......5.......", 0.6),
                Lane(i.SHAKER, "5354535453545354"),
            ),
        ),
        fills=(
            Fill(1, (Lane(i.SNARE, "............5678"), Lane(i.CLAP, "..............77"))),
            Fill(2, (Lane(i.CLAP, "........6..6..6."), Lane(i.SNARE, "........5..5.678"))),
            Fill(1, (Lane(i.HIGH_TOM, "............76.."), Lane(i.LOW_TOM, "..............77"))),
        ),
        crash=i.CRASH,
    ),
    layers=(
        Layer("drums", (i.STANDARD_KIT, i.ROOM_KIT), -17.0, reverb=0.08),
        Layer(
            "bass",
            (i.FINGERED_BASS, i.PICKED_BASS),
            -18.0,
            ("r-r-r-r-r-r-r-r-", "r--r--r-r--r--a-", "r-.rR-r-r-.rR-a-", "r---..r-r---f-a-"),
            centre=38,
            enters=0.5,
            reverb=0.0,
            gate=0.85,
            duck=0.25,
        ),
        Layer("pad", (i.WARM_PAD, i.STRINGS), -26.0, centre=60, enters=0.35, spread=0.8, reverb=0.4, duck=0.2),
        Layer(
            "comp",
            (i.PIANO,),
            -20.5,
            ("X--x--x-..x-x-..", "X-..x-..X-.xx-..", "X---..x-x--x--..", "..X-..X-..X-..Xx"),
            centre=62,
            enters=0.0,
            spread=0.7,
            reverb=0.22,
            gate=0.9,
        ),
        Layer(
            "arp",
            (i.MUTED_GUITAR, i.CLEAN_GUITAR),
            -23.5,
            ("0-2-1-2-3-2-1-2-", "0.1.2.1.0.1.3.1.", "0-12..120-12..32"),
            centre=57,
            enters=0.3,
            pan=-0.6,
            reverb=0.2,
            gate=0.8,
        ),
        Layer(
            "melody",
            (i.MARIMBA, i.KALIMBA, i.WHISTLE, i.CLEAN_GUITAR),
            -18.5,
            centre=76,
            enters=0.7,
            pan=0.15,
            reverb=0.3,
            gate=0.9,
        ),
        Layer("double", (i.GLOCKENSPIEL, i.CELESTA), -27.0, enters=0.88, pan=0.4, reverb=0.4),
    ),
    room=1.1,
    thump=-9.0,
)
