"""Recordings of people: checked, levelled, parted into lines, and spoken in films. A voice stands for the person."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from adreel.domain.errors import InputError, RecordingError
from adreel.domain.films.formats import SAMPLE_RATE
from adreel.domain.films.narration import TimedText, VoiceRecord
from adreel.media.audio.loudness import integrated_loudness
from adreel.media.speech import recordings
from adreel.media.speech.line_voice import Speech
from adreel.media.speech.recordings import Recording, line_samples, line_span, line_spans, prepared, recorded_times
from adreel.media.speech.speakers import OfflineSpeaker, VoiceSpeaker, recorded_lines, with_recordings
from adreel.media.speech.voice import offline_voice
from adreel.media.speech.wav import write_wav
from support.ads import MUG

Floats = npt.NDArray[np.float32]
LINES = ("Good morning, mug.", "It holds 350 ml. And it is made by hand.", "Order yours.")
SECOND = SAMPLE_RATE


def silence(seconds: float, level: float = 2e-4) -> Floats:
    """The noise of a room."""
    return np.random.default_rng(1).normal(0, level, int(seconds * SECOND)).astype(np.float32)


@pytest.fixture(scope="module")
def spoken() -> list[Floats]:
    return [offline_voice().say(text).samples for text in LINES]


@pytest.fixture
def whole(spoken: list[Floats], tmp_path: Path) -> Path:
    """All lines, quietly, with pauses between them."""
    sound = np.concatenate([part for line in spoken for part in (silence(0.5), line * 0.2)] + [silence(0.6)])
    write_wav(tmp_path / "all.wav", sound + silence(len(sound) / SECOND)[: len(sound)])
    return tmp_path / "all.wav"


def test_a_recording_is_levelled_and_parted_at_the_pauses_that_suit_its_lines(
    whole: Path, spoken: list[Floats]
) -> None:
    recording = prepared(whole)
    assert np.abs(recording.samples).max() <= 0.9
    both = np.repeat(recording.samples[:, None], 2, axis=1)
    assert integrated_loudness(both) == pytest.approx(-16, abs=1.0)
    spans = line_spans(recording, LINES, whole)
    lengths = [(last - first) / SECOND for first, last in spans]
    assert lengths == pytest.approx([len(line) / SECOND for line in spoken], abs=0.25)
    # A pause within a line, between its sentences, parts no lines.
    words = recorded_times(line_samples(whole, spans[1]), LINES[1])
    assert [word.text for word in words] == LINES[1].split()
    pause = next(after.start - word.end for word, after in itertools.pairwise(words) if word.text == "ml.")
    assert pause > 0.1
    assert all(after.start >= word.end - 1e-6 for word, after in itertools.pairwise(words))


def test_a_sentence_without_a_letter_that_is_seen_has_its_time() -> None:
    sound = np.concatenate([silence(0.5), silence(1.0, 0.2), silence(0.5), silence(0.5, 0.2), silence(0.5)])
    words = recorded_times(sound, "Hello. \u200b")
    assert [(word.text, word.start < word.end) for word in words] == [("Hello.", True), ("\u200b", True)]


def test_many_pauses_and_lines_take_little_time(tmp_path: Path) -> None:
    spoken = tuple((first, first + 9000) for first in range(0, 14_000_000, 20_000))
    began = time.process_time()
    spans = line_spans(Recording(np.zeros(14_100_000, np.float32), spoken), ["a."] * 166, tmp_path)
    assert time.process_time() - began < 4
    assert len(spans) == 166


def test_too_few_pauses_are_counted(whole: Path) -> None:
    with pytest.raises(RecordingError, match=r"has 3 pauses, and 5 lines need 4 between them"):
        line_spans(prepared(whole), [*LINES, "More.", "And more."], whole)


def clipped(sound: Floats) -> Floats:
    return np.clip(sound * 40, -1, 1).astype(np.float32)


def noisy(sound: Floats) -> Floats:
    return sound * 0.5 + silence(len(sound) / SECOND, 0.05)[: len(sound)]


def quiet(sound: Floats) -> Floats:
    return sound * np.float32(0.002)


def long(sound: Floats) -> Floats:
    return np.tile(sound, 200)[: 301 * SECOND]


def short(sound: Floats) -> Floats:
    return sound[:1000]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (clipped, r"is clipped: \d+ peaks are cut off"),
        (noisy, r"is noisy: speech is \d+ dB above"),
        (quiet, "is too quiet"),
        (long, "lasts 301 s; 300 s are the most"),
        (short, "holds less than a second"),
    ],
)
def test_a_recording_that_would_spoil_the_film_is_refused_with_the_figures(
    spoken: list[Floats], tmp_path: Path, change: Callable[[Floats], Floats], reason: str
) -> None:
    path = tmp_path / "own.wav"
    write_wav(path, change(np.concatenate([silence(0.4), spoken[1], silence(0.4)])))
    with pytest.raises(RecordingError, match=reason):
        prepared(path)


def test_a_recording_that_is_too_long_is_refused(whole: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recordings, "LONGEST", 3)
    with pytest.raises(RecordingError, match="lasts 9 s; 3 s are the most"):
        prepared(whole)


def test_a_file_that_is_no_sound_and_one_that_is_not_there_are_named(tmp_path: Path) -> None:
    (tmp_path / "own.wav").write_text("no sound")
    with pytest.raises(RecordingError, match=r"the recording .*own\.wav"):
        prepared(tmp_path / "own.wav")
    with pytest.raises(RecordingError, match="neither on nor off, nor a recording"):
        recorded_lines(tmp_path / "gone.wav", MUG)


def test_each_beat_may_have_a_file_of_its_own(spoken: list[Floats], tmp_path: Path) -> None:
    sound = np.concatenate([silence(0.7), spoken[0], silence(0.7)])
    write_wav(tmp_path / "benefit.wav", sound)
    (tmp_path / "benefit.txt").write_text("It holds 350 ml.")
    benefit = MUG.beats[1]
    said = recorded_lines(tmp_path, MUG).say(benefit, 1.0)
    assert said.voice is None
    assert said.samples == pytest.approx(len(spoken[0]), abs=0.2 * SECOND)
    assert said.span == line_span(prepared(tmp_path / "benefit.wav"))
    (tmp_path / "benefit.mp3").touch()
    with pytest.raises(RecordingError, match=r"has both benefit\.mp3 and benefit\.wav"):
        recorded_lines(tmp_path, MUG)
    (tmp_path / "benefit.mp3").unlink()
    missing = replace(MUG, beats=(replace(MUG.beats[0], spoken="Morning."), benefit))
    with pytest.raises(RecordingError, match=r"no recording named hook, such as hook\.wav"):
        recorded_lines(tmp_path, missing)
    own = replace(
        MUG, beats=(replace(benefit, recording=str(tmp_path / "benefit.wav")), replace(MUG.beats[0], spoken="Hi."))
    )
    mixed = with_recordings(own, OfflineSpeaker())
    assert mixed.say(own.beats[0], 1.0) == said
    assert mixed.say(own.beats[1], 1.0).voice is not None


def test_a_voice_without_a_file_of_its_sound_is_not_spoken_by_another() -> None:
    class Own:
        record = VoiceRecord("own", "1", None, is_synthetic=True)
        language = "en"
        times_words = True

        def check(self, text: str) -> None:
            """Speaks everything."""

        def say(self, text: str, *, speed: float = 1.0) -> Speech:
            return Speech(silence(speed), (TimedText(text, 0, 1),))

    with pytest.raises(InputError, match="the voice own gives no file"):
        VoiceSpeaker(Own()).say(MUG.beats[1], 1.0)
    assert VoiceSpeaker(offline_voice()).say(MUG.beats[1], 1.0).sound is None
