"""Clips that change on the way: whole recordings put together, or one that changes its picture or sound."""

from __future__ import annotations

import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import pytest

from adreel.domain.errors import ClipError
from adreel.domain.films.film import Fit
from adreel.domain.films.formats import SAMPLES_PER_FRAME, FrameSize
from adreel.media.clips.conform import conform
from adreel.media.clips.examine import ClipExaminer
from support.pictures import ClipMaker

SIZE = FrameSize(320, 180)
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
VP8 = ("-c:v", "libvpx", "-pix_fmt", "yuv420p", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "1M")


def color(name: str, size: str = "320x180", seconds: float = 0.6) -> tuple[str, ...]:
    """A colour with a moving square, so that it does not stand still."""
    timing = f"r=30:d={seconds}"
    square = f"color=white:s=20x20:{timing}[square];[back][square]overlay=x=4*n:y=4:shortest=1"
    return "-f", "lavfi", "-i", f"color={name}:s={size}:{timing}[back];{square}"


def tone(hertz: int, rate: int = 48_000, seconds: float = 0.6) -> tuple[str, ...]:
    return "-f", "lavfi", "-i", f"sine=f={hertz}:r={rate}:d={seconds}"


@dataclass(frozen=True)
class Made:
    """The frames' mean colours, and the louder of 440 and 880 Hz in each tenth of a second."""

    colors: list[npt.NDArray[np.float64]]
    pictures: list[npt.NDArray[np.uint8]]
    tones: list[int]
    changed: bool

    @property
    def reds(self) -> list[bool]:
        return [bool(color[0] > color[2]) for color in self.colors]


@pytest.fixture
def made(ffmpeg: Path, tmp_path: Path) -> Callable[[Path], Made]:
    """Examines and conforms a clip; checks that picture and sound have its whole length."""

    def work(path: Path) -> Made:
        examiner = ClipExaminer(tmp_path / "examined", ffmpeg)
        clip = examiner.examine(path, "clip_01", lambda: None)
        assert clip.source is not None
        info = examiner.info(clip.source)
        video, sound = tmp_path / "a.mp4", tmp_path / "a.wav"
        out_sound = sound if info.has_audio else None
        conform(clip.source, info, video, out_sound, size=SIZE, frames=clip.frames, fit=Fit.PAD, ffmpeg=ffmpeg)
        with av.open(str(video)) as container:
            pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        assert len(pictures) == clip.frames
        tones = louder(sound, clip.frames) if info.has_audio else []
        colors = [picture.mean((0, 1)) for picture in pictures]
        return Made(colors, pictures, tones, clip.source != path)  # pyright: ignore[reportArgumentType]

    return work


