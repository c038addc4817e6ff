from __future__ import annotations

import pytest

from adreel.catalogue.loader import load_catalogue
from adreel.domain.errors import InputError

SVD = load_catalogue().videos["stable-video-diffusion"]
SHORT, LONG = "14_frames_with_svd", "25_frames_with_svd_xt"


@pytest.mark.parametrize(
    ("seconds", "frames", "rate", "lasts"),
    [
        (0.5, SHORT, 28, 0.5),
        (1, SHORT, 14, 1.0),
        (2, SHORT, 7, 2.0),
        (2.8, SHORT, 5, 2.8),
        (3, LONG, 8, 3.125),
        (4, LONG, 6, 25 / 6),
        (5, LONG, 5, 5.0),
    ],
)
def test_stable_video_diffusion_lasts_what_was_asked(seconds: float, frames: str, rate: int, lasts: float) -> None:
    asked = SVD.length.ask(seconds)
    assert asked.inputs == {"video_length": frames, "frames_per_second": rate}
    assert asked.seconds == pytest.approx(lasts)


@pytest.mark.parametrize("tenths", range(5, 51))
def test_no_clip_is_shorter_than_asked_nor_played_out_of_range(tenths: int) -> None:
    asked = SVD.length.ask(tenths / 10)
    assert asked.seconds >= tenths / 10 - 1e-9
    assert 5 <= int(asked.inputs["frames_per_second"]) <= 30


def test_six_seconds_are_more_than_stable_video_diffusion_has() -> None:
    with pytest.raises(InputError, match=r"between 0\.5 and 5 seconds"):
        SVD.check_duration(6)


@pytest.mark.parametrize(
    ("name", "seconds", "field", "value"),
    [
        ("kling-v2.5-turbo-pro", 3, "duration", 5),
        ("kling-v2.5-turbo-pro", 5.2, "duration", 10),
        ("seedance-1-pro-fast", 1, "duration", 2),
        ("seedance-1-pro-fast", 3, "duration", 3),
        ("seedance-1-pro-fast", 3.1, "duration", 4),
        ("veo-3.1-fast", 5, "duration", 6),
        ("wan-2.2-i2v-fast", 3, "num_frames", 81),
    ],
)
def test_the_shortest_length_that_is_long_enough_is_bought(name: str, seconds: float, field: str, value: int) -> None:
    asked = load_catalogue().videos[name].length.ask(seconds)
    assert asked.inputs[field] == value
    assert asked.seconds >= seconds


@pytest.mark.parametrize(("intensity", "level"), [(-1, 1), (0, 1), (0.5, 128), (1, 255), (3, 255)])
def test_motion_stays_in_its_range(intensity: float, level: int) -> None:
    assert SVD.motion is not None
    assert SVD.motion.level(intensity) == level
