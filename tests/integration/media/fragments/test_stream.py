"""Fragmented MP4 as players read it."""

from __future__ import annotations

from io import BytesIO
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest

from adreel.domain.errors import RenderError
from adreel.domain.films.encoder_profile import EncoderProfile
from adreel.domain.films.formats import SAMPLE_RATE, FrameSize
from adreel.media.audio.aac import encode_aac
from adreel.media.audio.samples import Samples
from adreel.media.ffmpeg import process as ffmpeg
from adreel.media.fragments.coded import CodedPart, CodedSound, encode_part, part_of, read_sound
from adreel.media.fragments.stream import FragmentStream, problem_event
from adreel.media.segments.render import SegmentMaker, no_watch
from adreel.media.segments.store import SegmentStore
from support.pictures import SMALL, Picture, moving

FRAMES = 60
CLICK = 1.25
"""Second at which the sound has a click."""


def pictures() -> list[Picture]:
    return list(moving(SMALL, FRAMES, 7))


def part(first: int, last: int, size: FrameSize = SMALL) -> CodedPart:
    shown = islice(moving(size, FRAMES, 7), first, last)
    return encode_part(shown, size, last - first)


@pytest.fixture
def sound(tmp_path: Path) -> CodedSound:
    samples: Samples = np.zeros((2 * SAMPLE_RATE, 2), np.float32)
    samples[round(CLICK * SAMPLE_RATE) :][:400] = 0.4
    encode_aac(samples, tmp_path / "sound.m4a", -30.0)
    return read_sound(tmp_path / "sound.m4a")


def test_it_plays_from_its_first_part_on(sound: CodedSound) -> None:
    stream = FragmentStream(SMALL, FRAMES, sound)
    begun = stream.add(part(0, 15))
    with av.open(BytesIO(begun), "r") as seen:
        assert sum(1 for _ in seen.decode(video=0)) == 15
    whole = begun + stream.add(part(15, 45)) + stream.add(part(45, 60))
    with av.open(BytesIO(whole), "r") as film:
        shown = [frame.to_ndarray() for frame in film.decode(video=0)]
        assert len(shown) == FRAMES
        off = [np.abs(one.astype(int) - other).mean() for one, other in zip(shown, pictures(), strict=True)]
        assert max(off) < 4
    with av.open(BytesIO(whole), "r") as film:
        ticks = [packet.pts for packet in film.demux(video=0) if packet.size]
        assert ticks == [512 * index for index in range(FRAMES)]
    with av.open(BytesIO(whole), "r") as film:
        heard = np.concatenate([frame.to_ndarray()[0] for frame in film.decode(audio=0)])
        assert abs(int(np.abs(heard).argmax()) / SAMPLE_RATE - CLICK) < 0.015


def test_a_segment_of_the_drafts_profile_is_a_part_as_it_is(tmp_path: Path) -> None:
    maker = SegmentMaker(SegmentStore(tmp_path), ffmpeg.find_ffmpeg(), EncoderProfile.DRAFT)
    made = maker.from_frames("key", SMALL, FRAMES, lambda: moving(SMALL, FRAMES, 7), threads=1, on_frame=no_watch)
    stream = FragmentStream(SMALL, 15 + 30, None)
    whole = stream.add(part(0, 15)) + stream.add(part_of(made, 15, 45))
    with av.open(BytesIO(whole), "r") as film:
        assert sum(1 for _ in film.decode(video=0)) == 45
    with pytest.raises(RenderError, match="cannot be cut out"):
        part_of(made, 16, 45)


def test_parts_of_another_size_do_not_follow() -> None:
    stream = FragmentStream(SMALL, FRAMES, None)
    stream.add(part(0, 15))
    with pytest.raises(RenderError, match="different stream headers"):
        stream.add(part(15, 30, FrameSize(180, 320)))


def test_players_skip_what_ends_a_stream_early() -> None:
    begun = FragmentStream(SMALL, FRAMES, None).add(part(0, 15))
    with av.open(BytesIO(begun + problem_event(b'{"status": 422}')), "r") as film:
        assert sum(1 for _ in film.decode(video=0)) == 15
