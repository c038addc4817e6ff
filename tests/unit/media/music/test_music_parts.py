from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from adreel.media.music.arrange import Part, Piece, arrange
from adreel.media.music.genre import Genre
from adreel.media.music.genres import ALL
from adreel.media.music.instruments import KICK
from adreel.media.music.synth import swung

LENGTHS = (2.0, 3.5, 6.0, 14.0, 30.0)


def part(piece: Piece, role: str) -> Part:
    return next(p for p in piece.parts if p.layer.role == role)


def pieces(name: str) -> list[Piece]:
    return [arrange(ALL[name], seconds, seed) for seconds in LENGTHS for seed in range(4)]


def without_echo(name: str) -> Genre:
    return replace(ALL[name], layers=tuple(replace(layer, echo=0.0) for layer in ALL[name].layers))


@pytest.mark.parametrize("name", ALL)
def test_every_note_is_playable_and_begins_within_the_piece(name: str) -> None:
    for piece in pieces(name):
        last = piece.harmony.final.end
        for each in piece.parts:
            assert each.notes
            for note in each.notes:
                assert 0 <= note.start < last
                assert note.duration > 0
                assert 0 < note.pitch < 128
                assert 0 < note.velocity < 128


@pytest.mark.parametrize("name", ALL)
def test_the_last_chord_falls_on_the_downbeat_with_bass_on_its_root_and_a_chord_tone_on_top(name: str) -> None:
    for piece in pieces(name):
        end, final = piece.tempo.beats, piece.harmony.final
        assert final.start == end
        assert final.chord.root == piece.harmony.key.tonic
        for each in piece.parts:
            assert any(end <= note.start < end + 1 for note in each.notes), each.layer.role
            if not each.instrument.drums:
                assert all(n.pitch % 12 in final.chord.tones for n in each.notes if n.start >= end)
        assert [n.pitch % 12 for n in part(piece, "bass").notes if n.start >= end] == [final.chord.root]


@pytest.mark.parametrize("name", ALL)
def test_chords_and_arpeggios_play_only_tones_of_the_sounding_chord(name: str) -> None:
    for seconds in LENGTHS:
        piece = arrange(without_echo(name), seconds, 5)
        for each in piece.parts:
            if each.layer.role not in ("pad", "comp", "arp"):
                continue
            for note in each.notes:
                # A strummed string begins a moment after its chord does.
                assert note.pitch % 12 in piece.harmony.at(note.start).chord.tones


@pytest.mark.parametrize("name", ALL)
def test_the_tune_has_chord_tones_on_strong_beats_and_no_wild_leaps(name: str) -> None:
    for seed in range(12):
        piece = arrange(without_echo(name), 30.0, seed)
        tune = part(piece, "melody").notes
        for note in tune:
            if note.start % 2 == 0:
                assert note.pitch % 12 in piece.harmony.at(note.start).chord.tones
        assert all(abs(a.pitch - b.pitch) <= 12 for a, b in pairwise(tune))


@pytest.mark.parametrize("name", ALL)
def test_the_tune_repeats_a_rhythm_and_is_not_one_note(name: str) -> None:
    piece = arrange(without_echo(name), 60.0, 3)
    tune = part(piece, "melody").notes
    rhythms = [
        tuple(n.start - bar.start for n in tune if bar.start <= n.start < bar.start + 4)
        for bar in piece.bars
        if bar.section in ("A", "A'")
    ]
    assert len(set(rhythms)) <= len(rhythms) / 2
    assert len({note.pitch for note in tune}) >= 5


@pytest.mark.parametrize("name", ALL)
def test_the_bass_is_on_the_root_where_a_chord_begins_under_its_rhythm(name: str) -> None:
    for piece in pieces(name):
        for note in part(piece, "bass").notes:
            span = piece.harmony.at(note.start)
            if note.start == span.start:
                assert note.pitch % 12 == span.chord.root


def test_energetic_keeps_four_on_the_floor_once_it_is_under_way() -> None:
    piece = arrange(ALL["energetic"], 14.0, 1)
    kicks = {note.start for note in part(piece, "drums").notes if note.pitch == KICK}
    assert {float(beat) for beat in range(8, piece.tempo.beats + 1, 4)} <= kicks


@pytest.mark.parametrize("name", ALL)
def test_a_seed_makes_one_piece_and_seeds_make_different_ones(name: str) -> None:
    first = arrange(ALL[name], 14.0, 1)
    assert first == arrange(ALL[name], 14.0, 1)
    written = {arrange(ALL[name], 14.0, seed).parts for seed in range(12)}
    assert len(written) == 12
    assert len({arrange(ALL[name], 14.0, seed).harmony.key.tonic for seed in range(12)}) > 2


def test_swing_moves_only_the_off_beats() -> None:
    assert [swung(b, 0.5, 0.25) for b in (0.0, 0.25, 1.5)] == [0.0, 0.25, 1.5]
    assert swung(0.25, 0.6, 0.25) == pytest.approx(0.3)
    assert swung(2.5, 0.6, 0.25) == pytest.approx(2.5)
    assert swung(0.5, 2 / 3, 0.5) == pytest.approx(2 / 3)