def louder(sound: Path, frames: int) -> list[int]:
    with wave.open(str(sound)) as file:
        assert file.getnframes() == frames * SAMPLES_PER_FRAME
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16).reshape(-1, 2)[:, 0]
    parts = samples[: len(samples) // 4800 * 4800].reshape(-1, 4800).astype(float)
    spectra = np.abs(np.fft.rfft(parts * np.hanning(4800)))
    return [440 if spectrum[44] > spectrum[88] else 880 for spectrum in spectra]


@pytest.fixture(scope="module")
def recordings(make_clip: ClipMaker) -> tuple[Path, Path]:
    """Two transport streams of 0.6 s: red with 440 Hz, blue with 880 Hz."""
    red = make_clip("red.ts", *color("red"), *tone(440), *X264, "-c:a", "aac")
    return red, make_clip("blue.ts", *color("blue"), *tone(880), *X264, "-c:a", "aac")


@pytest.fixture
def joined(tmp_path: Path) -> Callable[..., Path]:
    def join(name: str, *parts: Path | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(b"".join(part if isinstance(part, bytes) else part.read_bytes() for part in parts))
        return path

    return join


@pytest.fixture
def concatenated(make_clip: ClipMaker, tmp_path: Path) -> Callable[..., Path]:
    """Without encoding again, by timestamps that go on."""

    def join(name: str, *parts: Path) -> Path:
        listing = tmp_path / "list.txt"
        listing.write_text("".join(f"file '{part}'\n" for part in parts))
        return make_clip(name, "-f", "concat", "-safe", "0", "-i", listing, "-c", "copy")

    return join


def test_transport_streams_joined_byte_by_byte(
    recordings: tuple[Path, Path], joined: Callable[..., Path], made: Callable[[Path], Made]
) -> None:
    found = made(joined("joined.ts", *recordings))
    assert found.reds == [True] * 18 + [False] * 18
    assert found.tones == [440] * 6 + [880] * 6


def test_pieces_of_one_recording_are_joined_where_their_timestamps_go_on(
    make_clip: ClipMaker, joined: Callable[..., Path], made: Callable[[Path], Made]
) -> None:
    cut = ("-g", "15", "-f", "segment", "-segment_time", "0.5", "-segment_format", "mpegts")
    first = make_clip("%d.ts", *color("red", seconds=1.0), *X264, *cut)
    found = made(joined("joined.ts", first.with_name("0.ts"), first.with_name("1.ts")))
    assert found.reds == [True] * 30


def test_lost_packets_are_damage(
    recordings: tuple[Path, Path], joined: Callable[..., Path], made: Callable[[Path], Made]
) -> None:
    whole = recordings[0].read_bytes()
    half = len(whole) // 188 // 2 * 188
    with pytest.raises(ClipError, match=r"lost\.ts is damaged"):
        made(joined("lost.ts", whole[:half], whole[half + 3 * 188 :]))


X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-x265-params")
MIDWAY = {
    "HEVC": (*X265, "log-level=none:open-gop=1:keyint=10:bframes=3"),
    "H.264": (*X264, "-g", "10"),
}


@pytest.mark.parametrize("codec", MIDWAY)
def test_a_recording_that_begins_between_key_pictures(
    codec: str, make_clip: ClipMaker, joined: Callable[..., Path], made: Callable[[Path], Made]
) -> None:
    whole = make_clip("whole.ts", *color("red", seconds=1.2), *MIDWAY[codec])
    found = made(joined("mid.ts", whole.read_bytes()[between_key_pictures(whole) :]))
    assert found.changed
    assert len(found.pictures) == 16, "from the next key picture on"
    assert all(found.reds)


def test_a_transparent_recording_that_begins_between_key_pictures_is_refused_by_name(
    make_clip: ClipMaker, joined: Callable[..., Path], made: Callable[[Path], Made]
) -> None:
    """FFmpeg crashes on HEVC whose alpha layer comes in a transport stream, and ignores the layer in MP4."""
    coded = ("-vf", "format=yuva420p,colorchannelmixer=aa=0.5", *X265)
    coded = tuple("yuva420p" if each == "yuv420p" else each for each in coded)
    background = ("-f", "lavfi", "-i", "testsrc2=s=320x180:r=30:d=1.2")
    whole = make_clip("whole.ts", *background, *coded, "log-level=none:open-gop=1:keyint=10:bframes=3")
    middle = joined("mid.ts", whole.read_bytes()[between_key_pictures(whole) :])
    for clip in (whole, middle):
        with pytest.raises(ClipError, match=rf"{clip.name} cannot be decoded .*export it again") as error:
            made(clip)
        assert "damaged" not in str(error.value)


def between_key_pictures(clip: Path) -> int:
    """The offset of the packet halfway between the second key picture and the third."""
    with av.open(str(clip)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.pos is not None]
    second, third = [index for index, packet in enumerate(packets) if packet.is_keyframe][1:3]
    return packets[(second + third) // 2].pos or 0


@pytest.mark.parametrize("name", ["joined.webm", "joined.flv"])
def test_recordings_that_cannot_be_joined_are_named(
    name: str, make_clip: ClipMaker, joined: Callable[..., Path], made: Callable[[Path], Made]
) -> None:
    part = make_clip(name, *color("red"), *(VP8 if name.endswith("webm") else X264))
    with pytest.raises(ClipError, match=r"joined.* is several recordings in one file.*give them one by one") as error:
        made(joined(name, part, part))
    assert "damaged" not in str(error.value)


@pytest.mark.parametrize("sizes", [("320x180", "160x90"), ("160x90", "320x180")])
def test_a_picture_that_changes_its_size(
    sizes: tuple[str, str], make_clip: ClipMaker, concatenated: Callable[..., Path], made: Callable[[Path], Made]
) -> None:
    parts = [make_clip("a.webm", *color(name, size), *VP8) for name, size in zip(("red", "blue"), sizes, strict=True)]
    found = made(concatenated("call.webm", *parts))
    assert found.reds == [True] * 18 + [False] * 18
    assert all(color.max() > 100 for color in found.colors), "each picture fills the frame"


def test_a_turned_picture_stays_whole(
    make_clip: ClipMaker, concatenated: Callable[..., Path], made: Callable[[Path], Made]
) -> None:
    wide, tall = make_clip("a.webm", *color("red"), *VP8), make_clip("b.webm", *color("blue", "180x320"), *VP8)
    found = made(concatenated("turned.webm", wide, tall))
    last = found.pictures[-1].astype(int)
    assert (len(found.pictures), last[90, 160, 2] > 200) == (36, True)
    assert last[:, :100].max() < 16
    assert last[:, 220:].max() < 16


def test_pixels_that_change_their_format(
    make_clip: ClipMaker, concatenated: Callable[..., Path], made: Callable[[Path], Made]
) -> None:
    first = make_clip("a.mkv", *color("red"), *X264)
    second = make_clip("b.mkv", *color("blue"), *X264[:-1], "yuv444p")
    assert made(concatenated("both.mkv", first, second)).reds == [True] * 18 + [False] * 18


@pytest.mark.parametrize(
    ("codec", "rates", "channels"),
    [
        (("-c:a", "libmp3lame"), (48_000, 48_000), (2, 1)),
        (("-c:a", "libmp3lame"), (48_000, 24_000), (1, 1)),
        (("-c:a", "ac3"), (48_000, 48_000), (2, 6)),
    ],
    ids=["layout", "rate", "stereo to 5.1"],
)
def test_sound_that_changes_its_format(
    codec: tuple[str, ...],
    rates: tuple[int, int],
    channels: tuple[int, int],
    make_clip: ClipMaker,
    concatenated: Callable[..., Path],
    made: Callable[[Path], Made],
) -> None:
    parts = [
        make_clip("a.mkv", *color(name), *tone(hertz, rate), *X264, *codec, "-ac", str(count))
        for name, hertz, rate, count in zip(("red", "blue"), (440, 880), rates, channels, strict=True)
    ]
    found = made(concatenated("both.mkv", *parts))
    assert found.changed
    assert abs(found.reds.count(True) - 18) <= 2
    assert found.tones[:6] == [440] * 6
    assert found.tones[7:12] == [880] * 5


def test_channels_that_no_stereo_can_be_made_of_are_named(make_clip: ClipMaker, made: Callable[[Path], Made]) -> None:
    silence = ("-f", "lavfi", "-i", "anullsrc=r=48000:d=0.6:cl=BL+BR")
    clip = make_clip("odd.mov", *color("red"), *silence, *X264, "-c:a", "pcm_s16le")
    with pytest.raises(ClipError, match=r"odd\.mov has sound in channels that no stereo can be made of"):
        made(clip)


def test_a_rewritten_clip_is_made_once_and_deleted_with_its_verdict(
    recordings: tuple[Path, Path], joined: Callable[..., Path], made: Callable[[Path], Made], tmp_path: Path
) -> None:
    path = joined("joined.ts", *recordings)
    made(path)
    (copy,) = (tmp_path / "examined").glob("*.ts")
    before = copy.stat().st_ino
    made(path)
    assert copy.stat().st_ino == before
    assert {file.suffix for file in (tmp_path / "examined").iterdir()} == {".ts", ".json"}


PLACEHOLDERS = {
    "no length": {"RIFF": 0, "movi": 0},
    "largest lengths": {"RIFF": 2**32 - 1, "movi": 2**32 - 1},
    "too large": {"RIFF": 10**6},
    "too small": {"RIFF": 4096, "movi": 2000},
}


@pytest.fixture(scope="module")
def avi(make_clip: ClipMaker) -> bytes:
    flash = "color=black:s=320x180:r=25:d=1,drawbox=enable='gte(t,0.4999)':color=white:t=fill"
    beep = "sine=f=440:d=0.5,adelay=500"
    coded = ("-c:v", "mpeg4", "-bf", "2", "-vtag", "XVID", "-q:v", "3", "-c:a", "pcm_s16le")
    return make_clip("a.avi", "-f", "lavfi", "-i", flash, "-f", "lavfi", "-i", beep, *coded).read_bytes()


@pytest.mark.parametrize("name", PLACEHOLDERS)
@pytest.mark.parametrize("has_index", [True, False])
def test_avi_lengths_are_believed_as_far_as_the_file_bears_them_out(
    name: str, has_index: bool, avi: bytes, joined: Callable[..., Path], made: Callable[[Path], Made]
) -> None:
    content = bytearray(avi if has_index else avi[: avi.rindex(b"idx1")])
    for place, length in PLACEHOLDERS[name].items():
        at = 4 if place == "RIFF" else avi.index(b"movi") - 4
        content[at : at + 4] = length.to_bytes(4, "little")
    assert len(made(joined("a.avi", bytes(content))).pictures) == 30


def test_reordered_pictures_of_an_avi_stay_with_their_sound(
    avi: bytes, joined: Callable[..., Path], made: Callable[[Path], Made]
) -> None:
    """Xvid delays pictures by one for those that refer to later ones; AVI says nothing of it."""
    found = made(joined("a.avi", avi))
    white = next(index for index, color in enumerate(found.colors) if color.mean() > 128) / 30
    assert white == pytest.approx(0.52, abs=0.04)
    with wave.open(str(joined("a.avi").parent / "a.wav")) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)[::2]
    assert np.flatnonzero(np.abs(samples) > 1000)[0] / 48_000 == pytest.approx(0.5, abs=0.01)


def test_an_avi_without_its_end_is_cut_short(
    avi: bytes, joined: Callable[..., Path], made: Callable[[Path], Made]
) -> None:
    between = avi.index(b"00dc", len(avi) // 2)
    with pytest.raises(ClipError, match=r"a\.avi is cut short"):
        made(joined("a.avi", avi[:between]))
