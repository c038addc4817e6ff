"""Fast clips are conformed without decoding all of them, to the same pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from adreel.domain.films.film import Fit
from adreel.domain.films.formats import FrameSize
from adreel.media.clips.conform import conform, droppable_packets
from adreel.media.clips.info import ClipInfo
from adreel.media.clips.probe import probe_clip
from adreel.media.ffmpeg.args import conform_args
from adreel.media.ffmpeg.process import Limits, filters_packets, run
from adreel.media.segments.decode import decode_frames
from support.pictures import ClipMaker

SIZE = FrameSize(320, 180)
X264 = ("-c:v", "libx264", "-preset", "fast", "-g", "40")
SOUND = ("-f", "lavfi", "-i", "sine=d=2", "-c:a", "aac")


def pictures(rate: str, seconds: float = 2) -> tuple[str, ...]:
    return "-f", "lavfi", "-i", f"testsrc2=s=320x180:r={rate}:d={seconds}"


def film(ffmpeg: Path, source: Path, info: ClipInfo, frames: int, spare: tuple[int, ...]) -> np.ndarray:
    out = source.with_name(f"{len(spare)}.mp4")
    args = conform_args(ffmpeg, source, info, out, SIZE, frames, Fit.PAD, 1, spare)
    assert run(args, limits=Limits(seconds=60)).frames == frames
    return np.stack(list(decode_frames(out)))


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mp4", (*pictures("60"), *X264)),
        ("a.mp4", (*pictures("50"), *X264, "-bf", "1")),
        ("a.mp4", (*pictures("60000/1001"), *X264, "-pix_fmt", "yuv422p")),
        ("a.mp4", (*pictures("120"), *X264, "-x264-params", "b-pyramid=none:bframes=8:b-adapt=0")),
        ("a.mov", (*SOUND, *pictures("60"), *X264, "-output_ts_offset", "3.1")),
        ("a.mkv", (*SOUND, *pictures("60"), *X264, "-x264-params", "slices=4", "-output_ts_offset", "1.25")),
    ],
    ids=["60", "50, few", "59.94, 4:2:2", "120, many", "late, second stream", "matroska, slices"],
)
def test_the_film_is_the_same_without_what_nobody_sees(
    name: str, options: tuple[str, ...], make_clip: ClipMaker, ffmpeg: Path
) -> None:
    assert filters_packets(ffmpeg)
    source = make_clip(name, *options)
    info = probe_clip(source)
    spare = droppable_packets(source, info, 60)
    assert len(spare) >= 0.2 * info.frames
    whole, thinned = film(ffmpeg, source, info, 60, ()), film(ffmpeg, source, info, 60, spare)
    assert np.array_equal(whole, thinned)


def test_only_what_the_film_needs_is_read(make_clip: ClipMaker) -> None:
    source = make_clip("a.mp4", *pictures("60", 4), *X264)
    info = probe_clip(source)
    all_of_it = droppable_packets(source, info, 120)
    assert max(all_of_it) > 220
    assert 60 < max(droppable_packets(source, info, 30)) < 140


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mp4", (*pictures("30"), *X264)),
        ("a.mp4", (*pictures("60"), *X264, "-bf", "0")),
        ("a.ts", (*pictures("60"), *X264)),
        ("a.webm", (*pictures("60"), "-c:v", "libvpx-vp9", "-cpu-used", "8")),
        ("a.mp4", (*pictures("60"), *X264, "-flags", "+ildct+ilme")),
    ],
    ids=["not faster", "all needed", "no lengths", "VP9", "interlaced"],
)
def test_of_other_clips_everything_is_decoded(name: str, options: tuple[str, ...], make_clip: ClipMaker) -> None:
    source = make_clip(name, *options)
    assert droppable_packets(source, probe_clip(source), 60) == ()


def test_what_is_named_is_really_left_out(make_clip: ClipMaker, ffmpeg: Path) -> None:
    source = make_clip("a.mp4", *pictures("60"), *X264)
    info = probe_clip(source)
    first_alone = film(ffmpeg, source, info, 60, tuple(range(1, info.frames)))
    whole = film(ffmpeg, source, info, 60, ())
    assert (
        np.abs(first_alone[-1].astype(int) - first_alone[0]).mean()
        < 1
        < np.abs(whole[-1].astype(int) - whole[0]).mean()
    )


@pytest.mark.parametrize(
    ("version", "leaves_out"),
    [("n9.0.2-17-g2a57", True), ("7.1.1-1ubuntu", True), ("6.1.1", False), ("N-118000-gabc", False)],
)
def test_an_older_ffmpeg_gets_every_packet(
    version: str, *, leaves_out: bool, make_clip: ClipMaker, ffmpeg: Path, tmp_path: Path
) -> None:
    program, asked = tmp_path / "ffmpeg", tmp_path / "asked"
    tells = f"[ \"$1\" = -version ] && echo 'ffmpeg version {version} Copyright' && exit"
    program.write_text(f'#!/bin/sh\n{tells}\necho "$@" > {asked}\nexec {ffmpeg} "$@"\n')
    program.chmod(0o755)
    source = make_clip("a.mp4", *pictures("60"), *X264)
    out = tmp_path / "out.mp4"
    conform(source, probe_clip(source), out, None, size=SIZE, frames=60, fit=Fit.PAD, ffmpeg=program)
    assert ("noise=drop=" in asked.read_text()) is leaves_out
    assert sum(1 for _ in decode_frames(out)) == 60
