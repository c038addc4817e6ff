"""Playful: pizzicato off the beat, short bass notes, wood and shakers, a marimba that hops."""

from __future__ import annotations

from adreel.media.music import instruments as i
from adreel.media.music.genre import Drumming, Fill, Genre, Lane, Layer
from adreel.media.music.theory import SCALES

PLAYFUL = Genre(
    name="playful",
    bpm=(100, 124),
    ring=1.5,
    mode="major",
    tonics=(0, 2, 5, 7, 9, 10),
    progressions=(
        ("I", "vi", "ii", "V"),
        ("I", "IV", "I", "V7"),
        ("I", "II7", "ii7", "V7"),
        ("I", "I", "IV", "V"),
        ("I", "VI7", "ii7", "V7"),
    ),
    contrasts=(("IV", "I", "II7", "V7"), ("vi", "iii", "IV", "V7"), ("IV", "iv", "I", "V7")),
    cadences=(("ii7", "V7"), ("IV", "V7"), ("II7", "V7")),
    finals=("I", "I6"),
    melody_scale=SCALES["major"],
    motifs=(
        "x-x-x.x.x-..x.x.",
        "x.x.x-..x.x.x-..",
        "..x.x.x.x-..x.x.",
        "x-.xx.x.x-.xx.x.",
        "x.xxx.x...x.x.x.",
    ),
    closings=("x.x.x.x.x---....", "x-.xx-.xx---....", "x.x.x---x---...."),
    drumming=Drumming(
        grooves=(
            (
                Lane(i.KICK, "6.......6.......", 0.5),
                Lane(i.RIM, "....6.......6...", 0.6),
                Lane(i.HIGH_BLOCK, "..3...3...3...34"),
                Lane(i.SHAKER, "4.5.4.5.4.5.4.54", 0.4),
            ),
            (
                Lane(i.KICK, "6.....5.6.......", 0.5),
                Lane(i.CLAP, "....5.......5...", 0.7),
                Lane(i.LOW_BLOCK, "..3..3..3..3..3."),
                Lane(i.SHAKER, "5354535453545354", 0.4),
            ),
            (
                Lane(i.KICK, "6...5...6...5...", 0.5),
                Lane(i.SNARE, "..3...3...3..g3g", 0.6),
                Lane(i.TAMBOURINE, "....5.......5...", 0.7),
                Lane(i.HIGH_BLOCK, "4..4..4....4..4."),
            ),
        ),
        fills=(
            Fill(1, (Lane(i.HIGH_BLOCK, "............54.."), Lane(i.LOW_BLOCK, "..............54"))),
            Fill(2, (Lane(i.SNARE, "........3.345.6."),)),
            Fill(1, (Lane(i.CLAP, "............6.6."),)),
        ),
        crash=i.TRIANGLE,
    ),
    layers=(
        Layer("drums", (i.ROOM_KIT,), -21.0, reverb=0.15),
        Layer(
            "bass",
            (i.ACOUSTIC_BASS, i.PIZZICATO),
            -18.0,
            ("r...f...r...f...", "r...f...r...f.a.", "r.r...f.r.r...a.", "r...t...f...a..."),
            centre=40,
            enters=0.45,
            reverb=0.06,
            gate=0.9,
        ),
        Layer(
            "comp",
            (i.PIZZICATO,),
            -20.0,
            ("..X...x...X...x.", "..X...xx..X...x.", "....X.......X.x."),
            centre=64,
            spread=0.75,
            reverb=0.3,
            gate=0.8,
        ),
        Layer(
            "arp",
            (i.NYLON_GUITAR, i.CELESTA, i.HARP),
            -24.0,
            ("0-2-1-2-0-2-1-2-", "0.1.2.3.2.1.2.1.", "0-..2-1-0-..3-2-"),
            centre=62,
            enters=0.3,
            pan=-0.6,
            reverb=0.25,
            gate=0.9,
        ),
        Layer(
            "melody",
            (i.MARIMBA, i.CLARINET, i.PIZZICATO, i.KALIMBA),
            -18.0,
            centre=75,
            enters=0.65,
            pan=0.2,
            reverb=0.25,
            gate=0.8,
        ),
        Layer("double", (i.GLOCKENSPIEL, i.CELESTA), -26.0, enters=0.88, pan=0.45, reverb=0.35),
    ),
    swing=0.54,
    swing_unit=0.25,
    loose=0.006,
    room=0.9,
    thump=-14.0,
)
