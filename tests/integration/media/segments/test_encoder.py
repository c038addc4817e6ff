from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import av
import numpy as np
import pytest

from adreel.domain.errors import CancelledError, RenderError
from adreel.domain.films.film import Fit
from adreel.domain.films.formats import FrameSize
from adreel.media.clips.conform import conform
from adreel.media.clips.probe import probe_clip
from adreel.media.segments.encoder import SegmentEncoder
from adreel.media.segments.x264 import TICKS_PER_FRAME, TIME_BASE, key_frames
from support.pictures import SMALL, flat, moving


def encode(path: Path, size: FrameSize = SMALL, frames: int = 40, *, still: bool = False) -> Path:
    with SegmentEncoder(path, size, frames, still=still) as encoder:
        for picture in moving(size, frames, seed=3):
            encoder.write(picture)
    return path


def extradata(path: Path) -> bytes:
    with av.open(str(path)) as container:
        return container.streams.video[0].codec_context.extradata or b""


@pytest.mark.parametrize("size", [FrameSize(640, 360), FrameSize(1080, 1920)], ids=["wide", "tall"])
def test_both_ways_of_encoding_give_the_same_stream_headers(
    size: FrameSize, spoken: Path, ffmpeg: Path, tmp_path: Path
) -> None:
    conformed = tmp_path / "conformed.mp4"
    conform(spoken, probe_clip(spoken), conformed, None, size=size, frames=3, fit=Fit.COVER, ffmpeg=ffmpeg)
    for still in (False, True):
        drawn = encode(tmp_path / f"{still}.mp4", size, frames=3, still=still)
        assert extradata(drawn) == extradata(conformed) != b""


@pytest.mark.parametrize("still", [False, True])
def test_a_segment_has_exact_times_and_its_key_frames(still: bool, tmp_path: Path) -> None:
    path = encode(tmp_path / "a.mp4", still=still)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        packets = [packet for packet in container.demux(stream) if packet.size]
        assert stream.time_base == TIME_BASE
        assert stream.duration == 40 * TICKS_PER_FRAME
        assert sorted(packet.pts or 0 for packet in packets) == [TICKS_PER_FRAME * index for index in range(40)]
        keys = {(packet.pts or 0) // TICKS_PER_FRAME for packet in packets if packet.is_keyframe}
        assert keys >= set(key_frames(40))


@pytest.mark.parametrize("size", [SMALL, FrameSize(180, 226)], ids=["plain", "4 does not divide the height"])
def test_what_is_written_comes_back(size: FrameSize, tmp_path: Path) -> None:
    luma, chroma = size.width * size.height, size.width * size.height // 4
    picture = np.repeat(np.array([60, 100, 180], np.uint8), [luma, chroma, chroma]).reshape(-1, size.width)
    with SegmentEncoder(tmp_path / "a.mp4", size, 2) as encoder:
        encoder.write(picture)
        encoder.write(picture)
    with av.open(str(tmp_path / "a.mp4")) as container:
        stream = container.streams.video[0]
        frames = list(container.decode(stream))
        assert stream.sample_aspect_ratio == 1
    assert len(frames) == 2
    for frame in frames:
        assert np.abs(frame.to_ndarray().astype(int) - picture).max() <= 1
        assert (frame.color_range, frame.colorspace, frame.color_trc, frame.color_primaries) == (1, 1, 1, 1)


_ENCODE = """
import sys
from pathlib import Path
from adreel.domain.films.formats import FrameSize
from adreel.media.segments.encoder import SegmentEncoder
from support.pictures import moving
size = FrameSize(int(sys.argv[2]), int(sys.argv[3]))
with SegmentEncoder(Path(sys.argv[1]), size, 12) as encoder:
    for picture in moving(size, 12, seed=3):
        encoder.write(picture)
"""


@pytest.mark.parametrize("size", [(1080, 1350), (1920, 1080)])
def test_the_same_pictures_give_the_same_bits_whatever_memory_held_before(
    size: tuple[int, int], tmp_path: Path
) -> None:
    paths = [tmp_path / f"{filler}.mp4" for filler in ("1", "85")]
    for path in paths:
        # The C library fills memory that it hands out with this: x264 once read some of it.
        environment = {**os.environ, "MALLOC_PERTURB_": path.stem, "PYTHONPATH": os.pathsep.join(sys.path)}
        command = [sys.executable, "-c", _ENCODE, path, *map(str, size)]
        subprocess.run(command, env=environment, check=True, timeout=120)
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_an_array_may_be_drawn_into_again_once_it_is_written(tmp_path: Path) -> None:
    size = FrameSize(332, 186)
    pictures = [picture.copy() for picture in moving(size, 70, seed=4)]
    with SegmentEncoder(tmp_path / "own.mp4", size, 70) as encoder:
        for picture in pictures:
            encoder.write(picture)
    with SegmentEncoder(tmp_path / "one.mp4", size, 70) as encoder:
        canvas = np.empty_like(pictures[0])
        for picture in pictures:
            canvas[:] = picture
            encoder.write(canvas)
            canvas[:] = 0
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "own.mp4").read_bytes()


def test_encoders_work_side_by_side_and_alike(tmp_path: Path) -> None:
    paths = [tmp_path / f"{index}.mp4" for index in range(3)]
    threads = [threading.Thread(target=encode, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({path.read_bytes() for path in paths}) == 1


@pytest.mark.parametrize("given", [4, 6])
def test_a_wrong_number_of_frames_is_an_error_and_leaves_no_file(given: int, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"

    def wrong() -> None:
        with SegmentEncoder(path, SMALL, 5) as encoder:
            for picture in flat(SMALL, given, 90):
                encoder.write(picture)

    with pytest.raises(RenderError, match=r"a\.mp4"):
        wrong()
    assert not path.exists()


def test_a_picture_of_another_size_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="does not fit"), SegmentEncoder(tmp_path / "a.mp4", SMALL, 1) as encoder:
        encoder.write(next(flat(FrameSize(322, 180), 1, 90)))


def test_an_encoder_that_was_stopped_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"

    def interrupted() -> None:
        with SegmentEncoder(path, SMALL, 5) as encoder:
            encoder.write(next(flat(SMALL, 1, 90)))
            raise CancelledError("stopped")

    with pytest.raises(CancelledError):
        interrupted()
    assert not path.exists()


def test_a_folder_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match="nowhere"):
        SegmentEncoder(tmp_path / "nowhere" / "a.mp4", SMALL, 1)
