"""Clips of many kinds become segments: looked at as pictures and samples, not as arguments."""

from __future__ import annotations

import wave
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import numpy.typing as npt
import pytest
from av.sidedata.sidedata import Type as SideDataType

from adreel.domain.films.film import Fit
from adreel.domain.films.formats import SAMPLES_PER_FRAME, FrameSize
from adreel.media.clips.conform import conform
from adreel.media.clips.info import ClipInfo
from adreel.media.clips.probe import probe_clip, verify_decodes
from adreel.media.segments.encoder import SegmentEncoder
from adreel.media.segments.x264 import TICKS_PER_FRAME
from support.pictures import ClipMaker

SIZE = FrameSize(384, 216)
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-qp", "8", "-pix_fmt", "yuv420p")
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params")
FLASH = 0.5
"""Test films are black, and white from this second on, which is also when their tone starts."""


def flash(rate: str, seconds: float = 0.8, size: str = "320x180") -> tuple[str, ...]:
    white = f"drawbox=enable='gte(t,{FLASH}-0.0001)':color=white:t=fill"
    return "-f", "lavfi", "-i", f"color=black:s={size}:r={rate}:d={seconds},{white}"


def tone(delay: float = FLASH, length: float = 0.2) -> tuple[str, ...]:
    return "-f", "lavfi", "-i", f"sine=f=1000:d={length},adelay={round(delay * 1000)}"


def moving(rate: str = "25", size: str = "320x180", seconds: float = 0.4) -> tuple[str, ...]:
    return "-f", "lavfi", "-i", f"testsrc2=s={size}:r={rate}:d={seconds}"


