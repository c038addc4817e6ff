from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from adreel.placements.commands import mend_args
from adreel.placements.judge import judge
from adreel.placements.lengths import film_seconds
from adreel.placements.loader import load_placements
from adreel.placements.mending import Crop, MendPlan, plan_mending
from adreel.placements.streams import FilmFacts
from support.measured import GOOD

KNOWN = load_placements()


def plan(placement: str, **changes: Any) -> MendPlan:
    found = replace(GOOD, **changes)
    return plan_mending(found, judge(found, KNOWN[placement]))


def test_nothing_is_done_to_a_film_that_fits() -> None:
    assert plan("amazon-sponsored-brands") == MendPlan(done=())


@pytest.mark.parametrize(
    ("placement", "changes", "expected"),
    [
        ("youtube-bumper", {}, {"end": 6.0, "encode_video": True}),
        ("amazon-sponsored-brands", {"seconds": 50.0}, {"end": 45}),
        ("amazon-streaming-tv", {"seconds": 31.0}, {"end": 30, "rate": Fraction(30000, 1001), "gain": -9.9}),
        ("linkedin", {}, {"rate": Fraction(30000, 1001)}),
        ("tiktok-reservation", {}, {"kbps": 2575}),
        ("amazon-sponsored-brands", {"black_end_frames": 15}, {"end": 14.5}),
        ("amazon-sponsored-brands", {"black_start_frames": 3}, {"start": 0.1, "end": None}),
        ("meta-feed", {"constant_rate": False, "frame_rate": 29.2}, {"rate": Fraction(30000, 1001)}),
        ("amazon-sponsored-display", {"bars_top": 1}, {"crop": Crop(1916, 1078, 2, 2)}),
        ("amazon-sponsored-brands", {"abrupt_sound_end": True}, {"fade": True, "encode_audio": True}),
        ("amazon-sponsored-brands", {"audio_codec": "opus"}, {"encode_audio": True, "encode_video": False}),
        ("x", {"video_codec": "vp9"}, {"encode_video": True, "encode_audio": False, "kbps": 6180}),
    ],
)
def test_what_can_be_mended_is_planned(placement: str, changes: dict[str, Any], expected: dict[str, Any]) -> None:
    found = plan(placement, **changes)
    assert {
        name: pytest.approx(getattr(found, name))
        if name in ("start", "end") and getattr(found, name) is not None
        else getattr(found, name)
        for name in expected
    } == expected
    assert found.done


@pytest.mark.parametrize("placement", ["youtube-in-stream", "tiktok-in-feed", "amazon-online-video"])
def test_advice_about_the_length_cuts_no_film(placement: str) -> None:
    assert plan(placement, seconds=20.5, frames=615, width=1080, height=1920).end is None


def test_a_picture_that_would_lose_much_is_not_cropped() -> None:
    wide = {"bars_top": 200, "bars_bottom": 200}
    assert plan("amazon-sponsored-display", **wide).crop is None


def test_containers_are_put_in_order_by_copying() -> None:
    found = plan("meta-feed", index_first=False, video_streams=2)
    assert (found.encode_video, found.encode_audio) == (False, False)
    assert found.done == ("index placed first", "1 other streams left out")


def test_the_command_opens_no_other_file_and_keeps_only_picture_and_sound() -> None:
    facts = FilmFacts(
        demuxer="mov",
        container="mp4",
        bytes=1,
        index=0,
        seconds=31.0,
        codec="h264",
        shown=(1921, 1080),
        stored=(1921, 1080),
        chroma="4:2:0",
        bit_depth=8,
        color="bt709",
        full_range=False,
        square_pixels=True,
        progressive=True,
        rotation=0,
        frames=1,
        rate=Fraction(30),
        constant_rate=True,
        kbps=1.0,
        video_streams=1,
        audio_streams=0,
        other_streams=0,
        index_first=True,
        edit_list=False,
        fragmented=False,
        sound=None,
    )
    args = mend_args(Path("ffmpeg"), Path("/a/-b.mp4"), facts, plan("youtube-bumper"), Path("/out.mp4"))
    assert args[args.index("-i") + 1] == "file:/a/-b.mp4"
    assert args[args.index("-protocol_whitelist") + 1] == "file"
    assert "scale=1920:1080:flags=lanczos" in args[args.index("-vf") + 1]
    assert args.count("-map") == 1


@pytest.mark.parametrize(
    ("placement", "natural", "expected"),
    [
        ("youtube-bumper", 12.0, 6.0),
        ("amazon-streaming-tv", 29.0, 15.0),
        ("amazon-sponsored-brands", 12.0, None),
        ("amazon-sponsored-brands", 4.0, 6.0),
        ("amazon-sponsored-brands", 60.0, 45.0),
        ("pmax", 8.0, 10.0),
    ],
)
def test_the_length_of_a_film_is_that_of_its_placement(placement: str, natural: float, expected: float | None) -> None:
    assert film_seconds(KNOWN[placement], natural) == expected
