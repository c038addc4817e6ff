"""Tests of spoken lines fitted to the beats of a script."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from adreel.agents.boards import board_of
from adreel.agents.film_orders import MakeOrder
from adreel.agents.narration import LEAD, check_voice, narrated, with_speech
from adreel.agents.options import NEUTRAL_COLOR, film_spec
from adreel.agents.script import Storyboard, storyboard
from adreel.domain.ad import Ad
from adreel.domain.errors import InputError, RecordingError, TextError
from adreel.domain.films.captions import CaptionLook, Captions
from adreel.domain.films.film import Transition
from adreel.domain.films.film_options import FilmOptions
from adreel.domain.films.scene import Mood
from adreel.media.audio.speech_mix import spoken_track
from adreel.media.speech.voice import offline_voice
from adreel.media.speech.wav import write_wav
from support.ads import MUG

LONG = "Here it is, for you and for a day such as this, to sit down, to talk, and then to begin once again."
PHOTOS = (Path("a.jpg"), Path("b.jpg"))


def _board(ad: Ad, transition: Transition = Transition.CUT) -> Storyboard:
    return narrated(ad, lambda each: storyboard(each, PHOTOS, FilmOptions(transition=transition), "", 3.0))


def _with(ad: Ad, place: int, spoken: str, seconds: float | None = None) -> Ad:
    beats = list(ad.beats)
    beats[place] = replace(beats[place], spoken=spoken, seconds=seconds)
    return replace(ad, beats=tuple(beats))


@pytest.mark.parametrize("transition", [Transition.CUT, Transition.CROSSFADE])
def test_a_beat_is_stretched_to_its_line_and_lines_never_overlap(transition: Transition) -> None:
    ad = _with(_with(replace(MUG, seconds=None), 1, LONG), 0, "Good morning, and welcome to the mug.")
    board = _board(ad, transition)
    line = board.lines["image_02"]
    assert line.speed == 1.0
    assert board.lengths[1] >= line.frames + LEAD
    spec = board.film_of(film_spec(board.film, Mood.NEUTRAL, NEUTRAL_COLOR))
    clips = [(image.id, frames) for image, frames in zip(board.images, board.lengths, strict=True)]
    parts = with_speech(spec, board.lines, clips).audio.speech
    ends = [part.start + board.lines[image].frames for part, image in zip(parts, board.lines, strict=True)]
    assert [part.text for part in parts] == [beat.spoken for beat in ad.beats if beat.spoken]
    assert all(end <= after.start for end, (_, after) in zip(ends, pairwise(parts), strict=False))


def test_a_film_of_a_fixed_length_keeps_it_or_is_refused_with_the_numbers() -> None:
    fits = _with(replace(MUG, seconds=16.0), 1, LONG)
    plain = storyboard(fits, PHOTOS, FilmOptions(), "", 3.0)
    assert sum(_board(fits).lengths) == sum(plain.lengths)
    with pytest.raises(InputError, match=r"at least \d+\.\d s, and the film is to last 10 s"):
        _board(_with(replace(MUG, seconds=10.0), 1, LONG))


def test_a_line_over_a_beat_of_a_fixed_length_is_spoken_faster_but_not_too_fast() -> None:
    free = _board(_with(replace(MUG, seconds=None), 1, LONG)).lines["image_02"].frames
    ad = _with(replace(MUG, seconds=None), 1, LONG, (free * 0.95 + 12) / 30)
    assert 1.0 < _board(ad).lines["image_02"].speed <= 1.15
    with pytest.raises(InputError, match=r"beat 'benefit': its line takes \d\.\d s to speak, \d\.\d s at the fastest"):
        _board(_with(replace(MUG, seconds=None), 1, LONG, 4.0))


def test_what_cannot_be_spoken_is_refused_by_the_beats_name() -> None:
    with pytest.raises(TextError, match="beat 'hook': the offline voice speaks English only"):
        _board(_with(MUG, 0, "Guten Morgen, das ist die Tasse für dich"))


def test_a_script_without_lines_has_no_voice() -> None:
    check_voice(False, None, None)
    silent = replace(MUG, beats=tuple(replace(beat, spoken=None) for beat in MUG.beats))
    for script in (None, silent):
        with pytest.raises(InputError, match="nothing to speak"):
            check_voice(True, script, None)


def test_a_recording_of_all_lines_is_parted_placed_and_mixed(tmp_path: Path) -> None:
    ad = _with(_with(replace(MUG, seconds=None), 0, "Good morning, and welcome to the mug."), 1, "It holds 350 ml.")
    room = np.random.default_rng(1).normal(0, 2e-4, 24_000).astype(np.float32)
    lines = [offline_voice().say(beat.spoken or "").samples * 0.2 for beat in ad.beats if beat.spoken]
    write_wav(tmp_path / "own.wav", np.concatenate([room, lines[0], room, lines[1], room]))
    film = FilmOptions(voice=str(tmp_path / "own.wav"), captions=Captions.ON, caption_style=CaptionLook.SPOKEN)
    board = board_of(MakeOrder(PHOTOS, tmp_path / "ad.mp4", film=film, script=ad))
    assert [line.is_recorded for line in board.lines.values()] == [True, True]
    # No word is marked: only sentences are known.
    assert [caption.starts for plan in board.plans for caption in plan.captions] == [()] * 2
    spec = board.film_of(film_spec(board.film, Mood.NEUTRAL, NEUTRAL_COLOR))
    clips = [(image.id, frames) for image, frames in zip(board.images, board.lengths, strict=True)]
    parts = with_speech(spec, board.lines, clips).audio.speech
    track, spans = spoken_track(sum(board.lengths), parts)
    levels = [float(np.abs(track[first:last]).max()) for first, last in spans]
    assert all(0.2 < level <= 0.9 for level in levels)
    assert not track[spans[0][1] + 10 : spans[1][0] - 10].any()
    with pytest.raises(RecordingError, match="has 1 pause, and 3 lines need 2"):
        board_of(MakeOrder(PHOTOS, tmp_path / "ad.mp4", film=film, script=_with(ad, 2, "Just 24 euros.")))
