"""Cuts that are moved to beats are heard: sounds begin in the produced music where the picture changes."""

from __future__ import annotations

from itertools import accumulate

import numpy as np
import numpy.typing as npt
import pytest

from adreel.domain.films.formats import SAMPLES_PER_FRAME
from adreel.media.music import compose
from adreel.media.music.cutting import ShotLength, cut_on_beats
from adreel.media.music.genres import ALL
from adreel.media.music.tempo import Cues

SHOTS = tuple(ShotLength(frames, 60, is_strong=frames == 81) for frames in (85, 78, 92, 81, 69))
STEPS = 4
"""Steps of a frame."""


def onsets(sound: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """How much louder the parts of the spectrum become from one quarter of a frame to the next."""
    step = SAMPLES_PER_FRAME // STEPS
    mono = np.pad(sound.mean(axis=1), (512, 1024))
    windows = np.lib.stride_tricks.sliding_window_view(mono, 1024)[: len(sound) : step] * np.hanning(1024)
    loud = np.log1p(30 * np.abs(np.fft.rfft(windows)))
    return np.concatenate([[0.0], np.maximum(np.diff(loud, axis=0), 0).sum(axis=1)])


@pytest.mark.parametrize("genre", ["upbeat", "chill", "luxury"])
def test_a_sound_begins_within_a_frame_of_every_cut(genre: str) -> None:
    rhythm = cut_on_beats(SHOTS, ALL[genre].bpm, closes=True)
    cuts = list(accumulate(rhythm.lengths[:-1]))
    moments = tuple(cut / 30 for cut in cuts)
    cues = Cues(moments, moments[-1], (moments[2],), rhythm.bpm)
    found = onsets(compose(genre, sum(rhythm.lengths), 3, cues))
    at_cuts = [found[STEPS * (cut - 1) : STEPS * (cut + 1) + 1].max() for cut in cuts]
    # Chance would put one of eight moments among the loudest tenth.
    assert all(np.mean(found < strength) > 0.9 for strength in at_cuts), at_cuts
