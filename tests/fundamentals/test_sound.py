"""Music is composed for the exact length of the film; the same seed gives the same samples."""

from __future__ import annotations

import numpy as np

from adreel.domain.films.formats import SAMPLE_RATE, to_frames, to_seconds
from adreel.media.music import compose


def test_music_is_as_long_as_the_film_and_repeatable() -> None:
    """One frame is 1600 samples at 48 kHz. The seed is passed in, so a film can be made again."""
    frames = to_frames(6)
    first, again, other = (compose("chill", frames, seed) for seed in (1, 1, 2))
    assert len(first) == to_seconds(frames) * SAMPLE_RATE
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