@dataclass(frozen=True)
class Conformed:
    info: ClipInfo
    pictures: list[npt.NDArray[np.uint8]]
    """RGB, by OpenCV's order of dimensions."""
    sound: npt.NDArray[np.int16] | None

    @property
    def middle(self) -> npt.NDArray[np.int16]:
        return self.pictures[len(self.pictures) // 2].astype(np.int16)

    @property
    def flash(self) -> int:
        """Index of the first white picture."""
        return next(index for index, picture in enumerate(self.pictures) if picture.mean() > 128)

    @property
    def beep(self) -> int:
        """Index of the first loud sample."""
        assert self.sound is not None
        return int(np.flatnonzero(np.abs(self.sound[:, 0]) > 1000)[0])


@pytest.fixture
def conformed(ffmpeg: Path, tmp_path: Path) -> Any:
    """Conforms a clip and checks everything that holds for any segment."""

    def work(source: Path, fit: Fit = Fit.PAD, size: FrameSize = SIZE) -> Conformed:
        info = probe_clip(source)
        assert verify_decodes(source, info, ffmpeg=ffmpeg).frames == info.frames
        video, sound, frames = tmp_path / "a.mp4", tmp_path / "a.wav", info.film_frames
        out_sound = sound if info.has_audio else None
        conform(source, info, video, out_sound, size=size, frames=frames, fit=fit, ffmpeg=ffmpeg)
        assert headers(video) == our_headers(tmp_path, size)
        return Conformed(info, pictures(video, frames), samples(sound, frames) if info.has_audio else None)

    return work


def headers(video: Path) -> bytes | None:
    with av.open(str(video)) as container:
        return container.streams.video[0].codec_context.extradata


def our_headers(folder: Path, size: FrameSize) -> bytes | None:
    with SegmentEncoder(folder / "ours.mp4", size, 1, still=True) as encoder:
        encoder.write(np.full((size.height * 3 // 2, size.width), 128, np.uint8))
    return headers(folder / "ours.mp4")


def pictures(video: Path, frames: int) -> list[npt.NDArray[np.uint8]]:
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        found = list(container.decode(stream))
        assert [frame.pts for frame in found] == [index * TICKS_PER_FRAME for index in range(frames)]
        assert stream.sample_aspect_ratio == Fraction(1)
        assert {(f.colorspace, f.color_primaries, f.color_trc, f.color_range) for f in found} == {(1, 1, 1, 1)}
        return [frame.to_ndarray(format="rgb24") for frame in found]  # pyright: ignore[reportReturnType]


def samples(sound: Path, frames: int) -> npt.NDArray[np.int16]:
    with wave.open(str(sound)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (48_000, 2, 2)
        assert file.getnframes() == frames * SAMPLES_PER_FRAME
        return np.frombuffer(file.readframes(file.getnframes()), np.int16).reshape(-1, 2)


@pytest.mark.parametrize(
    ("rate", "name", "codec", "frames", "flash_at"),
    [
        ("24", "a.mp4", X264, 25, 15),
        ("25", "a.mov", X264, 24, 16),
        ("30000/1001", "a.mkv", X264, 24, 15),
        ("30", "a.ts", X264, 24, 15),
        ("50", "a.avi", ("-c:v", "mjpeg", "-c:a", "pcm_s16le"), 24, 15),
        ("60", "a.flv", X264, 24, 15),
        ("1000/33", "a.mp4", X264, 25, 16),
    ],
)
def test_every_rate_keeps_its_time(
    rate: str, name: str, codec: tuple[str, ...], frames: int, flash_at: int, make_clip: ClipMaker, conformed: Any
) -> None:
    found = conformed(make_clip(name, *flash(rate), *tone(), "-c:a", "aac", *codec))
    assert len(found.pictures) == frames
    assert found.flash == flash_at
    assert abs(found.beep - FLASH * 48_000) < 48
    assert not found.info.is_vfr


def test_a_variable_rate_keeps_its_time(make_clip: ClipMaker, conformed: Any) -> None:
    gaps = ("-vf", "select='not(between(n,2,7)+between(n,9,10))'", "-fps_mode", "vfr")
    found = conformed(make_clip("a.mkv", *flash("30"), *gaps, *X264))
    assert found.info.is_vfr
    assert (len(found.pictures), found.flash) == (24, 15)


@pytest.mark.parametrize("name", ["a.mp4", "a.ts", "a.mkv"])
def test_sound_that_starts_late_stays_with_its_picture(name: str, make_clip: ClipMaker, conformed: Any) -> None:
    late = ("-itsoffset", f"{FLASH}", *tone(delay=0))
    found = conformed(make_clip(name, *flash("25"), *late, *X264, "-c:a", "aac"))
    assert not found.sound[:20_000].any()
    assert abs(found.beep - FLASH * 48_000) < 1024


def test_sound_that_starts_early_is_cut_where_the_picture_starts(make_clip: ClipMaker, conformed: Any) -> None:
    found = conformed(make_clip("a.mkv", "-itsoffset", "0.3", *flash("25"), *tone(delay=0.8), *X264, "-c:a", "aac"))
    assert found.flash == 16
    assert abs(found.beep - FLASH * 48_000) < 1024


def test_a_recording_cut_in_the_middle_keeps_picture_and_sound_together(
    make_clip: ClipMaker, conformed: Any, ffmpeg: Path, tmp_path: Path
) -> None:
    whole = make_clip("a.ts", *flash("25", 1.2), *tone(), *X264, "-g", "10", "-c:a", "aac").read_bytes()
    packets = [whole[at : at + 188] for at in range(0, len(whole), 188)]
    tables, rest = packets[:3], packets[3:]
    cut = tmp_path / "cut.ts"
    cut.write_bytes(b"".join(tables + rest[len(rest) // 8 :]))
    info = probe_clip(cut)
    assert 0.2 < info.duration < 1.1
    found = conformed(cut)
    assert abs(found.flash * SAMPLES_PER_FRAME - found.beep) <= 2 * SAMPLES_PER_FRAME


@pytest.mark.parametrize(("rate", "count"), [("25", 1), ("1000", 3)])
def test_a_moment_becomes_one_frame(rate: str, count: int, make_clip: ClipMaker, conformed: Any) -> None:
    assert len(conformed(make_clip("a.mp4", *moving(rate), "-frames:v", str(count), *X264)).pictures) == 1


def test_a_clip_may_be_held_or_cut(spoken: Path, ffmpeg: Path, tmp_path: Path) -> None:
    info, seen = probe_clip(spoken), list[int]()
    for frames in (5, 45):
        video, sound = tmp_path / "a.mp4", tmp_path / "a.wav"
        conform(spoken, info, video, sound, size=SIZE, frames=frames, fit=Fit.PAD, ffmpeg=ffmpeg, on_frame=seen.append)
        shown = pictures(video, frames)
        assert len(samples(sound, frames)) == frames * SAMPLES_PER_FRAME
        assert seen[-1] == frames
    assert np.abs(shown[-1].astype(int) - shown[30]).mean() < 2


@pytest.mark.parametrize(
    ("options", "matrix", "range_"),
    [
        ((*X264, "-vf", "scale=out_color_matrix=bt601:out_range=tv"), "bt601", "tv"),
        ((*X264, "-vf", "scale=out_color_matrix=bt709:out_range=tv,setparams=colorspace=bt709"), "bt709", "tv"),
        ((*X264, "-vf", "scale=out_color_matrix=bt601:out_range=pc,setparams=range=pc"), "bt601", "pc"),
        (
            (*X264, "-vf", "scale=out_color_matrix=bt709:out_range=pc,setparams=range=pc:colorspace=bt709"),
            "bt709",
            "pc",
        ),
        ((*X264, "-vf", "scale=out_color_matrix=smpte240m,setparams=colorspace=smpte240m"), "smpte240m", "tv"),
        ((*X264, "-vf", "scale=out_color_matrix=bt2020,setparams=colorspace=bt2020nc"), "bt2020", "tv"),
        ((*X264, "-vf", "scale=out_color_matrix=fcc,setparams=colorspace=fcc"), "fcc", "tv"),
        (("-c:v", "mjpeg", "-q:v", "1", "-pix_fmt", "yuvj420p"), "bt601", "pc"),
        (("-c:v", "mjpeg", "-q:v", "1", "-pix_fmt", "yuvj444p"), "bt601", "pc"),
        (("-c:v", "png"), None, "pc"),
        (("-c:v", "prores_ks", "-vf", "scale=out_color_matrix=bt601:out_range=tv"), "bt601", "tv"),
        ((*X265, "lossless=1:log-level=none", "-pix_fmt", "yuv420p10le"), "bt601", "tv"),
    ],
    ids=[
        "bt601",
        "bt709",
        "full range",
        "bt709, full range",
        "smpte240m",
        "bt2020",
        "fcc",
        "jpeg 4:2:0",
        "jpeg",
        "rgb",
        "10 bit 4:2:2",
        "10 bit",
    ],
)
def test_colours_arrive_as_they_were(
    options: tuple[str, ...], matrix: str | None, range_: str, make_clip: ClipMaker, conformed: Any, tmp_path: Path
) -> None:
    brand = (228, 87, 46)
    cv2.imwrite(str(tmp_path / "brand.png"), np.full((180, 320, 3), brand[::-1], np.uint8))
    found = conformed(make_clip("a.mov", "-loop", "1", "-t", "0.1", "-i", tmp_path / "brand.png", *options))
    assert found.info.matrix == matrix
    assert found.info.full_range is (range_ == "pc")
    assert np.abs(found.middle[100, 200] - brand).max() <= 4


def light_levels(video: Path) -> set[SideDataType]:
    with av.open(str(video)) as container:
        carried: Any = next(container.decode(video=0)).side_data
        told = {SideDataType.MASTERING_DISPLAY_METADATA, SideDataType.CONTENT_LIGHT_LEVEL}
        return {data.type for data in carried} & told


def test_nothing_of_the_sources_light_levels_remains(make_clip: ClipMaker, conformed: Any, tmp_path: Path) -> None:
    levels = "master-display=G(1,1)B(1,1)R(1,1)WP(1,1)L(10,1):max-cll=100,50:log-level=none"
    source = make_clip("a.mp4", *moving(), *X265, levels, "-pix_fmt", "yuv420p")
    conformed(source)
    assert len(light_levels(source)) == 2
    assert not light_levels(tmp_path / "a.mp4")


@pytest.mark.parametrize(
    ("transfer", "code", "luma"),
    [("smpte2084", 0.5807, 0.85), ("smpte2084", 0.40, 0.465), ("arib-std-b67", 0.75, 0.85)],
    ids=["PQ white", "PQ middle grey", "HLG white"],
)
def test_hdr_is_tone_mapped(transfer: str, code: float, luma: float, make_clip: ClipMaker, conformed: Any) -> None:
    grey = f"format=yuv420p10le,geq=lum={round(64 + 876 * code)}:cb=512:cr=512"
    tags = f"colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc"
    source = make_clip(
        "a.mp4", "-f", "lavfi", "-i", f"color=s=320x180:r=30:d=0.1,{grey}", *X265, f"{tags}:log-level=none"
    )
    found = conformed(source)
    assert found.info.hdr
    assert found.info.bit_depth == 10
    assert found.middle.mean() / 255 == pytest.approx(luma, abs=0.02)


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.mov", ("-c:v", "qtrle")),
        ("a.webm", ("-c:v", "libvpx-vp9", "-cpu-used", "8", "-deadline", "realtime")),
        ("a.mov", ("-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le")),
    ],
    ids=["qtrle", "vp9", "prores"],
)
def test_colours_hidden_under_transparency_stay_hidden(
    name: str, codec: tuple[str, ...], make_clip: ClipMaker, conformed: Any
) -> None:
    # Left half opaque red, right half transparent green.
    pixels = "format=rgba,pad=320:180:0:0:color=0x00ff0000" + (",format=yuva420p" if name == "a.webm" else "")
    source = make_clip(name, "-f", "lavfi", "-i", f"color=red:s=160x180:d=0.2:r=30,{pixels}", *codec)
    found = conformed(source)
    assert found.info.has_alpha
    assert found.middle[:, 202:].max() <= 12
    assert np.abs(found.middle[:, :180] - (255, 0, 0)).max() <= 12


def test_the_backdrop_shows_through_transparency(make_clip: ClipMaker, conformed: Any) -> None:
    pixels = "format=rgba,pad=90:180:0:0:color=0x00ff0000"
    found = conformed(
        make_clip("a.mov", "-f", "lavfi", "-i", f"color=red:s=90x90:d=0.1:r=30,{pixels}", "-c:v", "qtrle"), Fit.BLUR
    )
    picture = found.middle
    assert np.abs(picture[50, 192] - (255, 0, 0)).max() <= 8
    assert 20 < picture[112, 192, 0] < 200
    assert picture[112, 192, 1] < 20
    assert picture[50, 30, 0] > 100


def test_turned_clips_stand_upright(make_clip: ClipMaker, conformed: Any, tmp_path: Path) -> None:
    lying = make_clip("a.mp4", "-f", "lavfi", "-i", "color=red:s=160x180:d=0.2,pad=320:180:color=blue", *X264)
    found = conformed(make_clip("b.mp4", "-display_rotation", "90", "-i", lying, "-c", "copy"))
    assert (found.info.width, found.info.height, found.info.rotation) == (180, 320, 90)
    assert found.middle[:, :120].max() <= 8
    assert np.abs(found.middle[20, 192] - (0, 0, 255)).max() <= 8
    assert np.abs(found.middle[200, 192] - (255, 0, 0)).max() <= 8


def test_pixels_that_are_not_square_are_made_so(make_clip: ClipMaker, conformed: Any) -> None:
    found = conformed(make_clip("a.mp4", "-f", "lavfi", "-i", "color=white:s=240x180:d=0.1:r=30,setsar=4/3", *X264))
    assert (found.info.width, found.info.coded_width) == (320, 240)
    assert found.middle.min() > 240


def test_odd_sizes_fit(make_clip: ClipMaker, conformed: Any) -> None:
    white = "color=white:s=321x181:d=0.1:r=30,format=yuv444p"
    found = conformed(make_clip("a.mp4", "-f", "lavfi", "-i", white, "-c:v", "libx264", "-pix_fmt", "yuv444p"))
    assert (found.info.width, found.info.height) == (321, 181)
    assert found.middle.min() > 240


def test_interlaced_pictures_are_combed_out(make_clip: ClipMaker, conformed: Any) -> None:
    bar = "color=black:s=384x216:r=50:d=0.4[b];color=white:s=40x216:r=50:d=0.4[w];[b][w]overlay=x=40+t*500"
    fields = "tinterlace=mode=interleave_top,setfield=tff"
    found = conformed(
        make_clip(
            "a.mpg",
            *("-f", "lavfi", "-i", f"{bar},{fields}", "-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-q:v", "2"),
        )
    )
    assert found.info.interlaced
    luma = found.middle[..., 1]
    assert np.abs(luma[2:-2:2] - luma[1:-3:2]).mean() < 2


def test_a_cover_picture_is_not_the_clip(make_clip: ClipMaker, spoken: Path, conformed: Any, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "cover.png"), np.full((600, 600, 3), 200, np.uint8))
    both = ("-i", spoken, "-i", tmp_path / "cover.png", "-map", "0", "-map", "1", "-c", "copy")
    covered = make_clip("a.mp4", *both, "-disposition:v:1", "attached_pic")
    covered.write_bytes(cover_first(covered.read_bytes()))
    with av.open(str(covered)) as container:
        assert container.streams[0].disposition & 1024, "the cover should come first"
    found = conformed(covered)
    assert (found.info.width, found.info.frames, found.info.video_stream_index) == (320, 24, 1)


def cover_first(mp4: bytes) -> bytes:
    """Moves the ``udta`` box, which holds the cover, to the start of ``moov``; the media data lie before it and stay put."""
    at = mp4.rindex(b"moov") - 4
    moov, kept, user = mp4[at + 8 :], b"", b""
    while moov:
        size = int.from_bytes(moov[:4], "big")
        user, kept = (moov[:size], kept) if moov[4:8] == b"udta" else (user, kept + moov[:size])
        moov = moov[size:]
    return mp4[: at + 8] + user + kept


@pytest.mark.parametrize("fit", [Fit.PAD, Fit.COVER, Fit.BLUR])
def test_a_tall_clip_is_fitted(fit: Fit, make_clip: ClipMaker, conformed: Any) -> None:
    source = make_clip("a.mp4", "-f", "lavfi", "-i", "color=0xc0c0c0:s=180x320:d=0.1:r=30", *X264)
    picture = conformed(source, fit).middle[..., 1]
    sides = picture[:, [10, 370]]
    assert np.abs(picture[:, 192] - 192).max() <= 3
    if fit is Fit.PAD:
        assert sides.max() <= 2
    elif fit is Fit.COVER:
        assert np.abs(sides - 192).max() <= 3
    else:
        assert 80 < sides.min() <= sides.max() < 150
