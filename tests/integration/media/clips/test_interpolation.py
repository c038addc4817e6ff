"""Clips of few pictures a second, through the whole way into a segment."""

from __future__ import annotations

import time
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from adreel.domain.errors import CancelledError, RenderError
from adreel.domain.films.clip import Segment
from adreel.domain.films.film import Fit
from adreel.domain.films.formats import FrameSize
from adreel.media.clips.interpolation import smooth
from adreel.media.clips.probe import probe_clip
from adreel.media.segments.decode import decode_frames, read_coded
from adreel.media.segments.render import OnFrame, SegmentMaker, no_watch
from adreel.media.segments.store import SegmentStore
from support.motion import SIZE, psnr, scene
from support.pictures import ClipMaker
from support.pictures import segment as drawn_segment

PICTURES = 13
FRAMES = 45
FINE = ("-c:v", "libx264", "-preset", "ultrafast", "-qp", "8", "-pix_fmt", "yuv420p")
BT709 = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709")


@pytest.fixture(scope="session")
def few(make_clip: ClipMaker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """13 pictures at 8 a second of a scene of which every moment is known, BT.709, no sound."""
    raw = tmp_path_factory.mktemp("raw") / "pictures.yuv"
    raw.write_bytes(b"".join(scene(index / 8).tobytes() for index in range(PICTURES)))
    size = f"{SIZE.width}x{SIZE.height}"
    source = ("-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", size, "-r", "8", *BT709, "-i", raw)
    return make_clip("few.mp4", *source, *FINE, *BT709)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> SegmentStore:
    """One for all tests: what one has made, the next finds."""
    return SegmentStore(tmp_path_factory.mktemp("segments"))


@pytest.fixture(scope="module")
def maker(store: SegmentStore, ffmpeg: Path) -> SegmentMaker:
    return SegmentMaker(store, ffmpeg)


@pytest.fixture
def fresh(tmp_path: Path, ffmpeg: Path) -> SegmentMaker:
    """A maker that finds nothing made before."""
    return SegmentMaker(SegmentStore(tmp_path / "segments"), ffmpeg)


def given(
    maker: SegmentMaker,
    clip: Path,
    frames: int = FRAMES,
    *,
    smooth: bool = True,
    size: FrameSize = SIZE,
    on_frame: OnFrame = no_watch,
) -> Segment:
    return maker.from_clip(clip, probe_clip(clip), size, frames, Fit.PAD, threads=1, on_frame=on_frame, smooth=smooth)


def quality(segment: Segment) -> np.ndarray:
    shown = list(decode_frames(segment.video))
    assert len(shown) == FRAMES
    return np.array([psnr(frame, scene(index / 30)) for index, frame in enumerate(shown)])


def test_a_smoothed_clip_is_far_nearer_to_the_truth_than_a_repeated_one(maker: SegmentMaker, few: Path) -> None:
    smoothed, repeated = quality(given(maker, few)), quality(given(maker, few, smooth=False))
    assert smoothed.mean() > repeated.mean() + 5
    # Where both show the clip's own picture, only the encoder's choices differ.
    assert (smoothed > repeated - 1).all()
    assert smoothed.min() > 33


def test_smoothed_segments_join_those_that_are_drawn(maker: SegmentMaker, store: SegmentStore, few: Path) -> None:
    segment = given(maker, few)
    assert (segment.frames, segment.size, segment.sound) == (FRAMES, SIZE, None)
    assert (segment.black, segment.frozen) == (0, 0)
    assert read_coded(segment.video).header == read_coded(drawn_segment(store, 30, 1, SIZE).video).header


def test_a_clip_somewhat_too_short_moves_to_its_end(maker: SegmentMaker, few: Path) -> None:
    shown = list(decode_frames(given(maker, few, 52).video))
    steps = [psnr(earlier, later) for earlier, later in pairwise(shown)]
    assert len(shown) == 52
    assert max(steps) < 45
    held = list(decode_frames(given(maker, few, 52, smooth=False).video))
    assert psnr(held[-2], held[-1]) > 45


def test_frames_are_counted_while_they_are_made(fresh: SegmentMaker, few: Path) -> None:
    seen: list[int] = []
    given(fresh, few, on_frame=seen.append)
    assert seen == list(range(1, FRAMES + 1))


def test_a_smoothed_clip_is_another_segment_than_a_repeated_one(maker: SegmentMaker, few: Path) -> None:
    keys = [given(maker, few, smooth=smoothed).key for smoothed in (True, False, True)]
    assert keys[0] == keys[2] != keys[1]


@pytest.mark.parametrize("rate", ["24", "30"])
def test_a_clip_of_enough_pictures_is_left_as_it_is(maker: SegmentMaker, make_clip: ClipMaker, rate: str) -> None:
    clip = make_clip("enough.mp4", "-f", "lavfi", "-i", f"testsrc2=s=320x180:r={rate}:d=1", *FINE)
    assert given(maker, clip, 30).key == given(maker, clip, 30, smooth=False).key


def test_a_clip_of_uneven_times_is_left_as_it_is(maker: SegmentMaker, make_clip: ClipMaker) -> None:
    uneven = ("-vf", "select='not(between(n,5,9))'", "-fps_mode", "vfr")
    clip = make_clip("uneven.mp4", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=15:d=2", *uneven, *FINE)
    assert probe_clip(clip).is_vfr
    assert given(maker, clip, 30).key == given(maker, clip, 30, smooth=False).key


def test_the_sound_of_a_smoothed_clip_is_the_same_and_the_picture_stays_with_it(
    maker: SegmentMaker, make_clip: ClipMaker, few: Path
) -> None:
    clip = make_clip("heard.mp4", "-i", few, "-f", "lavfi", "-i", "sine=f=440:d=1.6", "-c:v", "copy", "-c:a", "aac")
    smoothed, repeated = given(maker, clip, 52), given(maker, clip, 52, smooth=False)
    assert smoothed.sound is not None
    assert repeated.sound is not None
    assert smoothed.sound.read_bytes() == repeated.sound.read_bytes()
    shown = list(decode_frames(smoothed.video))
    assert psnr(shown[30], scene(1.0)) > 33
    assert psnr(shown[-1], scene((PICTURES - 1) / 8)) > 33


@pytest.mark.parametrize("name", ["few.mkv", "few.webm"])
def test_containers_that_round_times_give_every_frame(
    maker: SegmentMaker, make_clip: ClipMaker, few: Path, name: str
) -> None:
    codec = FINE if name.endswith("mkv") else ("-c:v", "libvpx-vp9", "-crf", "10", "-b:v", "0", "-cpu-used", "8")
    info = probe_clip(clip := make_clip(name, "-i", few, *codec))
    assert info.fps == Fraction(8)
    assert quality(given(maker, clip)).min() > 32


def test_a_turned_clip_of_other_colours_is_brought_to_ours(maker: SegmentMaker, make_clip: ClipMaker) -> None:
    plain = make_clip("plain.mp4", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=8:d=1", *FINE, "-color_range", "pc")
    turned = make_clip("turned.mp4", "-display_rotation", "90", "-i", plain, "-c", "copy")
    size = FrameSize(180, 320)
    smoothed = list(decode_frames(given(maker, turned, 25, size=size).video))
    repeated = list(decode_frames(given(maker, turned, 25, size=size, smooth=False).video))
    assert psnr(smoothed[0], repeated[0]) > 38
    assert psnr(smoothed[15], repeated[15]) > 38


def test_bars_stay_black(maker: SegmentMaker, few: Path) -> None:
    size = FrameSize(320, 320)
    for frame in decode_frames(given(maker, few, size=size).video):
        assert frame[:64].max() <= 20
        assert frame[256:320].max() <= 20


def test_stopping_leaves_nothing_behind(fresh: SegmentMaker, few: Path, tmp_path: Path) -> None:
    def stop(done: int) -> None:
        if done == 5:
            raise CancelledError("stopped")

    began = time.monotonic()
    with pytest.raises(CancelledError, match="stopped"):
        given(fresh, few, on_frame=stop)
    assert time.monotonic() - began < 30
    assert list((tmp_path / "segments").iterdir()) == []


def test_a_clip_that_is_cut_short_is_refused(ffmpeg: Path, few: Path, tmp_path: Path) -> None:
    info, broken, out = probe_clip(few), tmp_path / "broken.mp4", tmp_path / "out.mp4"
    data = bytearray(few.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 4000] = bytes(4000)
    broken.write_bytes(data)
    with pytest.raises(RenderError):
        smooth(
            broken, info, out, None, size=SIZE, frames=FRAMES, fit=Fit.PAD, ffmpeg=ffmpeg, threads=1, on_frame=no_watch
        )
    assert not out.exists()
