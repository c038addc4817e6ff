from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from adreel.domain.films.film import AudioConfig
from adreel.domain.films.formats import SAMPLES_PER_FRAME
from adreel.media.audio.loudness import measure_loudness, read_sound
from adreel.media.audio.soundtrack import SoundFile, SoundtrackStore
from adreel.media.music import GENRES
from adreel.media.timeline import Item, Timeline

TIMELINE = Timeline((Item("clip_01", 60),))
CHILL = AudioConfig(genre="chill")


@pytest.fixture
def store(tmp_path: Path) -> SoundtrackStore:
    return SoundtrackStore(tmp_path)


def made(store: SoundtrackStore) -> SoundFile:
    track = store.track(TIMELINE, (), CHILL, 0)
    assert track is not None
    return track


def test_a_soundtrack_is_measured_as_it_sounds(store: SoundtrackStore) -> None:
    track = made(store)
    heard = measure_loudness(read_sound(track.path)[: TIMELINE.frames * SAMPLES_PER_FRAME])
    assert track.loudness.integrated == pytest.approx(heard.integrated, abs=0.05)
    assert track.loudness.true_peak == pytest.approx(heard.true_peak, abs=0.05)


def test_a_soundtrack_is_found_again_with_what_was_measured(store: SoundtrackStore) -> None:
    track = made(store)
    written = track.path.stat().st_ino
    assert made(store) == track
    assert track.path.stat().st_ino == written


def test_nothing_to_hear_gives_no_soundtrack(store: SoundtrackStore) -> None:
    assert store.track(TIMELINE, (), AudioConfig(), 0) is None


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"file": "0"}'])
def test_a_damaged_description_leads_to_making_it_again(store: SoundtrackStore, kept: str) -> None:
    track = made(store)
    track.path.with_suffix(".json").write_text(kept)
    assert made(store) == track
    assert json.loads(track.path.with_suffix(".json").read_text())["packets"] == track.digest


def test_a_rotten_file_leads_to_making_it_again(store: SoundtrackStore) -> None:
    track = made(store)
    good = track.path.read_bytes()
    track.path.write_bytes(good[:-100] + bytes(100))
    assert made(store) == track
    assert track.path.read_bytes() == good


def test_a_file_without_description_leads_to_making_it_again(store: SoundtrackStore) -> None:
    track = made(store)
    track.path.with_suffix(".json").unlink()
    track.path.write_bytes(b"half a file")
    assert made(store) == track


@pytest.mark.parametrize("genre", GENRES)
def test_the_end_card_is_as_loud_as_the_film_and_has_its_loudest_moment(store: SoundtrackStore, genre: str) -> None:
    """The last phrase ends on the card: it does not run into silence there."""
    timeline = Timeline((Item("intro", 30), Item("a clip", 90), Item("another", 90), Item("card", 36, closing=True)))
    track = store.track(timeline, (), AudioConfig(genre=genre), 5)
    assert track is not None
    sound = read_sound(track.path)[: timeline.frames * SAMPLES_PER_FRAME]
    levels = np.sqrt(np.square(sound).reshape(timeline.frames, -1).mean(axis=1))
    card = timeline.starts[-1]
    assert 20 * math.log10(float(levels[card:].mean()) / float(levels[:card].mean())) > -3
    assert card - 1 <= int(levels.argmax()) < card + 12
